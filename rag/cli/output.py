"""What the commands print, and the console on which they do: plain text in a pipe."""

import re
import shlex
import sys
from collections.abc import Sequence

import click
from rich.console import Console
from rich.text import Text

from rag.calibration.wording import fit_text
from rag.documents.second_reading import SecondReading
from rag.documents.status import Status
from rag.documents.verification import Verification
from rag.maintenance.restore import Restoration
from rag.maintenance.watcher import Round
from rag.models.registry import multilingual
from rag.text.languages import name_of
from rag.text.plurals import counted

_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
_LONGEST_DIFFERENCE = 300  # characters of each reading
_DETAILS = {"moved": " (was {})", "copied": " (the same as {})", "not read": ": {}"}
"""By the kind of change: how a file's old name, original or error follows its own name."""


def console() -> Console:
    """Return a console on the current standard output."""
    return Console(soft_wrap=True, highlight=False, emoji=False, markup=False)


def warn(message: str) -> None:
    """Print a one-line error or warning on standard error."""
    click.echo(f"quoth: {visible(message)}", err=True)


def visible(text: str) -> str:
    """Replace characters that would control the terminal, reverse text or fail to encode."""
    encoding = sys.stdout.encoding or "utf-8"
    clean = _CONTROLS.sub("\N{REPLACEMENT CHARACTER}", text)
    return clean.encode(encoding, "replace").decode(encoding)


def show_round(update: Round) -> None:
    """Print one line for each file that changed, and why an update failed."""
    out = console()
    for change in update.changes:
        details = _DETAILS.get(change.kind, "").format(visible(change.about))
        out.print(f"{change.kind}: {visible(change.name)}{details}")
    if update.error:
        warn(f"{update.error} Retrying soon.")


def show_unknown_languages(out: Console, status: Status) -> None:
    """Print how many documents are in languages that the model does not know, if any are."""
    if status.unknown_languages:
        documents = counted(sum(status.unknown_languages.values()), "document")
        names = ", ".join(map(name_of, status.unknown_languages))
        out.print(
            f"{documents} in a language that {status.model} does not know ({names}): found by "
            f"words, not by meaning. To search by both: quoth switch {multilingual()}"
        )


def show_status(status: Status) -> None:
    """Print what the library holds."""
    out = console()
    counts = status.counts
    out.print(f"Library   {visible(status.folder)}")
    runtime = f", run by {status.runtime}" if status.runtime else ""
    out.print(f"Model     {visible(status.model)}{runtime}")
    out.print(
        f"Holds     {counted(counts.documents, 'document')}, "
        f"{counted(counts.passages, 'passage')}, {counts.windows} vectors"
    )
    if counts.unread:
        out.print(f"Not read  {counts.unread} of {counts.documents + counts.unread} files")
    if counts.languages:
        out.print(f"Languages {', '.join(map(name_of, counts.languages))}")
    show_unknown_languages(out, status)
    if status.calibrated:
        out.print(f"Judged    {fit_text(status.calibrated)}")
    search = status.dense_search
    out.print(f"Search    {search.kind}, finds {search.recall:.1%} of the ten nearest vectors")
    for info in status.documents:
        also = "".join(f", also {visible(copy.name)}" for copy in info.copies)
        out.print(f"  {visible(info.name)}  {counted(info.passages, 'passage')}{also}")
    for file in status.unread:
        out.print(f"  not read: {visible(file.name)}: {file.reason}")


def show_verification(verification: Verification) -> None:
    """Print how much was verified, and every problem."""
    out = console()
    for problem in verification.problems:
        out.print(f"{problem.kind}: {visible(problem.document)}: {problem.message}")
    documents = verification.documents
    if verification.problems:
        verified = documents - len({problem.path for problem in verification.problems})
        out.print(f"{verified} of {documents} documents equal their files.")
    else:
        out.print(
            f"All {verification.passages} passages of {documents} documents equal their source, "
            "character for character."
        )
    _show_second_readings(out, verification.second_readings)


def _show_second_readings(out: Console, readings: Sequence[SecondReading]) -> None:
    """Print how many passages other parsers confirm, and both texts of those that differ."""
    if not readings:
        return
    count = sum(len(reading.agreements) for reading in readings)
    differences = sum(len(reading.differences) for reading in readings)
    witnesses = ", ".join(sorted({reading.witness for reading in readings}))
    out.print(
        f"Second reading ({witnesses}): {count - differences} of {counted(count, 'passage')} "
        "confirmed."
    )
    if skipped := sum(reading.skipped for reading in readings):
        out.print(f"{counted(skipped, 'passage')} not compared, for lack of time.")
    for reading in readings:
        for difference in reading.differences:
            place = f", {difference.place}" if difference.place else ""
            out.print(
                f"differs ({difference.agreement:.0%} agree): {visible(reading.document)}{place}, "
                f"paragraph {difference.paragraph}"
            )
            for label, text in (("Quoth", difference.text), (reading.witness, difference.other)):
                line = " ".join(visible(text).split())
                out.print(Text(f"  {label}: {line[:_LONGEST_DIFFERENCE]}", style="dim"))


def show_restoration(restoration: Restoration) -> None:
    """Print what was saved of a damaged library, and everything that was not."""
    out, salvaged = console(), restoration.salvaged
    embedded = len(salvaged.unembedded)
    out.print(
        f"Saved {counted(salvaged.documents, 'document')} into {visible(restoration.folder)}"
        + (f", {embedded} of them re-embedded." if embedded else ".")
    )
    if salvaged.feedback or salvaged.lost_feedback:
        out.print(f"Judgements: {salvaged.feedback} saved, {salvaged.lost_feedback} lost.")
    for path in salvaged.lost:
        out.print(f"  not saved: {visible(path)}")
    if salvaged.unnamed:
        out.print(f"  not saved: {salvaged.unnamed} more, whose paths are lost as well")
    for path in restoration.uncopied:
        out.print(f"  not copied, because it cannot be read: {visible(path)}")
    if salvaged.lost or salvaged.unnamed:
        folder = visible(shlex.quote(restoration.folder))
        out.print(f"To index the lost files again: quoth index PATH --library {folder}")
