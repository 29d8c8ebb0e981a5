"""A folder of files that change, as a library follows it."""

import random
import shutil
from pathlib import Path

from evaluation.durability import fixtures

FILES = 14
WRITES = ("add", "replace", "vanish", "move", "copy", "remove", "switch", "rebuild")
"""What may happen to the folder, or to the library that follows it."""


class Followed:
    """Files that are added, altered, moved, copied and removed at random."""

    def __init__(self, docs: Path, chance: random.Random) -> None:
        """Make the folder `docs` with some files."""
        self.docs = docs
        self.texts: dict[str, str] = {}
        """Of all files there ever were, by digest."""
        self._chance = chance
        docs.mkdir(parents=True)
        for number in range(FILES // 2):
            self.put(docs / f"{number}.md")

    def put(self, path: Path) -> None:
        """Write a file that no other is like."""
        text = fixtures.text_of(self._chance)
        self.texts[fixtures.digest(text)] = text
        path.write_text(text, encoding="utf-8")

    def change(self, what: str, library: Path) -> list[str]:
        """Change the folder as `what` says; return paths to be removed from the library."""
        chance, files = self._chance, sorted(self.docs.iterdir())
        some = chance.sample(files, min(len(files), chance.randrange(1, 6)))
        if what in ("add", "rebuild") or not files:
            for _ in range(chance.randrange(1, FILES)):
                self.put(self.docs / f"{chance.getrandbits(32):x}.md")
        if what == "rebuild":
            shutil.rmtree(library / "snapshots", ignore_errors=True)
        for path in some:
            new = self.docs / f"{chance.getrandbits(32):x}.md"
            if what == "replace":
                self.put(path)
            elif what == "vanish" and len(files) > 2 * len(some):
                path.unlink()
            elif what == "move":
                path.rename(new)
            elif what == "copy":
                shutil.copyfile(path, new)
        return [str(path) for path in some]
