"""Libraries to be damaged, and ways to damage a file."""

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
"""Damages a file; the second path is that of another library's of the same kind."""


def _flip(path: Path, other: Path, chance: random.Random) -> None:
    data = bytearray(path.read_bytes())
    data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    path.write_bytes(data)


def _overwrite(path: Path, other: Path, chance: random.Random) -> None:
    data = bytearray(path.read_bytes())
    at = chance.randrange(len(data))
    data[at : at + chance.choice((4, 64, 512))] = chance.randbytes(min(len(data) - at, 64))
    path.write_bytes(data)


def _cut(path: Path, other: Path, chance: random.Random) -> None:
    data = path.read_bytes()
    path.write_bytes(data[: chance.randrange(len(data))])


def _lengthen(path: Path, other: Path, chance: random.Random) -> None:
    path.write_bytes(path.read_bytes() + chance.randbytes(chance.choice((1, 64, 4096))))


def _swap(path: Path, other: Path, chance: random.Random) -> None:
    shutil.copyfile(other, path)


def _remove(path: Path, other: Path, chance: random.Random) -> None:
    path.unlink()


def _swap_page(path: Path, other: Path, chance: random.Random) -> None:
    data, foreign = bytearray(path.read_bytes()), other.read_bytes()
    at = chance.randrange(min(len(data), len(foreign)) // PAGE) * PAGE
    data[at : at + PAGE] = foreign[at : at + PAGE]
    path.write_bytes(data)


def _clear_page(path: Path, other: Path, chance: random.Random) -> None:
    data = bytearray(path.read_bytes())
    at = chance.randrange(len(data) // PAGE) * PAGE
    data[at : at + PAGE] = bytes(PAGE)
    path.write_bytes(data)


def _leave_log(path: Path, other: Path, chance: random.Random) -> None:
    foreign = other.read_bytes()
    path.with_name(f"{path.name}-wal").write_bytes(foreign[: chance.randrange(len(foreign))])


OF_DERIVED: dict[str, Damage] = {
    "flipped": _flip, "overwritten": _overwrite, "cut": _cut, "lengthened": _lengthen,
    "swapped": _swap, "removed": _remove,
}  # fmt: skip
OF_DATABASE: dict[str, Damage] = {
    "byte flipped": _flip, "overwritten": _overwrite, "cut": _cut, "page of another": _swap_page,
    "page cleared": _clear_page, "a log that is not its": _leave_log,
}  # fmt: skip


def damaged(damage: Damage, path: Path, other: Path, chance: random.Random) -> bool:
    """Damage a file; tell whether that changed anything."""
    before = path.read_bytes(), len(list(path.parent.iterdir()))
    damage(path, other, chance)
    return not path.exists() or before != (path.read_bytes(), len(list(path.parent.iterdir())))


@dataclass(frozen=True, slots=True)
class Pristine:
    """A library that is whole, its files, another library, and the answers it gives."""

    folder: Path
    other: Path
    answers: list[Answer]

    def copied(self, to: Path) -> Path:
        """Return a fresh copy of the library."""
        shutil.rmtree(to, ignore_errors=True)
        shutil.copytree(self.folder, to)
        return to


def pristine(scratch: Path, chance: random.Random, *, documents: int = 10) -> Pristine:
    """Make a library of so many documents, with a copy, a file that cannot be read, and judgements.

    Another is made beside it, whose files take the place of its own.
    """
    for name in ("one", "other"):
        docs = scratch / f"{name} docs"
        docs.mkdir()
        for number in range(documents):
            text = fixtures.text_of(chance)
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
        return Pristine(scratch / "one", scratch / "other", fixtures.answers(library))
