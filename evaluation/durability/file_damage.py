"""Ways to damage a file, and intact libraries to damage."""

import random
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from evaluation.durability import fixtures
from evaluation.durability.models import TrialLibrary
from rag import Answer
from vector_store.sqlite.page_reader import PAGE

Damage = Callable[[Path, Path, random.Random], None]
"""Damages a file; the second path is the same kind of file from another library."""


def _flip(path: Path, other: Path, rng: random.Random) -> None:
    data = bytearray(path.read_bytes())
    data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
    path.write_bytes(data)


def _overwrite(path: Path, other: Path, rng: random.Random) -> None:
    data = bytearray(path.read_bytes())
    at = rng.randrange(len(data))
    data[at : at + rng.choice((4, 64, 512))] = rng.randbytes(min(len(data) - at, 64))
    path.write_bytes(data)


def _cut(path: Path, other: Path, rng: random.Random) -> None:
    data = path.read_bytes()
    path.write_bytes(data[: rng.randrange(len(data))])


def _lengthen(path: Path, other: Path, rng: random.Random) -> None:
    path.write_bytes(path.read_bytes() + rng.randbytes(rng.choice((1, 64, 4096))))


def _swap(path: Path, other: Path, rng: random.Random) -> None:
    shutil.copyfile(other, path)


def _remove(path: Path, other: Path, rng: random.Random) -> None:
    path.unlink()


def _swap_page(path: Path, other: Path, rng: random.Random) -> None:
    data, foreign = bytearray(path.read_bytes()), other.read_bytes()
    at = rng.randrange(min(len(data), len(foreign)) // PAGE) * PAGE
    data[at : at + PAGE] = foreign[at : at + PAGE]
    path.write_bytes(data)


def _clear_page(path: Path, other: Path, rng: random.Random) -> None:
    data = bytearray(path.read_bytes())
    at = rng.randrange(len(data) // PAGE) * PAGE
    data[at : at + PAGE] = bytes(PAGE)
    path.write_bytes(data)


def _leave_log(path: Path, other: Path, rng: random.Random) -> None:
    foreign = other.read_bytes()
    path.with_name(f"{path.name}-wal").write_bytes(foreign[: rng.randrange(len(foreign))])


DERIVED_DAMAGE: dict[str, Damage] = {
    "flipped": _flip, "overwritten": _overwrite, "cut": _cut, "lengthened": _lengthen,
    "swapped": _swap, "removed": _remove,
}  # fmt: skip
DATABASE_DAMAGE: dict[str, Damage] = {
    "byte flipped": _flip, "overwritten": _overwrite, "cut": _cut, "page of another": _swap_page,
    "page cleared": _clear_page, "a log that is not its": _leave_log,
}  # fmt: skip


def apply_damage(damage: Damage, path: Path, other: Path, rng: random.Random) -> bool:
    """Damage a file; return whether that changed anything."""
    before = path.read_bytes(), len(list(path.parent.iterdir()))
    damage(path, other, rng)
    return not path.exists() or before != (path.read_bytes(), len(list(path.parent.iterdir())))


@dataclass(frozen=True, slots=True)
class IntactLibrary:
    """The folder of an intact library, that of another, and the answers of the first."""

    folder: Path
    other: Path
    answers: list[Answer]

    def copy_to(self, to: Path) -> Path:
        """Copy the library to a folder, replacing what is there; return the folder."""
        shutil.rmtree(to, ignore_errors=True)
        shutil.copytree(self.folder, to)
        return to


def intact_library(scratch: Path, rng: random.Random, *, documents: int = 10) -> IntactLibrary:
    """Make a library with a duplicate document, an unreadable file and judgements.

    Another is made next to it, as a source of foreign files.
    """
    for name in ("one", "other"):
        docs = scratch / f"{name} docs"
        docs.mkdir()
        for number in range(documents):
            text = fixtures.random_text(rng)
            (docs / f"{number}.md").write_text(text, encoding="utf-8")
        shutil.copyfile(docs / "0.md", docs / "the same.md")
        (docs / "empty.md").touch()
        with TrialLibrary.at(scratch / name) as library:
            library.add(docs)
            for question in fixtures.QUESTIONS[:2]:
                [passage] = library.ask(question, k=1).passages
                library.judge(question, passage, answers=True)
            library.judge(fixtures.QUESTIONS[2], None, answers=False)
    with TrialLibrary.at(scratch / "one") as library:
        return IntactLibrary(scratch / "one", scratch / "other", fixtures.answers(library))
