"""`quoth mentions`, `quoth ask --all` and `--questions`: lists, on screen, as JSON or as CSV."""

import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path
from typing import get_args

import click
from rich.console import Console
from rich.text import Text

from rag.answers import CitedPassage, percent
from rag.cli.options import LIBRARY_OPTION, MODEL_OPTION, examples
from rag.cli.output import console, visible, warn
from rag.default_library import open_to_ask
from rag.errors import QuestionError
from rag.export.tables import answers_csv, mentions_csv, table_csv
from rag.indexing.discovery import followed
from rag.library import Library
from rag.listing.records import AnswerList, Mention, Order, TableRow
from rag.listing.table import questions_of
from rag.retrieval.calibration import likelihood
from rag.text.plurals import counted

CSV_OPTION = click.option(
    "--csv",
    "csv_file",
    type=click.Path(dir_okay=False, allow_dash=True, path_type=Path),
    metavar="FILE",
    help='Write the list to FILE as CSV; "-" prints it.',
)
_STYLES = {"answered": "green", "may_answer": "yellow", "not_found": "dim", None: "red"}


@click.command(
    epilog=examples(
        'quoth mentions "Iwan Roberts"',
        'quoth mentions SF-7777 --sort newest --where "mail/*"',
        'quoth mentions "clean water" --csv water.csv',
    )
)
@click.argument("text")
@click.option(
    "--sort",
    "order",
    type=click.Choice(get_args(Order)),
    default="document",
    show_default=True,
    help="By document and place; by the document's date, earliest or newest first; or by nearness "
    "in meaning.",
)
@click.option(
    "--near", default="", metavar="QUESTION", help="What --sort meaning compares with, if not TEXT."
)
@click.option(
    "--where",
    multiple=True,
    metavar="PATTERN",
    help="List only those in matching documents, as in quoth ask; may be repeated.",
)
@CSV_OPTION
@click.option(
    "--json", "as_json", is_flag=True, help="Print one JSON object a line, one a mention."
)
@LIBRARY_OPTION
@MODEL_OPTION
@click.pass_context
def mentions(
    context: click.Context,
    text: str,
    order: Order,
    near: str,
    where: tuple[str, ...],
    csv_file: Path | None,
    as_json: bool,
    library: Path | None,
    model: str | None,
) -> None:
    """List every passage that holds TEXT, a phrase or a name, word for word.

    None is left out: case, line breaks and kinds of dashes do not matter, accents do. The exit
    status is 1 if there is none.
    """
    with open_to_ask(library, model).library as searched:
        patterns = [followed(pattern) for pattern in where]
        tally = _Tally(searched.every_mention(text, order=order, where=patterns, near=near))
        if csv_file is not None:
            write_csv(csv_file, mentions_csv(tally))
        elif as_json:
            for one in tally:
                click.echo(json.dumps(one.to_dict()))
        else:
            _show_mentions(console(), tally, by_document=order == "document")
    if not as_json and str(csv_file) != "-":
        passages = counted(tally.count, "passage")
        documents = counted(len(tally.documents), "document")
        verb = "mentions" if tally.count == 1 else "mention"
        console().print(f"{passages} in {documents} {verb} {visible(text)}.", style="bold")
    context.exit(0 if tally.count else 1)


class _Tally:
    """Passes mentions on and counts them."""

    def __init__(self, mentions: Iterable[Mention]) -> None:
        self._mentions = mentions
        self.count = 0
        self.documents: set[str] = set()

    def __iter__(self) -> Iterator[Mention]:
        for one in self._mentions:
            self.count += 1
            self.documents.add(one.citation.document_id)
            yield one


def _show_mentions(out: Console, mentions: Iterable[Mention], *, by_document: bool) -> None:
    """Print mentions as they come; under the name of each document, where they are by document."""
    document = ""
    for one in mentions:
        if by_document and one.citation.document_id != document:
            document = one.citation.document_id
            dated = f"  ({one.date})" if one.date else ""
            out.print(Text(f"{visible(one.citation.document)}{dated}", style="bold"))
        text = Text(visible(one.text) if out.is_terminal else one.text)
        for start, end in one.spans:
            text.stylize("bold underline", start, end)
        out.print(text)
        dated = f"   {one.date}" if one.date and not by_document else ""
        out.print(Text(f"{visible(str(one.citation))}{dated}\n", style="cyan"))


@dataclass(frozen=True, slots=True)
class ListOptions:
    """How `quoth ask --all` prints what answers."""

    order: str
    csv_file: Path | None
    as_json: bool


def ask_for_all(
    library: Library, question: str, where: Sequence[str], options: ListOptions
) -> bool:
    """Print every passage that may answer; return whether there is one."""
    answers = in_order(library.ask_all(question, where=where), options.order)
    if options.csv_file is not None:
        write_csv(options.csv_file, answers_csv(answers))
    elif options.as_json:
        click.echo(json.dumps(answers.to_dict(), indent=2))
    else:
        _show_answers(console(), answers)
    return bool(answers.passages)


def in_order(answers: AnswerList, order: str) -> AnswerList:
    """Return a list of answers by document, date or, for "meaning", the likeliest first."""
    if order == "meaning":
        return answers

    def day(one: CitedPassage) -> str:
        return answers.dates.get(one.citation.document_id, "")

    ordered = sorted(
        answers.passages, key=lambda one: (one.citation.document, one.citation.paragraph)
    )
    if order == "newest":
        ordered.sort(key=day, reverse=True)
    elif order == "date":
        ordered.sort(key=lambda one: day(one) or "~")
    numbered = (
        replace(one, citation=replace(one.citation, number=number))
        for number, one in enumerate(ordered, start=1)
    )
    return replace(answers, passages=tuple(numbered))


def _show_answers(out: Console, answers: AnswerList) -> None:
    count = "" if answers.complete else "at least "
    passages = counted(answers.may_answer, "passage")
    documents = counted(answers.documents, "document")
    out.print(
        f"{count}{passages} in {documents} answer, or may ({answers.read:,} read of "
        f"{answers.searched.passages:,} searched).\n".capitalize(),
        style="bold",
    )
    for one in answers.passages:
        out.print(Text(visible(one.text) if out.is_terminal else one.text))
        chance = f"{likelihood(one.score, answers.threshold)} ({percent(one.score)})"
        day = answers.dates.get(one.citation.document_id, "")
        out.print(Text(visible(str(one.citation)), style="cyan"), end="")
        out.print(f"   {'   '.join(filter(None, (day, chance)))}\n", style="dim")


def ask_each(library: Library, file: Path, where: Sequence[str], options: ListOptions) -> None:
    """Answer the questions of a file, one a line, and print a table. Raises QuestionError."""
    try:
        text = sys.stdin.read() if str(file) == "-" else file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise QuestionError(f"Cannot read the questions in {file}: {error}.") from error
    rows = library.ask_table(questions_of(text), where=where)
    if options.csv_file is not None:
        write_csv(options.csv_file, table_csv(rows))
        return
    out = console()
    for row in rows:
        if options.as_json:
            click.echo(json.dumps(row.to_dict()))
        else:
            _show_row(out, row)


def _show_row(out: Console, row: TableRow) -> None:
    state = (row.state or "refused").replace("_", " ")
    chance = f" {percent(row.confidence)}" if row.state else ""
    out.print(Text(f"{state + chance:<16} ", style=_STYLES[row.state]), end="")
    out.print(Text(visible(row.question), style="bold"))
    for line in (
        " ".join(visible(row.quote).split()),
        visible(str(row.citation)) if row.citation else "",
        f"Did you mean: {visible(row.suggestion)}" if row.suggestion else "",
        visible(row.error),
    ):
        if line:
            out.print(Text(f"                 {line}"))


def write_csv(file: Path, parts: Iterator[bytes]) -> None:
    """Write a CSV to a file, or print it for "-". Raises click.UsageError."""
    if str(file) == "-":
        for part in parts:
            click.echo(part, nl=False)
        return
    first = next(parts)  # what is refused leaves a file of this name as it is
    try:
        with file.open("wb") as out:
            for part in chain((first,), parts):
                out.write(part)
    except OSError as error:
        raise click.UsageError(f"Cannot write {file}: {error.strerror}.") from error
    warn(f"Wrote {file}.")
