"""quoth judge, and quoth export: what a person says of answers, as an evaluation set."""

import json
from pathlib import Path

import click

from rag.cli.options import LIBRARY_OPTION, examples
from rag.cli.output import console


@click.command(epilog=examples(
    'quoth judge "Who may vote?" --answers 2', 'quoth judge "Who may fly?" --none',
))  # fmt: skip
@click.argument("question")
@click.option("--answers", type=click.IntRange(1, 100), metavar="N",
              help="Passage N, as `quoth ask` numbers them, answers QUESTION.")  # fmt: skip
@click.option("--wrong", type=click.IntRange(1, 100), metavar="N", help="Passage N does not.")
@click.option("--none", "nothing", is_flag=True, help="Nothing in the documents answers it.")
@LIBRARY_OPTION
def judge(
    question: str, answers: int | None, wrong: int | None, nothing: bool, library: Path | None
) -> None:
    """Say which passage answers QUESTION.

    What was said is kept in the library; `quoth export` makes an evaluation set of it.
    """
    from rag.default_library import open_existing

    if (answers is not None) + (wrong is not None) + nothing != 1:
        raise click.UsageError("Say one of --answers N, --wrong N and --none.")
    with open_existing(library) as opened:
        number = answers or wrong
        passage = None
        if number is not None:
            passages = opened.ask(question, k=number).passages
            if len(passages) < number:
                raise click.UsageError(f"There are only {len(passages)} passages.")
            passage = passages[number - 1]
        opened.judge(question, passage, answers=answers is not None)
    console().print("Noted. Make an evaluation set of all that was noted: quoth export FILE")


@click.command(epilog=examples("quoth export mine.jsonl && quoth evaluate mine.jsonl"))
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--qrels", is_flag=True, help="Write a folder in the BEIR layout, passages and all.")
@LIBRARY_OPTION
def export(file: Path, qrels: bool, library: Path | None) -> None:
    """Write the questions that were judged to FILE.

    `quoth evaluate FILE` measures on them.
    """
    from rag.default_library import open_existing
    from rag.export.beir import write_set

    with open_existing(library) as opened:
        rows = opened.labelled_questions()
        if not rows:
            raise click.UsageError(
                "Nothing was judged yet, or what was has changed. See: quoth judge --help"
            )
        try:
            if qrels:
                write_set(opened, file)
            else:
                text = "".join(json.dumps(row) + "\n" for row in rows)
                file.write_text(text, encoding="utf-8")
        except OSError as error:
            raise click.UsageError(f"Cannot write {file}: {error.strerror}.") from error
    console().print(f"Wrote {len(rows)} question{'' if len(rows) == 1 else 's'} to {file}.")
