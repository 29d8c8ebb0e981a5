"""What the command line prints: quotes in colour in a terminal, plain text in a pipe."""

import contextlib
import re
import shlex
import sys
import unicodedata
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

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

from rag.answers import Answer, CitedPassage, percent
from rag.documents.verification import Verification
from rag.indexing.pipeline import Progress, Report
from rag.maintenance.watcher import Round
from rag.models.registry import multilingual
from rag.retrieval.presentation import present
from rag.status import Status
from rag.text.languages import name_of

if TYPE_CHECKING:  # it loads FAISS
    from rag.maintenance.restore import Restoration

_RIGHT_TO_LEFT = ("R", "AL", "AN")
_ISOLATE, _END_ISOLATE = "\N{FIRST STRONG ISOLATE}", "\N{POP DIRECTIONAL ISOLATE}"
_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def console() -> Console:
    """Return a console on standard output as it is now."""
    return Console(soft_wrap=True, highlight=False, emoji=False, markup=False)


def warn(message: str) -> None:
    """Print one line about a failure or a circumstance, on standard error."""
    click.echo(f"quoth: {_visible(message)}", err=True)


@contextlib.contextmanager
def indexing_progress() -> Iterator[Callable[[Progress], None]]:
    """Show a progress bar on standard error, when that is a terminal."""
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


def _warn_of(answer: Answer) -> None:
    """Warn of a question that was read in part only, or not understood."""
    if answer.unknown_language:
        warn(str(answer.unknown_language))
    if answer.truncated_at is not None:
        warn(f"The question is long: its first {answer.truncated_at:,} characters were read.")


def show_answer(answer: Answer) -> None:
    """Print an answer's quotes with their citations, or that there is none."""
    out = console()
    searched = answer.searched
    if answer.carried:
        words = ", ".join(map(_visible, answer.carried))
        out.print(f"Understood with, from before: {words}", style="dim")
    scope, unread = f"{searched.documents} document{_s(searched.documents)}", ""
    if searched.unreadable:
        scope = f"{searched.documents} of {searched.documents + searched.unreadable} files"
        unread = f"; {searched.unreadable} could not be read"
    _warn_of(answer)
    presentation = present(answer)
    if not answer.answered:
        out.print(f"Not in your documents (searched {scope}{unread}).", style="bold")
        if answer.passages:
            out.print("The nearest passages, which do not seem to answer:\n", style="dim")
        for passage in presentation.nearest:
            _show_passage(out, passage, dim=True)
        return
    count, documents, weak = len(presentation.strong), presentation.documents, presentation.weak
    out.print(
        f"{count} passage{_s(count)} from {documents} document{_s(documents)}, "
        f"quoted word for word (searched {scope}{unread}).\n"
    )
    for passage in presentation.strong:
        _show_passage(out, passage, dim=False)
    if weak:
        out.print(f"{len(weak)} weaker match{'' if len(weak) == 1 else 'es'}:\n", style="dim")
    for passage in weak:
        _show_passage(out, passage, dim=True)


def _show_passage(out: Console, passage: CitedPassage, *, dim: bool) -> None:
    if passage.headings:
        out.print(Text(" › ".join(map(_visible, passage.headings)), style="dim"))
    out.print(_quote(passage, dim=dim, coloured=out.is_terminal))
    where = Text(str(passage.citation), style="cyan")
    out.print(_shown(where.plain, out), style="cyan", end="")
    out.print(f"   likely to answer: {percent(passage.score)}\n", style="dim")


def _quote(passage: CitedPassage, *, dim: bool, coloured: bool) -> Text:
    """Return the quote as it stands; only a terminal gets stand-ins for control characters."""
    text = Text(_visible(passage.text) if coloured else passage.text, style="dim" if dim else "")
    for highlight in passage.highlights:
        style = "bold" if highlight.kind == "answer" else "underline"
        text.stylize(style, highlight.start, highlight.end)
    return _isolated(text) if coloured else text


def _isolated(text: Text) -> Text:
    """Keep a quote that runs from right to left from turning round what stands beside it."""
    if not any(unicodedata.bidirectional(character) in _RIGHT_TO_LEFT for character in text.plain):
        return text
    paragraphs = text.split("\n", allow_blank=True)
    return Text("\n").join(
        Text.assemble(_ISOLATE, paragraph, _END_ISOLATE) for paragraph in paragraphs
    )


def _shown(text: str, out: Console) -> str:
    return _isolated(Text(_visible(text))).plain if out.is_terminal else text


def _visible(text: str) -> str:
    """Put U+FFFD for characters that would steer the terminal or reverse what follows."""
    encoding = sys.stdout.encoding or "utf-8"
    clean = _CONTROLS.sub("\N{REPLACEMENT CHARACTER}", text)
    return clean.encode(encoding, "replace").decode(encoding)


def show_report(report: Report, status: Status) -> None:
    """Print what became of every file."""
    out = console()
    read = report.added + report.replaced
    out.print(
        f"Read {read} file{_s(read)} into {report.passages} passage{_s(report.passages)}: "
        f"{report.added} added, {report.replaced} replaced; {report.unchanged} unchanged, "
        f"{report.removed} removed, {len(report.unread)} not read."
    )
    if report.copies:
        out.print(f"{report.copies} the same as another file; cited at both paths.")
    for file in report.unread:
        out.print(f"  not read: {_visible(file.name)}: {file.reason}")
    _show_unknown_languages(out, status)


def show_round(found: Round) -> None:
    """Print one line for each file that changed, and why nothing could be done."""
    out = console()
    words = {"moved": " (was {})", "copied": " (the same as {})", "not read": ": {}"}
    for change in found.changes:
        about = words.get(change.kind, "").format(_visible(change.about))
        out.print(f"{change.kind}: {_visible(change.name)}{about}")
    if found.error:
        warn(f"{found.error} It will be tried again.")


def _show_unknown_languages(out: Console, status: Status) -> None:
    unknown = status.unknown_languages
    if unknown:
        count = sum(unknown.values())
        names = ", ".join(map(name_of, unknown))
        out.print(
            f"{count} document{_s(count)} in a language that {status.model} does not know "
            f"({names}): found by the words, not by the meaning. For both: "
            f"quoth switch {multilingual()}"
        )


def show_status(status: Status) -> None:
    """Print what the library holds."""
    out = console()
    counts = status.counts
    out.print(f"Library   {_visible(status.folder)}")
    ran = f", run by {status.runtime}" if status.runtime else ""
    out.print(f"Model     {_visible(status.model)}{ran}")
    out.print(
        f"Holds     {counts.documents} document{_s(counts.documents)}, "
        f"{counts.passages} passage{_s(counts.passages)}, {counts.windows} vectors"
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
        out.print(f"  {_visible(info.name)}  {info.passages} passage{_s(info.passages)}{also}")
    for file in status.unread:
        out.print(f"  not read: {_visible(file.name)}: {file.reason}")


def show_verification(found: Verification) -> None:
    """Print what was checked and every problem."""
    out = console()
    unproven = {problem.path for problem in found.problems}
    for problem in found.problems:
        out.print(f"{problem.kind}: {_visible(problem.document)}: {problem.message}")
    proven = found.documents - len(unproven)
    if unproven:
        out.print(f"{proven} of {found.documents} documents are as their files stand.")
    else:
        out.print(
            f"All {found.passages} passages of {found.documents} documents equal their source, "
            "character for character."
        )


def show_restoration(found: "Restoration") -> None:
    """Print what was saved of a damaged library, and every document that was not."""
    out, saved = console(), found.salvaged
    anew = len(saved.unembedded)
    out.print(
        f"Saved {saved.documents} document{_s(saved.documents)} into {_visible(found.folder)}"
        + (f", {anew} of them embedded anew." if anew else ".")
    )
    if saved.feedback or saved.lost_feedback:
        out.print(f"Judgements: {saved.feedback} saved, {saved.lost_feedback} lost.")
    for path in saved.lost:
        out.print(f"  not saved: {_visible(path)}")
    if saved.unnamed:
        out.print(f"  not saved: {saved.unnamed} more, whose paths are lost as well")
    for path in found.uncopied:
        out.print(f"  not copied, for it cannot be read: {_visible(path)}")
    if saved.lost or saved.unnamed:
        library = _visible(shlex.quote(found.folder))
        out.print(f"What was not saved can be read again: quoth index PATH --library {library}")


def _s(count: int) -> str:
    return "" if count == 1 else "s"
