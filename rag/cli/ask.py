"""`quoth ask`: prints the passages that answer a question."""

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import get_args

import click

from rag.answers import Answer
from rag.chat.followups import follow
from rag.cli.answer_output import show_answer
from rag.cli.lists import CSV_OPTION, ListOptions, ask_each, ask_for_all
from rag.cli.options import LIBRARY_OPTION, MODEL_OPTION, examples
from rag.cli.output import warn
from rag.default_library import open_to_ask
from rag.export.report import absence_report, written
from rag.indexing.discovery import followed
from rag.library import Library
from rag.listing.records import Order
from rag.query.syntax import parse

_REPORT_FORMATS = {".md": "markdown", ".docx": "docx"}
"""By the suffix of the file."""


@click.command(
    epilog=examples(
        'quoth ask "Which subjects do the scholarships cover?"',
        """quoth ask 'What pays for "clean water" type:pdf' -k 3""",
        'quoth ask --where "reports/*" --json "Who signed?" | jq .state',
        'quoth ask "What does SF-7777 cost?" --report absence.docx',
        'quoth ask --all "Who signed?" --sort date --csv signed.csv',
        "quoth ask --questions names.txt --csv table.csv",
    )
)
@click.argument("question", required=False)
@click.option(
    "-k",
    "count",
    type=click.IntRange(1, 100),
    default=5,
    show_default=True,
    help="The maximum number of passages.",
)
@click.option(
    "--where",
    multiple=True,
    metavar="PATTERN",
    help='Search only matching documents: a name, a folder, or a pattern such as "*.md"; '
    "may be repeated.",
)
@click.option(
    "--after",
    "earlier",
    metavar="QUESTION",
    default="",
    help='The previous question, for a follow-up such as "And in Qom?".',
)
@click.option(
    "--report",
    "report_file",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="If nothing is found, also write a report of the search, to cite: FILE.md or FILE.docx.",
)
@click.option(
    "--all", "every", is_flag=True, help="List every passage that may answer, not the best few."
)
@click.option(
    "--sort",
    "order",
    type=click.Choice(get_args(Order)),
    default="meaning",
    help="With --all: the likeliest first (meaning), by document, or by date.",
)
@click.option(
    "--questions",
    "question_file",
    type=click.Path(exists=True, dir_okay=False, allow_dash=True, path_type=Path),
    metavar="FILE",
    help="Answer each line of FILE, and print a table.",
)
@CSV_OPTION
@click.option("--json", "as_json", is_flag=True, help="Print the answer as a JSON object.")
@LIBRARY_OPTION
@MODEL_OPTION
@click.pass_context
def ask(
    context: click.Context,
    question: str | None,
    count: int,
    where: tuple[str, ...],
    earlier: str,
    report_file: Path | None,
    every: bool,
    order: str,
    question_file: Path | None,
    csv_file: Path | None,
    as_json: bool,
    library: Path | None,
    model: str | None,
) -> None:
    """Quote the passages that answer QUESTION.

    The answer has one of three states: answered; may answer, so that you have to read the
    passages; or not found, with the nearest passages. The exit status is 1 if it was not found.
    "-" reads the question from
    standard input. A question may hold "an exact phrase", -excluded words, and the filters
    document:name, folder:name, type:md, from:name, to:name, subject:word,
    after:2024-05 and before:2025.
    """
    if report_file is not None and report_file.suffix.lower() not in _REPORT_FORMATS:
        raise click.UsageError("Give the report a name that ends in .md or .docx.")
    if (question is None) == (question_file is None):
        raise click.UsageError("Give either a question, or a file of them with --questions.")
    if csv_file is not None and not (every or question_file):
        raise click.UsageError("--csv writes lists: give --all or --questions as well.")
    if question == "-":
        question = sys.stdin.read()
    opened = open_to_ask(library, model)
    if opened.seeds:
        warn("No library yet: asking the two seed documents. Add yours with: quoth index PATH")
    patterns = [followed(pattern) for pattern in where]
    options = ListOptions(order, csv_file, as_json)
    with opened.library as searched:
        if question_file is not None:
            ask_each(searched, question_file, patterns, options)
            return
        if every:
            context.exit(0 if ask_for_all(searched, question or "", patterns, options) else 1)
        previous = parse(earlier) if earlier.strip() else None
        answer = follow(searched, question or "", previous, k=count, where=patterns).answer
        if report_file is not None:
            _write_report(report_file, searched, answer, where)
    if as_json:
        click.echo(json.dumps(answer.to_dict(), indent=2))
    else:
        show_answer(answer)
    context.exit(0 if answer.answered else 1)


def _write_report(file: Path, library: Library, answer: Answer, where: Sequence[str]) -> None:
    """Write a report that nothing was found, unless something was."""
    if answer.state != "not_found":
        warn(f"No report was written to {file}: passages answer this question, or may.")
        return
    report = absence_report(library, answer, where=where)
    try:
        file.write_bytes(written(report, _REPORT_FORMATS[file.suffix.lower()]))
    except OSError as error:
        raise click.UsageError(f"Cannot write {file}: {error.strerror}.") from error
