"""quoth evaluate: how good ranking, abstention and highlights are on a labelled set."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from evaluation.datasets import read_dataset
from rag.cli import MODEL_OPTION
from rag.wiring import DEFAULT_MODEL

if TYPE_CHECKING:
    from evaluation.measuring import Evaluation


@click.command()
@click.argument("dataset", type=click.Path(path_type=Path))
@click.option("--system", "systems", multiple=True, metavar="NAME",
              type=click.Choice(["bm25", "dense", "rrf", "quoth"]),
              help="Rank with this one; may be repeated (default: all).")  # fmt: skip
@click.option("--questions", type=click.IntRange(min=1), metavar="N",
              help="Ask at most N questions of each kind.")  # fmt: skip
@click.option("--json", "json_file", type=click.Path(dir_okay=False, path_type=Path),
              metavar="FILE", help="Write every figure as JSON.")  # fmt: skip
@click.option("--run", "run_file", type=click.Path(dir_okay=False, path_type=Path),
              metavar="FILE", help="Write the rankings as a TREC run.")  # fmt: skip
@MODEL_OPTION
def evaluate(
    dataset: Path,
    systems: tuple[str, ...],
    questions: int | None,
    json_file: Path | None,
    run_file: Path | None,
    model: str | None,
) -> None:
    """Ask the questions of DATASET, a folder in the BEIR layout, of its own corpus."""
    for file in (json_file, run_file):
        if file is not None and not file.absolute().parent.is_dir():
            raise click.BadParameter(f"there is no folder {file.parent}")
    from evaluation.measuring import evaluate as measured  # loads ir-measures, and it pandas
    from evaluation.systems import SYSTEMS

    found = measured(
        read_dataset(dataset),
        systems=systems or tuple(SYSTEMS),
        most=questions,
        model=model or DEFAULT_MODEL,
    )
    if json_file is not None:
        json_file.write_text(json.dumps(_figures(found), indent=1))
    if run_file is not None:
        run_file.write_text("".join(_trec_lines(found)))
    _show(found)


def _figures(found: "Evaluation") -> dict[str, Any]:
    """Return every figure as plain values."""
    return {
        "dataset": found.name,
        "passages": found.passages,
        "systems": {
            result.name: {measure: asdict(mean) for measure, mean in result.means().items()}
            for result in found.systems
        },
        "declined": {
            "answerable": found.declined(answerable=True),
            "unanswerable": found.declined(answerable=False),
        },
        "auroc": found.auroc(),
        "area_under_risk_coverage": found.risk(),
        "verbatim": found.verbatim,
        "highlighted": found.highlight_accuracy(),
    }


def _trec_lines(found: "Evaluation") -> list[str]:
    """Return the lines of a TREC run: query, Q0, document, rank, score, system."""
    lines = []
    for result in found.systems:
        rank, query = 0, ""
        for row in result.run:
            rank = rank + 1 if row.query_id == query else 1
            query = row.query_id
            lines.append(f"{query} Q0 {row.doc_id} {rank} {row.score:.6f} {result.name}\n")
    return lines


def _show(found: "Evaluation") -> None:
    answerable = found.declined(answerable=True)[1]
    click.echo(
        f"{found.name}: {found.passages} passages, {answerable} questions with an answer, "
        f"{len(found.asked) - answerable} without"
    )
    for result in found.systems:
        figures = "  ".join(f"{name} {m.mean:.3f}" for name, m in result.means().items())
        ndcg = result.means()["nDCG@10"]
        click.echo(f"  {result.name:6} {figures}  (nDCG@10 {ndcg.low:.3f} to {ndcg.high:.3f})")
    right = sum(asked.right for asked in found.asked)
    click.echo(f"  first passage right      {right} of {answerable}")
    for kind, with_answer in (("with an answer", True), ("without an answer", False)):
        declined, of = found.declined(answerable=with_answer)
        click.echo(f"  declined {kind:15} {declined} of {of}")
    area = found.auroc()
    click.echo(f"  confidence               AUROC {'-' if area is None else f'{area:.3f}'}, "
               f"area under risk-coverage {found.risk():.3f}")  # fmt: skip
    held, could = found.highlight_accuracy()
    click.echo(f"  highlight holds answer   {held} of {could}")
    click.echo(f"  verbatim                 {found.verbatim:.4f}")
    for asked in found.asked:
        if asked.relevant and not (asked.right and asked.answer.answered):
            verdict = "" if asked.answer.answered else " (declined)"
            click.echo(f"  missed{verdict}: {asked.answer.question}")
        if not asked.relevant and asked.answer.answered:
            click.echo(f"  answered although unanswerable: {asked.answer.question}")
