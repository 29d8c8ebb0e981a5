"""Damage files of a library at random, and check how it reacts.

Damage to derived files must be noticed and logged and the files rebuilt, with the same answers.
Damage to the database must be reported, by any command or by `quoth verify`; a quote that is not
in its file must never pass as verified.
"""

import random
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from evaluation.durability import fixtures
from evaluation.durability.file_damage import (
    DATABASE_DAMAGE,
    DERIVED_DAMAGE,
    apply_damage,
    intact_library,
)
from evaluation.durability.models import TrialLibrary
from evaluation.durability.outcomes import Finding, captured_log
from evaluation.durability.processes import ProcessResult, run_in_process
from rag import Answer
from rag.errors import QuothError
from vector_store.folder_names import DATABASE


def damage_derived(scratch: Path, count: int, seed: int) -> list[Finding]:
    """Damage `count` files of saved indexes; return the findings."""
    rng = random.Random(seed)
    intact = intact_library(scratch, rng)
    [snapshot] = (intact.folder / "snapshots").iterdir()
    [foreign] = (intact.other / "snapshots").iterdir()
    names = sorted(p.relative_to(snapshot) for p in snapshot.rglob("*") if p.is_file())
    names = [name for name in names if (snapshot / name).stat().st_size]
    by_suffix = {
        suffix: [n for n in names if n.suffix == suffix] for suffix in {n.suffix for n in names}
    }
    foreign_by_suffix = {p.suffix: p for p in sorted(foreign.rglob("*")) if p.is_file()}
    findings: list[Finding] = []
    while len(findings) < count:
        folder = intact.copy_to(scratch / "damaged")
        name = rng.choice(by_suffix[rng.choice(sorted(by_suffix))])
        how = rng.choice(sorted(DERIVED_DAMAGE))
        namesake = foreign / name
        other = namesake if namesake.exists() else foreign_by_suffix[name.suffix]
        path = folder / "snapshots" / snapshot.name / name
        if not apply_damage(DERIVED_DAMAGE[how], path, other, rng):
            continue
        what = f"{how}: {name.parent.name or 'manifest'}"
        findings.append(_finding(what, run_in_process(use_derived, folder), intact.answers))
    return findings


def _finding(what: str, check: ProcessResult, expected: list[Answer]) -> Finding:
    if check.fault:
        return Finding(what, "the process died", check.fault)
    use: _Use = check.result
    if use.error:
        return Finding(what, "an error", use.error)
    if use.answers != expected:
        return Finding(what, "answers differ", "the answers are others than before")
    if use.messages_later:
        return Finding(what, "not repaired", "; ".join(use.messages_later))
    if len(use.messages) != 1 or "\n" in use.messages[0]:
        return Finding(what, "not said in one line", f"said: {use.messages}")
    return Finding(what, "noticed, rebuilt, answers equal")


@dataclass(frozen=True, slots=True)
class _Use:
    """The behaviour of a library with damaged derived files."""

    answers: list[Answer]
    messages: list[str]
    """Logged at first use."""
    messages_later: list[str]
    """Logged after a writer had the rng to repair."""
    error: str = ""


def use_derived(folder: Path) -> _Use:
    """Ask a library whose saved indexes are damaged, open it for writing, and ask again."""
    messages: list[str] = []
    messages_later: list[str] = []
    try:
        with captured_log() as messages, TrialLibrary.at(folder) as library:
            first = fixtures.answers(library)
            with library.store.writer():
                pass
        with captured_log() as messages_later, TrialLibrary.at(folder) as library:
            second = fixtures.answers(library)
    except Exception as error:  # noqa: BLE001 (any error is a finding)
        return _Use([], messages, messages_later, f"{type(error).__name__}: {error}")
    return _Use(first if first == second else second, messages, messages_later)


def damage_database(scratch: Path, count: int, seed: int) -> list[Finding]:
    """Damage the database `count` times; return the findings."""
    rng = random.Random(seed)
    intact = intact_library(scratch, rng)
    rows = fixtures.rows(intact.folder)
    findings: list[Finding] = []
    while len(findings) < count:
        folder = intact.copy_to(scratch / "damaged")
        how = rng.choice(sorted(DATABASE_DAMAGE))
        if not apply_damage(DATABASE_DAMAGE[how], folder / DATABASE, intact.other / DATABASE, rng):
            continue
        if rng.random() < 0.5:  # derived files are then rebuilt from the damaged database
            shutil.rmtree(folder / "snapshots")
        check = run_in_process(use_database, folder, intact.answers, rows)
        outcome, fault = ("the process died", check.fault) if check.fault else check.result
        findings.append(Finding(how, outcome, fault))
    return findings


def use_database(
    folder: Path, expected: list[Answer], rows: dict[str, list[tuple[Any, ...]]]
) -> tuple[str, str]:
    """Use a library whose database is damaged; return the outcome and what is wrong with it.

    The second is empty for a library that reports the damage or is not affected by it.
    """
    try:
        with TrialLibrary.at(folder) as library:
            refused = False
            try:
                answers = fixtures.answers(library)
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
            if not all(map(_is_verbatim, answers)):
                return "a wrong quote", "verified, and not what the file says"
            if answers != expected:
                return "answers differ", "verified, and not the same answers"
            if fixtures.rows(folder) != rows:
                return "not noticed", "verified, and not what was stored"
            return "not affected", ""
    except QuothError:
        return "refused at opening", ""
    except Exception as error:  # noqa: BLE001 (any error is a finding)
        return "an error", f"{type(error).__name__}: {error}"


def _is_verbatim(answer: Answer) -> bool:
    """Return whether every passage is in its file, where its citation says."""
    for passage in answer.passages:
        citation = passage.citation
        path = Path(citation.path)
        if not path.is_file():
            return False
        text = path.read_text(encoding="utf-8")
        if text[citation.start : citation.end] != passage.text:
            return False
    return True
