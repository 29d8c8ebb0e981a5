"""quoth evaluate: how good retrieval and abstention are on a labelled set."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from evaluation.datasets import DatasetError, read_dataset

if TYPE_CHECKING:
    from evaluation.measuring import Evaluation


@click.command()
@click.argument("dataset", type=click.Path(path_type=Path))
@click.option("--questions", type=click.IntRange(min=1), metavar="N",
              help="Ask at most N questions of each kind.")  # fmt: skip
@click.option("--json", "json_file", type=click.Path(dir_okay=False, path_type=Path),
              metavar="FILE", help="Write every answer and measure as JSON.")  # fmt: skip
def evaluate(dataset: Path, questions: int | None, json_file: Path | None) -> None:
    """Ask the questions of DATASET, a folder in the BEIR layout, of its own corpus."""
    try:
        from evaluation.measuring import evaluate as measured
    except ModuleNotFoundError as error:
        raise DatasetError(f"{error.name} is missing. pip install 'quoth[evaluation]'") from error

    if json_file is not None and not json_file.absolute().parent.is_dir():
        raise click.BadParameter(f"there is no folder {json_file.parent}", param_hint="--json")
    found = measured(read_dataset(dataset), most=questions)
    if json_file is not None:
        json_file.write_text(json.dumps(asdict(found), default=sorted, indent=1))
    _show(found)


def _show(found: "Evaluation") -> None:
    click.echo(f"{found.name}: {found.passages} passages, {len(found.asked)} questions")
    for name, value in found.measures.items():
        click.echo(f"  {name:20} {value:.3f}")
    for answerable, kind in ((True, "with an answer"), (False, "without an answer")):
        declined, of = found.declined(answerable=answerable)
        click.echo(f"  declined {kind:18} {declined} of {of}")
    for asked in found.asked:
        best = asked.retrieved[:1]
        if asked.relevant and not (asked.answer.answered and best and best[0] in asked.relevant):
            verdict = "" if asked.answer.answered else " (declined)"
            click.echo(f"  missed{verdict}: {asked.answer.question}")
        if not asked.relevant and asked.answer.answered:
            click.echo(f"  answered although unanswerable: {asked.answer.question}")
