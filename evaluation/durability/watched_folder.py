"""A folder of files that change at random, which a library indexes."""

import random
import shutil
from pathlib import Path

from evaluation.durability import fixtures

FILES = 14
WRITES = ("add", "replace", "vanish", "move", "copy", "remove", "switch", "rebuild")
"""Changes to the folder, or to the library that indexes it."""


class WatchedFolder:
    """Files that are added, changed, moved, copied and removed at random."""

    def __init__(self, docs: Path, rng: random.Random) -> None:
        """Create the folder `docs` with some files."""
        self.docs = docs
        self.texts: dict[str, str] = {}
        """The texts of all files there have ever been, by digest."""
        self._rng = rng
        docs.mkdir(parents=True)
        for number in range(FILES // 2):
            self.put(docs / f"{number}.md")

    def put(self, path: Path) -> None:
        """Write a file with a unique text."""
        text = fixtures.random_text(self._rng)
        self.texts[fixtures.digest(text)] = text
        path.write_text(text, encoding="utf-8")

    def change(self, what: str, library: Path) -> list[str]:
        """Change the folder as one of WRITES; return paths to remove from the library."""
        rng, files = self._rng, sorted(self.docs.iterdir())
        sample = rng.sample(files, min(len(files), rng.randrange(1, 6)))
        if what in ("add", "rebuild") or not files:
            for _ in range(rng.randrange(1, FILES)):
                self.put(self.docs / f"{rng.getrandbits(32):x}.md")
        if what == "rebuild":
            shutil.rmtree(library / "snapshots", ignore_errors=True)
        for path in sample:
            new = self.docs / f"{rng.getrandbits(32):x}.md"
            if what == "replace":
                self.put(path)
            elif what == "vanish" and len(files) > 2 * len(sample):
                path.unlink()
            elif what == "move":
                path.rename(new)
            elif what == "copy":
                shutil.copyfile(path, new)
        return [str(path) for path in sample]
