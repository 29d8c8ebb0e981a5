"""Files of a library damaged at random, and how it takes that.

What is derived must be noticed, made again and said so, with the same answers. Of the database
it must be said that it is damaged, by any command or by `quoth verify`; a quote that is not in
its file must never pass for verified.
"""

import random
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from evaluation.durability import fixtures
from evaluation.durability.file_damage import OF_DATABASE, OF_DERIVED, damaged, pristine
from evaluation.durability.log_capture import listening
from evaluation.durability.models import TrialLibrary
from evaluation.durability.outcomes import Finding
from evaluation.durability.processes import checked
from rag import Answer
from rag.errors import QuothError
from vector_store.folder_names import DATABASE


def damage_derived(scratch: Path, count: int, seed: int) -> list[Finding]:
    """Damage `count` files of saved indexes; return what came of each."""
    chance = random.Random(seed)
    whole = pristine(scratch, chance)
    [snapshot] = (whole.folder / "snapshots").iterdir()
    [foreign] = (whole.other / "snapshots").iterdir()
    names = sorted(p.relative_to(snapshot) for p in snapshot.rglob("*") if p.is_file())
    names = [name for name in names if (snapshot / name).stat().st_size]
    kinds = {
        suffix: [n for n in names if n.suffix == suffix] for suffix in {n.suffix for n in names}
    }
    theirs = {path.suffix: path for path in sorted(foreign.rglob("*")) if path.is_file()}
    findings: list[Finding] = []
    while len(findings) < count:
        folder = whole.copied(scratch / "damaged")
        name = chance.choice(kinds[chance.choice(sorted(kinds))])
        how = chance.choice(sorted(OF_DERIVED))
        same = foreign / name
        other = same if same.exists() else theirs[name.suffix]
        if not damaged(OF_DERIVED[how], folder / "snapshots" / snapshot.name / name, other, chance):
            continue
        what = f"{how}: {name.parent.name or 'manifest'}"
        findings.append(_finding(what, checked(use_derived, folder), whole.answers))
    return findings


def _finding(what: str, ended: Any, expected: list[Answer]) -> Finding:
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

    answers: list[Answer]
    told: list[str]
    told_later: list[str]
    """What it still complained of after a writer had been there."""
    error: str = ""


def use_derived(folder: Path) -> _Used:
    """Ask a library whose saved indexes are damaged, let a writer in, and ask again."""
    told: list[str] = []
    told_later: list[str] = []
    try:
        with listening(told), TrialLibrary.at(folder) as library:
            found = fixtures.answers(library)
            with library.store.writer():
                pass
        with listening(told_later), TrialLibrary.at(folder) as library:
            again = fixtures.answers(library)
    except Exception as error:  # noqa: BLE001 (whatever it is, it is what this looks for)
        return _Used([], told, told_later, f"{type(error).__name__}: {error}")
    return _Used(found if found == again else again, told, told_later)


def damage_database(scratch: Path, count: int, seed: int) -> list[Finding]:
    """Damage the database `count` times; return what came of each."""
    chance = random.Random(seed)
    whole = pristine(scratch, chance)
    rows = fixtures.rows(whole.folder)
    findings: list[Finding] = []
    while len(findings) < count:
        folder = whole.copied(scratch / "damaged")
        how = chance.choice(sorted(OF_DATABASE))
        if not damaged(OF_DATABASE[how], folder / DATABASE, whole.other / DATABASE, chance):
            continue
        if chance.random() < 0.5:  # what is derived is then made of what is damaged
            shutil.rmtree(folder / "snapshots")
        ended = checked(use_database, folder, whole.answers, rows)
        if ended.fault:
            findings.append(Finding(how, "the process died", ended.fault))
        else:
            outcome, fault = ended.result
            findings.append(Finding(how, outcome, fault))
    return findings


def use_database(
    folder: Path, expected: list[Answer], rows: dict[str, list[tuple[Any, ...]]]
) -> tuple[str, str]:
    """Use a library whose database is damaged; return what came of it and what is wrong with that.

    Nothing is for a library that says so or is no worse for it.
    """
    try:
        with TrialLibrary.at(folder) as library:
            refused = False
            try:
                found = fixtures.answers(library)
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
            if fixtures.rows(folder) != rows:
                return "not noticed", "verified, and not what was kept"
            return "no worse for it", ""
    except QuothError:
        return "refused at opening", ""
    except Exception as error:  # noqa: BLE001 (whatever it is, it is what this looks for)
        return "an error", f"{type(error).__name__}: {error}"


def _is_quoted(answer: Answer) -> bool:
    """Tell whether every passage stands in its file, where its citation says."""
    for passage in answer.passages:
        citation = passage.citation
        path = Path(citation.path)
        if not path.is_file():
            return False
        text = path.read_text(encoding="utf-8")
        if text[citation.start : citation.end] != passage.text:
            return False
    return True
