"""Files of a library damaged at random, and how it takes that.

What is derived must be noticed, made again and said so, with the same answers. Of the database
it must be said that it is damaged, by any command or by `quoth verify`; a quote that is not in
its file must never pass for verified.
"""

import logging
import random
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from evaluation.durability import contents
from evaluation.durability.children import checked
from evaluation.durability.findings import Finding
from evaluation.durability.models import TrialLibrary
from rag.errors import QuothError
from vector_store.database import FILE

_PAGE = 4096
_Damage = Callable[[Path, Path, random.Random], None]
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
    at = chance.randrange(min(len(data), len(foreign)) // _PAGE) * _PAGE
    data[at : at + _PAGE] = foreign[at : at + _PAGE]
    path.write_bytes(data)


def _clear_page(path: Path, other: Path, chance: random.Random) -> None:
    data = bytearray(path.read_bytes())
    at = chance.randrange(len(data) // _PAGE) * _PAGE
    data[at : at + _PAGE] = bytes(_PAGE)
    path.write_bytes(data)


def _leave_log(path: Path, other: Path, chance: random.Random) -> None:
    foreign = other.read_bytes()
    path.with_name(f"{path.name}-wal").write_bytes(foreign[: chance.randrange(len(foreign))])


_OF_DERIVED: dict[str, _Damage] = {
    "flipped": _flip, "overwritten": _overwrite, "cut": _cut, "lengthened": _lengthen,
    "swapped": _swap, "removed": _remove,
}  # fmt: skip
_OF_DATABASE: dict[str, _Damage] = {
    "byte flipped": _flip, "overwritten": _overwrite, "cut": _cut, "page of another": _swap_page,
    "page cleared": _clear_page, "a log that is not its": _leave_log,
}  # fmt: skip


def _damaged(damage: _Damage, path: Path, other: Path, chance: random.Random) -> bool:
    """Damage a file; tell whether that changed anything."""
    before = path.read_bytes(), len(list(path.parent.iterdir()))
    damage(path, other, chance)
    return not path.exists() or before != (path.read_bytes(), len(list(path.parent.iterdir())))


@dataclass(frozen=True, slots=True)
class _Pristine:
    """A library that is whole, its files, another library, and the answers it gives."""

    folder: Path
    other: Path
    answers: list[dict[str, Any]]

    def copied(self, to: Path) -> Path:
        """Return a fresh copy of the library."""
        shutil.rmtree(to, ignore_errors=True)
        shutil.copytree(self.folder, to)
        return to


def _pristine(scratch: Path, chance: random.Random) -> _Pristine:
    for name in ("one", "other"):
        docs = scratch / f"{name} docs"
        docs.mkdir()
        for number in range(10):
            text = contents.text_of(chance)
            (docs / f"{number}.md").write_text(text, encoding="utf-8")
        with TrialLibrary.at(scratch / name) as library:
            library.add(docs)
    with TrialLibrary.at(scratch / "one") as library:
        return _Pristine(scratch / "one", scratch / "other", contents.answers(library))


def damage_derived(scratch: Path, count: int, seed: int) -> list[Finding]:
    """Damage `count` files of saved indexes; return what came of each."""
    chance = random.Random(seed)
    pristine = _pristine(scratch, chance)
    [snapshot] = (pristine.folder / "snapshots").iterdir()
    [foreign] = (pristine.other / "snapshots").iterdir()
    names = sorted(p.relative_to(snapshot) for p in snapshot.rglob("*") if p.is_file())
    names = [name for name in names if (snapshot / name).stat().st_size]
    kinds = {
        suffix: [n for n in names if n.suffix == suffix] for suffix in {n.suffix for n in names}
    }
    theirs = {path.suffix: path for path in sorted(foreign.rglob("*")) if path.is_file()}
    findings: list[Finding] = []
    while len(findings) < count:
        folder = pristine.copied(scratch / "damaged")
        name = chance.choice(kinds[chance.choice(sorted(kinds))])
        how = chance.choice(sorted(_OF_DERIVED))
        same = foreign / name
        other = same if same.exists() else theirs[name.suffix]
        if not _damaged(
            _OF_DERIVED[how], folder / "snapshots" / snapshot.name / name, other, chance
        ):
            continue
        what = f"{how}: {name.parent.name or 'manifest'}"
        findings.append(_finding(what, checked(use_derived, folder), pristine.answers))
    return findings


def _finding(what: str, ended: Any, expected: list[dict[str, Any]]) -> Finding:
    if ended.fault:
        return Finding(what, "the process died", ended.fault)
    used: _Used = ended.result
    if used.error:
        return Finding(what, "an error", used.error)
    if used.answers != expected:
        return Finding(what, "answers differ", "the answers are others than before")
    if used.told_later:
        return Finding(what, "not mended", "; ".join(used.told_later))
    if len(used.told) != 1 or "\n" in used.told[0]:
        return Finding(what, "not said in one line", f"said: {used.told}")
    return Finding(what, "noticed, made again, answers equal")


@dataclass(frozen=True, slots=True)
class _Used:
    """What a library did that was used with damaged files beside it."""

    answers: list[dict[str, Any]]
    told: list[str]
    told_later: list[str]
    """What it still complained of after a writer had been there."""
    error: str = ""


def use_derived(folder: Path) -> _Used:
    """Ask a library whose saved indexes are damaged, let a writer in, and ask again."""
    told: list[str] = []
    told_later: list[str] = []
    try:
        with _listening(told), TrialLibrary.at(folder) as library:
            found = contents.answers(library)
            with library.store.writer():
                pass
        with _listening(told_later), TrialLibrary.at(folder) as library:
            again = contents.answers(library)
    except Exception as error:  # noqa: BLE001 (whatever it is, it is what this looks for)
        return _Used([], told, told_later, f"{type(error).__name__}: {error}")
    return _Used(found if found == again else again, told, told_later)


class _listening(logging.Handler):
    """Gathers what is logged, while in a `with` statement."""

    def __init__(self, told: list[str]) -> None:
        super().__init__(logging.WARNING)
        self._told = told

    def emit(self, record: logging.LogRecord) -> None:
        self._told.append(record.getMessage())

    def __enter__(self) -> "_listening":
        logging.getLogger("quoth").addHandler(self)
        return self

    def __exit__(self, *error: object) -> None:
        logging.getLogger("quoth").removeHandler(self)


def damage_database(scratch: Path, count: int, seed: int) -> list[Finding]:
    """Damage the database `count` times; return what came of each."""
    chance = random.Random(seed)
    pristine = _pristine(scratch, chance)
    rows = contents.rows(pristine.folder)
    findings: list[Finding] = []
    while len(findings) < count:
        folder = pristine.copied(scratch / "damaged")
        how = chance.choice(sorted(_OF_DATABASE))
        if not _damaged(_OF_DATABASE[how], folder / FILE, pristine.other / FILE, chance):
            continue
        if chance.random() < 0.5:  # what is derived is then made of what is damaged
            shutil.rmtree(folder / "snapshots")
        ended = checked(use_database, folder, pristine.answers, rows)
        if ended.fault:
            findings.append(Finding(how, "the process died", ended.fault))
        else:
            outcome, fault = ended.result
            findings.append(Finding(how, outcome, fault))
    return findings


def use_database(
    folder: Path, expected: list[dict[str, Any]], rows: dict[str, list[tuple[Any, ...]]]
) -> tuple[str, str]:
    """Use a library whose database is damaged; return what came of it and what is wrong with that.

    Nothing is for a library that says so or is no worse for it.
    """
    try:
        with TrialLibrary.at(folder) as library:
            refused = False
            try:
                found = contents.answers(library)
                library.status()
            except QuothError:
                refused = True
            try:
                problems = library.verify().problems
            except QuothError:
                return "refused, by verify too" if refused else "noticed by verify", ""
            if refused:
                return "refused", "" if problems else "refused, but verify finds nothing"
            if problems:
                return "noticed by verify", ""
            if not all(map(_is_quoted, found)):
                return "a wrong quote", "verified, and not what the file says"
            if found != expected:
                return "answers differ", "verified, and not the same answers"
            if contents.rows(folder) != rows:
                return "not noticed", "verified, and not what was kept"
            return "no worse for it", ""
    except QuothError:
        return "refused at opening", ""
    except Exception as error:  # noqa: BLE001 (whatever it is, it is what this looks for)
        return "an error", f"{type(error).__name__}: {error}"


def _is_quoted(answer: dict[str, Any]) -> bool:
    """Tell whether every passage stands in its file, where its citation says."""
    for passage in answer["passages"]:
        citation = passage["citation"]
        path = Path(citation.get("path", citation["document"]))
        if not path.is_file():
            return False
        text = path.read_text(encoding="utf-8")
        if text[citation["start"] : citation["end"]] != passage["text"]:
            return False
    return True
