"""quoth evaluate: measure ranking, abstention and highlights on labelled sets."""

import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from evaluation.cli import FILE
from evaluation.quality import peers
from evaluation.quality.systems import SYSTEMS, runnable
from rag.cli.options import LIBRARY_OPTION, MODEL_OPTION, examples
from rag.factories import DEFAULT_MODEL

if TYPE_CHECKING:
    from evaluation.datasets.corpus import Corpus
    from evaluation.quality.results import Evaluation


@dataclass(frozen=True, slots=True, kw_only=True)
class _Plan:
    """What to measure."""

    sets: tuple[Path, ...]
    systems: tuple[str, ...]
    trec_files: tuple[Path, ...]
    questions: int | None
    library: Path | None
    model: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Outputs:
    """Files to write; None for those that were not requested."""

    json: Path | None
    markdown: Path | None
    html: Path | None
    run: Path | None

    def paths(self) -> list[Path]:
        """Return the files that were requested."""
        return [path for path in (self.json, self.markdown, self.html, self.run) if path]


def _output_option(
    name: str, help_text: str
) -> Callable[[click.decorators.FC], click.decorators.FC]:
    return click.option(f"--{name}", f"{name}_file", type=FILE, metavar="FILE", help=help_text)


@click.command(epilog=examples(
    "quoth evaluate scifact/ --system quoth --system bm25 --html report.html",
    "quoth evaluate mine.jsonl",
))  # fmt: skip
@click.argument("sets", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="SET...")
@click.option("--system", "systems", multiple=True, metavar="NAME", type=click.Choice([*SYSTEMS]),
              help="Rank with this system; may be repeated (default: all installed).")  # fmt: skip
@click.option("--trec", "trec_files", multiple=True, type=FILE, metavar="FILE",
              help="Measure this TREC run as well; without --system, only runs.")  # fmt: skip
@click.option("--questions", type=click.IntRange(min=1), metavar="N",
              help="Ask at most N questions of each kind, spread over the set.")  # fmt: skip
@click.option("--worst", type=click.IntRange(min=0), metavar="N", default=5, show_default=True,
              help="Show the N worst questions of each kind.")  # fmt: skip
@_output_option("json", "Write every figure as JSON.")
@_output_option("markdown", "Write the report as Markdown.")
@_output_option("html", "Write the report as HTML, with plots.")
@_output_option("run", "Write the ranking of the one SET by the one --system as a TREC run.")
@LIBRARY_OPTION
@MODEL_OPTION
def evaluate(
    sets: tuple[Path, ...],
    systems: tuple[str, ...],
    trec_files: tuple[Path, ...],
    questions: int | None,
    worst: int,
    json_file: Path | None,
    markdown_file: Path | None,
    html_file: Path | None,
    run_file: Path | None,
    library: Path | None,
    model: str | None,
) -> None:
    """Measure the quality of answers on labelled SETs.

    A SET is a folder in the BEIR layout, or a .jsonl file of questions about your library, each
    with the spans that answer it. A folder's corpus is indexed temporarily; questions in a file
    are asked of your library.
    """
    plan = _Plan(
        sets=sets,
        systems=systems,
        trec_files=trec_files,
        questions=questions,
        library=library,
        model=model,
    )
    outputs = _Outputs(json=json_file, markdown=markdown_file, html=html_file, run=run_file)
    _check(plan, outputs)
    from evaluation.report.markdown import markdown  # loads ir-measures, which loads pandas

    evaluations: list[Evaluation] = []
    try:
        for evaluation in _evaluations(plan):
            evaluations.append(evaluation)
            _write_outputs(outputs, evaluations, worst)  # now, in case a later set is interrupted
    finally:
        if evaluations:
            click.echo(markdown(evaluations, worst))


def _check(plan: _Plan, outputs: _Outputs) -> None:
    """Refuse a plan that cannot succeed before it takes time.

    Raises click.BadParameter, and QuothError for a system that cannot run.
    """
    for file in outputs.paths():
        if not file.absolute().parent.is_dir():
            raise click.BadParameter(f"there is no folder {file.parent}")
    if len(plan.sets) > 1 and (outputs.run or plan.trec_files):
        raise click.BadParameter("a TREC run belongs to one set: name only one")
    if outputs.run and len(plan.systems) + len(plan.trec_files) != 1:
        raise click.BadParameter("a TREC run holds one ranking: name one --system")
    names = Counter(_name(path) for path in plan.sets)
    if duplicates := [name for name, count in names.items() if count > 1]:
        raise click.BadParameter(f"two sets are called {duplicates[0]}: rename one")
    for name in plan.systems:
        if name in peers.PACKAGES:
            peers.check(name, plan.model or DEFAULT_MODEL)


def _name(path: Path) -> str:
    return path.stem if path.is_file() else path.resolve().name


def _evaluations(plan: _Plan) -> Iterator["Evaluation"]:
    """Evaluate the sets one by one. All of them are read before the first is evaluated."""
    from evaluation.datasets.trec import read_run
    from evaluation.quality.evaluate import evaluate as evaluate_set
    from evaluation.report.markdown import summary_line

    default = () if plan.trec_files else tuple(runnable(plan.model or DEFAULT_MODEL))
    systems = tuple(dict.fromkeys(plan.systems)) or default
    openers = [_read_set(path, plan) for path in plan.sets]
    for open_corpus in openers:
        with open_corpus() as corpus:
            runs = [read_run(file, corpus.dataset) for file in plan.trec_files]
            counts = Counter([*systems, *(name for name, _ in runs)])
            unique_runs = [  # a run with the name of a system or of another run gets its file's too
                (name if counts[name] == 1 else f"{name} ({file.name})", rankings)
                for (name, rankings), file in zip(runs, plan.trec_files, strict=True)
            ]
            evaluation = evaluate_set(
                corpus, systems=systems, runs=unique_runs, report=_show_progress
            )
        _show_progress(summary_line(evaluation))
        yield evaluation


def _show_progress(line: str) -> None:
    click.echo(line, err=True)


def _read_set(path: Path, plan: _Plan) -> Callable[[], AbstractContextManager["Corpus"]]:
    """Read a set; return a function that opens it as a corpus. Raises DatasetError."""
    from evaluation.datasets.beir import read_dataset
    from evaluation.datasets.corpus import indexed, labelled
    from evaluation.datasets.labels import read_labels
    from evaluation.datasets.trec import read_run

    if path.is_file():
        labels = read_labels(path)
        return lambda: labelled(labels, plan.library, plan.model, _name(path), plan.questions)
    dataset = read_dataset(path)
    sample = dataset if plan.questions is None else dataset.sample(plan.questions)
    for file in plan.trec_files:
        read_run(file, sample)  # refuses a malformed run before anything is indexed
    return lambda: indexed(sample, plan.model)


def _write_outputs(outputs: _Outputs, evaluations: Sequence["Evaluation"], worst: int) -> None:
    from evaluation.datasets.trec import run_lines
    from evaluation.report.figures import figures
    from evaluation.report.html import html
    from evaluation.report.markdown import markdown

    if outputs.json is not None:
        _write(outputs.json, json.dumps(figures(evaluations), indent=1))
    if outputs.markdown is not None:
        _write(outputs.markdown, markdown(evaluations, worst))
    if outputs.html is not None:
        _write(outputs.html, html(evaluations, worst))
    if outputs.run is not None:
        if not evaluations[-1].systems:
            raise click.BadParameter("no question is judged, so nothing was ranked")
        [result] = evaluations[-1].systems
        _write(outputs.run, "".join(run_lines(result.name, result.rankings)))


def _write(file: Path, text: str) -> None:
    try:
        # A lone surrogate, which UTF-8 cannot encode, becomes a question mark.
        file.write_text(text, encoding="utf-8", errors="replace")
    except OSError as error:
        raise click.FileError(str(file), hint=f"it cannot be written: {error.strerror}") from error
