"""What the commands print: quotes in colour on a terminal, plain text in a pipe."""

import contextlib
import re
import shlex
import sys
import unicodedata
from collections.abc import Callable, Iterator, Sequence

import click
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress as Bar,
    SpinnerColumn,
    TextColumn,
    TimeRemainingColumn,
)
from rich.text import Text

from rag.answers import Answer, CitedPassage, UnknownLanguage, missing_sentences, percent
from rag.chat.presentation import Presentation, present
from rag.documents.second_reading import SecondReading
from rag.documents.status import Status
from rag.documents.verification import Verification
from rag.indexing.pipeline import Progress, Report
from rag.maintenance.restore import Restoration
from rag.maintenance.watcher import Round
from rag.models.registry import multilingual
from rag.query.scope import Searched
from rag.text.languages import name_of
from rag.text.plurals import counted

_RIGHT_TO_LEFT = ("R", "AL", "AN")
_ISOLATE, _END_ISOLATE = "\N{FIRST STRONG ISOLATE}", "\N{POP DIRECTIONAL ISOLATE}"
_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
_LONGEST_DIFFERENCE = 300  # characters of each reading
_DETAILS = {"moved": " (was {})", "copied": " (the same as {})", "not read": ": {}"}
"""By the kind of change: how a file's old name, original or error follows its own name."""


def console() -> Console:
    """Return a console on the current standard output."""
    return Console(soft_wrap=True, highlight=False, emoji=False, markup=False)


def warn(message: str) -> None:
    """Print a one-line error or warning on standard error."""
    click.echo(f"quoth: {_visible(message)}", err=True)


@contextlib.contextmanager
def indexing_progress() -> Iterator[Callable[[Progress], None]]:
    """Show a progress bar on standard error if that is a terminal; give what updates it."""
    columns = (
        SpinnerColumn(),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("files, {task.fields[windows]} windows embedded"),
        TimeRemainingColumn(),
        TextColumn("{task.description}", markup=False),
    )
    errors = Console(stderr=True)
    with Bar(*columns, console=errors, transient=True, disable=not errors.is_terminal) as bar:
        task = bar.add_task("", total=None, windows=0)

        def show(progress: Progress) -> None:
            bar.update(
                task,
                completed=progress.files_done,
                total=progress.files,
                windows=progress.windows,
                description=_visible(progress.name),
            )

        yield show


def show_answer(answer: Answer) -> None:
    """Print an answer's quotes with their citations, or that there is none."""
    out = console()
    if answer.carried:
        words = ", ".join(map(_visible, answer.carried))
        out.print(f"Also using from the previous question: {words}", style="dim")
    if answer.unknown_language:
        warn(_unknown_language(answer.unknown_language))
    if answer.truncated_at is not None:
        warn(f"The question is long: only its first {answer.truncated_at:,} characters were used.")
    presentation = present(answer)
    if answer.answered:
        _show_missing(out, answer)
        _show_quotes(out, presentation, answer.searched)
    else:
        _show_nearest(out, presentation, answer)


def _unknown_language(language: UnknownLanguage) -> str:
    message = (
        f"The model {language.model} does not know {language.name}: only the question's words "
        "were searched for, not its meaning."
    )
    if language.model == multilingual():
        return message
    return f"{message} A multilingual model may know it: quoth switch {multilingual()}"


def _show_quotes(out: Console, presentation: Presentation, searched: Searched) -> None:
    passages = counted(len(presentation.strong), "passage")
    documents = counted(presentation.documents, "document")
    out.print(f"{passages} from {documents}, quoted word for word (searched {_scope(searched)}).\n")
    for passage in presentation.strong:
        _show_passage(out, passage, dim=False)
    weak = len(presentation.weak)
    if weak:
        out.print(f"{counted(weak, 'weaker match', 'weaker matches')}:\n", style="dim")
    for passage in presentation.weak:
        _show_passage(out, passage, dim=True)


def _show_missing(out: Console, answer: Answer) -> None:
    for sentence in missing_sentences(answer.missing):
        out.print(_visible(sentence))


def _show_nearest(out: Console, presentation: Presentation, answer: Answer) -> None:
    out.print(f"Not in your documents (searched {_scope(answer.searched)}).", style="bold")
    _show_missing(out, answer)
    if presentation.nearest:
        out.print("The nearest passages, which do not seem to answer:\n", style="dim")
    for passage in presentation.nearest:
        _show_passage(out, passage, dim=True)


def _scope(searched: Searched) -> str:
    """Return how many documents were searched, and how many files could not be."""
    if not searched.unreadable:
        return counted(searched.documents, "document")
    files = searched.documents + searched.unreadable
    return f"{searched.documents} of {files} files; {searched.unreadable} could not be read"


def _show_passage(out: Console, passage: CitedPassage, *, dim: bool) -> None:
    if passage.headings:
        out.print(Text(" › ".join(map(_visible, passage.headings)), style="dim"))
    for line in passage.lines_above:
        out.print(Text(_visible(line), style="dim"))
    out.print(_quote(passage, dim=dim, coloured=out.is_terminal))
    out.print(_citation(passage, out), style="cyan", end="")
    out.print(f"   likely to answer: {percent(passage.score)}\n", style="dim")


def _quote(passage: CitedPassage, *, dim: bool, coloured: bool) -> Text:
    """Return the quote verbatim; on a terminal alone, control characters are replaced."""
    text = Text(_visible(passage.text) if coloured else passage.text, style="dim" if dim else "")
    for highlight in passage.highlights:
        style = "bold" if highlight.kind == "answer" else "underline"
        text.stylize(style, highlight.start, highlight.end)
    return _isolated(text) if coloured else text


def _citation(passage: CitedPassage, out: Console) -> str:
    citation = str(passage.citation)
    return _isolated(Text(_visible(citation))).plain if out.is_terminal else citation


def _isolated(text: Text) -> Text:
    """Isolate right-to-left text, so that it does not reorder the text beside it."""
    if not any(unicodedata.bidirectional(character) in _RIGHT_TO_LEFT for character in text.plain):
        return text
    paragraphs = text.split("\n", allow_blank=True)
    return Text("\n").join(
        Text.assemble(_ISOLATE, paragraph, _END_ISOLATE) for paragraph in paragraphs
    )


def _visible(text: str) -> str:
    """Replace characters that would control the terminal, reverse text or fail to encode."""
    encoding = sys.stdout.encoding or "utf-8"
    clean = _CONTROLS.sub("\N{REPLACEMENT CHARACTER}", text)
    return clean.encode(encoding, "replace").decode(encoding)


def show_report(report: Report, status: Status) -> None:
    """Print the outcome of a run of indexing, and every file that could not be read."""
    out = console()
    read = counted(report.added + report.replaced, "file")
    out.print(
        f"Read {read} into {counted(report.passages, 'passage')}: "
        f"{report.added} added, {report.replaced} replaced; {report.unchanged} unchanged, "
        f"{report.removed} removed, {len(report.unread)} not read."
    )
    if report.copies:
        out.print(f"{report.copies} the same as another file; cited at both paths.")
    for file in report.unread:
        out.print(f"  not read: {_visible(file.name)}: {file.reason}")
    _show_unknown_languages(out, status)


def show_round(update: Round) -> None:
    """Print one line for each file that changed, and why an update failed."""
    out = console()
    for change in update.changes:
        details = _DETAILS.get(change.kind, "").format(_visible(change.about))
        out.print(f"{change.kind}: {_visible(change.name)}{details}")
    if update.error:
        warn(f"{update.error} Retrying soon.")


def _show_unknown_languages(out: Console, status: Status) -> None:
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
    out.print(f"Library   {_visible(status.folder)}")
    runtime = f", run by {status.runtime}" if status.runtime else ""
    out.print(f"Model     {_visible(status.model)}{runtime}")
    out.print(
        f"Holds     {counted(counts.documents, 'document')}, "
        f"{counted(counts.passages, 'passage')}, {counts.windows} vectors"
    )
    if counts.unread:
        out.print(f"Not read  {counts.unread} of {counts.documents + counts.unread} files")
    if counts.languages:
        out.print(f"Languages {', '.join(map(name_of, counts.languages))}")
    _show_unknown_languages(out, status)
    search = status.dense_search
    out.print(f"Search    {search.kind}, finds {search.recall:.1%} of the ten nearest vectors")
    for info in status.documents:
        also = "".join(f", also {_visible(copy.name)}" for copy in info.copies)
        out.print(f"  {_visible(info.name)}  {counted(info.passages, 'passage')}{also}")
    for file in status.unread:
        out.print(f"  not read: {_visible(file.name)}: {file.reason}")


def show_verification(verification: Verification) -> None:
    """Print how much was verified, and every problem."""
    out = console()
    for problem in verification.problems:
        out.print(f"{problem.kind}: {_visible(problem.document)}: {problem.message}")
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
                f"differs ({difference.agreement:.0%} agree): {_visible(reading.document)}{place}, "
                f"paragraph {difference.paragraph}"
            )
            for label, text in (("Quoth", difference.text), (reading.witness, difference.other)):
                line = " ".join(_visible(text).split())
                out.print(Text(f"  {label}: {line[:_LONGEST_DIFFERENCE]}", style="dim"))


def show_restoration(restoration: Restoration) -> None:
    """Print what was saved of a damaged library, and everything that was not."""
    out, salvaged = console(), restoration.salvaged
    embedded = len(salvaged.unembedded)
    out.print(
        f"Saved {counted(salvaged.documents, 'document')} into {_visible(restoration.folder)}"
        + (f", {embedded} of them re-embedded." if embedded else ".")
    )
    if salvaged.feedback or salvaged.lost_feedback:
        out.print(f"Judgements: {salvaged.feedback} saved, {salvaged.lost_feedback} lost.")
    for path in salvaged.lost:
        out.print(f"  not saved: {_visible(path)}")
    if salvaged.unnamed:
        out.print(f"  not saved: {salvaged.unnamed} more, whose paths are lost as well")
    for path in restoration.uncopied:
        out.print(f"  not copied, because it cannot be read: {_visible(path)}")
    if salvaged.lost or salvaged.unnamed:
        folder = _visible(shlex.quote(restoration.folder))
        out.print(f"To index the lost files again: quoth index PATH --library {folder}")
