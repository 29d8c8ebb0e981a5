"""Damage databases at random and restore them: every document must be saved unchanged, or named."""

import random
import shutil
from pathlib import Path
from typing import Any

from evaluation.durability import fixtures
from evaluation.durability.file_damage import DATABASE_DAMAGE, apply_damage, intact_library
from evaluation.durability.models import TrialLibrary
from evaluation.durability.outcomes import Finding
from evaluation.durability.processes import run_in_process
from rag.errors import QuothError
from rag.library import Library
from rag.maintenance.restore import restore
from vector_store.folder_names import DATABASE
from vector_store.indexes.snapshots import file_digest
from vector_store.records import Feedback

_DOCUMENTS = 40

_Rows = dict[str, list[tuple[Any, ...]]]


def restore_damaged(scratch: Path, count: int, seed: int) -> list[Finding]:
    """Damage the database `count` times and restore it; return the findings."""
    rng = random.Random(seed)
    intact = intact_library(scratch, rng, documents=_DOCUMENTS)
    rows = fixtures.rows(intact.folder)
    files = [path.read_text(encoding="utf-8") for path in scratch.glob("one docs/*")]
    texts = {fixtures.digest(text): text for text in files}
    findings: list[Finding] = []
    while len(findings) < count:
        folder = intact.copy_to(scratch / "damaged")
        how = rng.choice(sorted(DATABASE_DAMAGE))
        if not apply_damage(DATABASE_DAMAGE[how], folder / DATABASE, intact.other / DATABASE, rng):
            continue
        target = scratch / "restored" / "library"
        shutil.rmtree(target.parent, ignore_errors=True)
        target.parent.mkdir()
        check = run_in_process(restore_and_check, intact.folder, folder, target, texts, rows)
        outcome, fault = ("the process died", check.fault) if check.fault else check.result
        findings.append(Finding(how, outcome, fault))
    return findings


def restore_and_check(
    intact: Path, folder: Path, target: Path, texts: dict[str, str], rows: _Rows
) -> tuple[str, str]:
    """Restore a damaged library; return the outcome, and what is wrong with it.

    `intact` is the library before the damage, `rows` are its rows, `texts` its documents' texts
    by digest.
    """
    files_before = _file_digests(folder)
    try:
        salvaged = restore(folder, target, model="hashing").salvaged
        with TrialLibrary.at(intact) as library:
            original, judgements = fixtures.digests(library.store), _feedback(library)
        with TrialLibrary.at(target) as library:
            saved = fixtures.digests(library.store)
            faults = []
            if original.keys() - saved.keys() - set(salvaged.lost):
                faults.append("a document is neither saved nor named")
            if saved.items() - original.items() or not _are_rows_equal(
                saved, fixtures.rows(target), rows
            ):
                faults.append("a document has changed")
            with library.store.view() as view:
                altered, unread = view.altered(), view.unread()
            if altered:
                faults.append("the new library is damaged")
            saved_judgements = _feedback(library)
            if [judgement for judgement in saved_judgements if judgement not in judgements]:
                faults.append("a judgement has changed")
            if len(judgements) < len(saved_judgements) + salvaged.lost_feedback:
                faults.append("a judgement is counted as lost that never existed")
            with fixtures.build_at_once(
                target.with_name("built"), library.documents(), texts, "hashing"
            ) as reference:
                with reference.store.writer() as writer:
                    writer.note_unread(unread)
                if fixtures.answers(library) != fixtures.answers(reference):
                    faults.append("answers differ from those of a library built in one run")
        if _file_digests(folder) != files_before:
            faults.append("the damaged library was modified")
    except QuothError as error:
        return "not restored", f"{type(error).__name__}: {error}"
    lost = len(original.keys() - saved.keys())
    reembedded = ", some re-embedded" if salvaged.unembedded else ""
    if saved == original:
        return f"all saved{reembedded}", "; ".join(faults)
    share = "most" if 2 * lost < len(original) else "few"
    return f"{share} saved{reembedded}, the others named", "; ".join(faults)


def _feedback(library: Library) -> list[Feedback]:
    with library.store.view() as view:
        return view.feedback()


def _are_rows_equal(saved: dict[str, str], new: _Rows, old: _Rows) -> bool:
    """Return whether the saved documents have the rows that they had before."""
    digests = set(saved.values())  # the first column of every row
    return all(new[name] == [row for row in old[name] if row[0] in digests] for name in new)


def _file_digests(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): file_digest(path)
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
