"""quoth evaluate: how good ranking, abstention and highlights are on labelled sets."""

import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from evaluation.systems import SYSTEMS, installed
from rag.cli import LIBRARY_OPTION, MODEL_OPTION

if TYPE_CHECKING:
    from evaluation.corpora import Corpus
    from evaluation.measuring import Evaluation

_FILE = click.Path(dir_okay=False, path_type=Path)


def _output(name: str, text: str) -> Callable[[click.decorators.FC], click.decorators.FC]:
    return click.option(f"--{name}", f"{name}_file", type=_FILE, metavar="FILE", help=text)


@click.command()
@click.argument("sets", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="SET...")
@click.option("--system", "systems", multiple=True, metavar="NAME", type=click.Choice([*SYSTEMS]),
              help="Rank with this one; may be repeated (default: all installed).")  # fmt: skip
@click.option("--trec", "trec_files", multiple=True, type=_FILE, metavar="FILE",
              help="Measure this TREC run as well; without --system, only runs.")  # fmt: skip
@click.option("--questions", type=click.IntRange(min=1), metavar="N",
              help="Ask at most N questions of each kind, spread over the set.")  # fmt: skip
@_output("json", "Write every figure as JSON.")
@_output("markdown", "Write the report as Markdown.")
@_output("html", "Write the report as HTML, with plots.")
@_output("run", "Write the rankings of the one SET as a TREC run.")
@LIBRARY_OPTION
@MODEL_OPTION
def evaluate(
    sets: tuple[Path, ...],
    systems: tuple[str, ...],
    trec_files: tuple[Path, ...],
    questions: int | None,
    json_file: Path | None,
    markdown_file: Path | None,
    html_file: Path | None,
    run_file: Path | None,
    library: Path | None,
    model: str | None,
) -> None:
    """Measure on SETs: folders in the BEIR layout, or questions about your library.

    A folder's corpus is indexed for the time it takes. A .jsonl file of questions, each with the
    spans that answer it, is asked of the library that you have.
    """
    for file in (json_file, markdown_file, html_file, run_file):
        if file is not None and not file.absolute().parent.is_dir():
            raise click.BadParameter(f"there is no folder {file.parent}")
    if len(sets) > 1 and (run_file or trec_files):
        raise click.BadParameter("a TREC run belongs to one set: name only one")
    from evaluation import report, tables  # loads ir-measures, and it pandas
    from evaluation.figures import figures

    found = list(_evaluations(sets, systems, trec_files, questions, library, model))
    if json_file is not None:
        json_file.write_text(json.dumps(figures(found), indent=1), encoding="utf-8")
    if markdown_file is not None:
        markdown_file.write_text(tables.markdown(found), encoding="utf-8")
    if html_file is not None:
        html_file.write_text(report.html(found), encoding="utf-8")
    if run_file is not None:
        _write_run(run_file, found[0])
    click.echo(tables.markdown(found))


def _evaluations(
    sets: tuple[Path, ...],
    systems: tuple[str, ...],
    trec_files: tuple[Path, ...],
    questions: int | None,
    library: Path | None,
    model: str | None,
) -> Iterator["Evaluation"]:
    from evaluation import tables
    from evaluation.measuring import evaluate as measured
    from evaluation.trec import read_run

    chosen = systems or (() if trec_files else tuple(installed()))
    opened = [_opening(path, questions, library, model) for path in sets]  # checks every set first
    for opening in opened:
        with opening() as corpus:
            ids = {entry.id for entry in corpus.dataset.corpus}
            runs = [read_run(file, ids) for file in trec_files]
            found = measured(corpus, systems=chosen, runs=runs, tell=_tell)
        _tell(tables.in_short(found))
        yield found


def _tell(doing: str) -> None:
    click.echo(doing, err=True)


def _opening(
    path: Path, questions: int | None, library: Path | None, model: str | None
) -> Callable[[], AbstractContextManager["Corpus"]]:
    """Read a set, and return what makes it ready to be asked. Raises DatasetError."""
    from evaluation.corpora import indexed, labelled
    from evaluation.datasets import read_dataset
    from evaluation.labels import read_labels
    from rag.wiring import DEFAULT_MODEL

    if path.is_file():
        labels = read_labels(path)
        return lambda: labelled(labels, library, model, path.stem)
    dataset = read_dataset(path)
    sample = dataset.sample(questions) if questions is not None else dataset
    return lambda: indexed(sample, model or DEFAULT_MODEL)


def _write_run(file: Path, evaluation: "Evaluation") -> None:
    from evaluation.trec import run_lines

    with file.open("w", encoding="utf-8") as written:
        for result in evaluation.systems:
            written.writelines(run_lines(result.name, result.rankings))
