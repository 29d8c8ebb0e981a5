"""`quoth judge` and `quoth export`: people's judgements of answers, as an evaluation set."""

import json
import re
from pathlib import Path

import click

from rag.answers import CitedPassage, Quoted
from rag.cli.options import LIBRARY_OPTION, examples
from rag.cli.output import console
from rag.default_library import open_existing
from rag.export.beir import write_set
from rag.library import Library
from rag.text.plurals import counted

_MOST_PASSAGES = 100


def _reference(
    context: click.Context, option: click.Parameter, value: str | None
) -> str | int | None:
    """Return a passage's number, or any other text as its id. Raises click.BadParameter."""
    if value is None or not re.fullmatch(r"-?\d+", value):
        return value
    number = int(value)
    if not 1 <= number <= _MOST_PASSAGES:
        raise click.BadParameter(f"{number} is not a number from 1 to {_MOST_PASSAGES}.")
    return number


@click.command(
    epilog=examples(
        'quoth judge "Who may vote?" --answers 2',
        'quoth judge "Who may fly?" --none',
    )
)
@click.argument("question")
@click.option(
    "--answers",
    callback=_reference,
    metavar="N|ID",
    help="The passage that answers QUESTION: its number in `quoth ask`, or the id of its citation "
    "in `quoth ask --json`.",
)
@click.option(
    "--wrong",
    callback=_reference,
    metavar="N|ID",
    help="A passage that does not answer it, named in the same way.",
)
@click.option("--none", "nothing", is_flag=True, help="Nothing in the documents answers it.")
@LIBRARY_OPTION
def judge(
    question: str,
    answers: str | int | None,
    wrong: str | int | None,
    nothing: bool,
    library: Path | None,
) -> None:
    """Record whether a passage answers QUESTION.

    The library keeps the judgement; `quoth export` makes an evaluation set of all of them. A
    number refers to a new search for QUESTION; an id always means the same passage. From 20 judged
    questions on, the probability is fitted to them now and then, as `quoth calibrate` does.
    """
    if (answers is not None) + (wrong is not None) + nothing != 1:
        raise click.UsageError("Give exactly one of --answers, --wrong and --none.")
    reference = wrong if answers is None else answers
    with open_existing(library) as opened:
        passage = None if reference is None else _passage(opened, question, reference)
        opened.judge(question, passage, answers=answers is not None)
        console().print("Noted. To make an evaluation set of all judgements: quoth export FILE")
        calibration = opened.calibrate_if_due()
    if calibration is not None and not calibration.missing:
        used = counted(calibration.used, "judged question")
        console().print(f"The probability was fitted again, to {used} (quoth status).")


def _passage(library: Library, question: str, reference: str | int) -> CitedPassage | Quoted:
    """Return the passage that is judged. Raises click.UsageError or NotFoundError."""
    if isinstance(reference, str):
        return library.passage(reference, around=0).passage
    passages = library.ask(question, k=reference).passages
    if len(passages) < reference:
        raise click.UsageError(
            f"The library has only {counted(len(passages), 'passage')} for this question."
        )
    return passages[reference - 1]


@click.command(epilog=examples("quoth export mine.jsonl && quoth evaluate mine.jsonl"))
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--qrels", is_flag=True, help="Write a folder in the BEIR layout, including all passages."
)
@LIBRARY_OPTION
def export(file: Path, qrels: bool, library: Path | None) -> None:
    """Write the judged questions to FILE.

    `quoth evaluate FILE` measures how well they are answered.
    """
    with open_existing(library) as opened:
        rows = opened.labelled_questions()
        if not rows:
            raise click.UsageError(
                "There is nothing to export: no judgements, or the documents have changed since. "
                "To record one: quoth judge --help"
            )
        try:
            if qrels:
                write_set(opened, file)
            else:
                text = "".join(json.dumps(row) + "\n" for row in rows)
                file.write_text(text, encoding="utf-8")
        except OSError as error:
            raise click.UsageError(f"Cannot write {file}: {error.strerror}.") from error
    console().print(f"Wrote {counted(len(rows), 'question')} to {file}.")
