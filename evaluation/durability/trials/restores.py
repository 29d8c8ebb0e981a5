"""Databases damaged at random and restored: every document is saved as it was, or named."""

import random
import shutil
from pathlib import Path
from typing import Any

from evaluation.durability import fixtures
from evaluation.durability.file_damage import OF_DATABASE, damaged, pristine
from evaluation.durability.models import TrialLibrary
from evaluation.durability.outcomes import Finding
from evaluation.durability.processes import checked
from rag.errors import QuothError
from rag.library import Library
from rag.maintenance.restore import restore
from vector_store.folder_names import DATABASE
from vector_store.indexes.snapshots import file_digest
from vector_store.records import Feedback

_DOCUMENTS = 40

_Rows = dict[str, list[tuple[Any, ...]]]


def restore_damaged(scratch: Path, count: int, seed: int) -> list[Finding]:
    """Damage the database `count` times and restore it; return what came of each."""
    chance = random.Random(seed)
    whole = pristine(scratch, chance, documents=_DOCUMENTS)
    rows = fixtures.rows(whole.folder)
    files = [path.read_text(encoding="utf-8") for path in scratch.glob("one docs/*")]
    texts = {fixtures.digest(text): text for text in files}
    findings: list[Finding] = []
    while len(findings) < count:
        folder = whole.copied(scratch / "damaged")
        how = chance.choice(sorted(OF_DATABASE))
        if not damaged(OF_DATABASE[how], folder / DATABASE, whole.other / DATABASE, chance):
            continue
        to = scratch / "restored" / "library"
        shutil.rmtree(to.parent, ignore_errors=True)
        to.parent.mkdir()
        ended = checked(restored, whole.folder, folder, to, texts, rows)
        outcome, fault = ("the process died", ended.fault) if ended.fault else ended.result
        findings.append(Finding(how, outcome, fault))
    return findings


def restored(
    whole: Path, folder: Path, to: Path, texts: dict[str, str], rows: _Rows
) -> tuple[str, str]:
    """Restore a library; return what came of it, and what is wrong with that."""
    before = _files(folder)
    try:
        saved = restore(folder, to, model="hashing").salvaged
        with TrialLibrary.at(whole) as library:
            known, said = fixtures.held(library.store), _feedback(library)
        with TrialLibrary.at(to) as library:
            found = fixtures.held(library.store)
            faults = []
            if known.keys() - found.keys() - set(saved.lost):
                faults.append("a document is neither saved nor named")
            if found.items() - known.items() or not _same(found, fixtures.rows(to), rows):
                faults.append("a document is not what it was")
            with library.store.view() as view:
                altered, unread = view.altered(), view.unread()
            if altered:
                faults.append("the new library is damaged")
            kept = _feedback(library)
            if [one for one in kept if one not in said]:
                faults.append("a judgement is not what it was")
            if len(said) < len(kept) + saved.lost_feedback:
                faults.append("a judgement counts as lost that never was")
            with fixtures.built_at_once(
                to.with_name("built"), library.documents(), texts, "hashing"
            ) as reference:
                with reference.store.writer() as writer:
                    writer.note_unread(unread)
                if fixtures.answers(library) != fixtures.answers(reference):
                    faults.append("answers differ from those of a library built in one go")
        if _files(folder) != before:
            faults.append("the damaged library was touched")
    except QuothError as error:
        return "not restored", f"{type(error).__name__}: {error}"
    lost, all_of_them = len(known.keys() - found.keys()), found == known
    anew = ", some embedded anew" if saved.unembedded else ""
    share = "all saved" if all_of_them else f"{'most' if 2 * lost < len(known) else 'few'} saved"
    return f"{share}{anew}{'' if all_of_them else ', the others named'}", "; ".join(faults)


def _feedback(library: Library) -> list[Feedback]:
    with library.store.view() as view:
        return view.feedback()


def _same(found: dict[str, str], new: _Rows, old: _Rows) -> bool:
    """Tell whether the rows of the documents found are those that they had."""
    digests = set(found.values())  # which come first in every row
    return all(new[name] == [row for row in old[name] if row[0] in digests] for name in new)


def _files(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): file_digest(path)
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
