"""quoth evaluate: how good ranking, abstention and highlights are on labelled sets."""

import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from evaluation.quality import peers
from evaluation.quality.systems import SYSTEMS, runnable
from rag.cli.options import LIBRARY_OPTION, MODEL_OPTION, examples
from rag.factories import DEFAULT_MODEL

if TYPE_CHECKING:
    from evaluation.datasets.corpus import Corpus
    from evaluation.quality.evaluate import Evaluation

_FILE = click.Path(dir_okay=False, path_type=Path)


@dataclass(frozen=True, slots=True)
class _Asked:
    """What is to be measured."""

    sets: tuple[Path, ...]
    systems: tuple[str, ...]
    trec_files: tuple[Path, ...]
    questions: int | None
    library: Path | None
    model: str | None


def _output(name: str, text: str) -> Callable[[click.decorators.FC], click.decorators.FC]:
    return click.option(f"--{name}", f"{name}_file", type=_FILE, metavar="FILE", help=text)


@click.command(epilog=examples(
    "quoth evaluate scifact/ --system quoth --system bm25 --html report.html",
    "quoth evaluate mine.jsonl",
))  # fmt: skip
@click.argument("sets", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="SET...")
@click.option("--system", "systems", multiple=True, metavar="NAME", type=click.Choice([*SYSTEMS]),
              help="Rank with this one; may be repeated (default: all installed).")  # fmt: skip
@click.option("--trec", "trec_files", multiple=True, type=_FILE, metavar="FILE",
              help="Measure this TREC run as well; without --system, only runs.")  # fmt: skip
@click.option("--questions", type=click.IntRange(min=1), metavar="N",
              help="Ask at most N questions of each kind, spread over the set.")  # fmt: skip
@click.option("--worst", type=click.IntRange(min=0), metavar="N", default=5, show_default=True,
              help="Show the N worst questions of each kind.")  # fmt: skip
@_output("json", "Write every figure as JSON.")
@_output("markdown", "Write the report as Markdown.")
@_output("html", "Write the report as HTML, with plots.")
@_output("run", "Write the ranking of the one SET by the one --system as a TREC run.")
@LIBRARY_OPTION
@MODEL_OPTION
def evaluate(
    worst: int,
    json_file: Path | None,
    markdown_file: Path | None,
    html_file: Path | None,
    run_file: Path | None,
    **asked: Any,
) -> None:
    """Measure how good answers are on labelled SETs.

    SETs are folders in the BEIR layout, or questions about your library. A folder's corpus is
    indexed for the time it takes. A .jsonl file of questions, each with the spans that answer it,
    is asked of the library that you have.
    """
    wanted = _Asked(**asked)
    _check(wanted, (json_file, markdown_file, html_file), run_file)
    from evaluation.datasets.trec import run_lines
    from evaluation.report import (
        html as report,
        markdown as tables,  # loads ir-measures, and it pandas
    )
    from evaluation.report.figures import figures

    found: list[Evaluation] = []
    try:
        for evaluation in _evaluations(wanted):
            found.append(evaluation)  # written set by set: an interruption loses only the open one
            if json_file is not None:
                _write(json_file, json.dumps(figures(found), indent=1))
            if markdown_file is not None:
                _write(markdown_file, tables.markdown(found, worst))
            if html_file is not None:
                _write(html_file, report.html(found, worst))
            if run_file is not None:
                if not evaluation.systems:
                    raise click.BadParameter("no question is judged, so nothing was ranked")
                [result] = evaluation.systems
                _write(run_file, "".join(run_lines(result.name, result.rankings)))
    finally:
        if found:
            click.echo(tables.markdown(found, worst))


def _check(wanted: _Asked, files: Sequence[Path | None], run_file: Path | None) -> None:
    """Refuse what cannot come to anything before it takes time. Raises click.BadParameter."""
    for file in (*files, run_file):
        if file is not None and not file.absolute().parent.is_dir():
            raise click.BadParameter(f"there is no folder {file.parent}")
    if len(wanted.sets) > 1 and (run_file or wanted.trec_files):
        raise click.BadParameter("a TREC run belongs to one set: name only one")
    if run_file and len(wanted.systems) + len(wanted.trec_files) != 1:
        raise click.BadParameter("a TREC run holds one ranking: name one --system")
    names = Counter(_name(path) for path in wanted.sets)
    if twice := [name for name, times in names.items() if times > 1]:
        raise click.BadParameter(f"two sets are called {twice[0]}: rename one")
    for name in wanted.systems:
        if name in peers.PACKAGES:
            peers.check(name, wanted.model or DEFAULT_MODEL)


def _name(path: Path) -> str:
    return path.stem if path.is_file() else path.resolve().name


def _evaluations(wanted: _Asked) -> Iterator["Evaluation"]:
    from evaluation.datasets.trec import read_run
    from evaluation.quality.evaluate import evaluate as measured
    from evaluation.report import markdown as tables

    default = () if wanted.trec_files else tuple(runnable(wanted.model or DEFAULT_MODEL))
    systems = tuple(dict.fromkeys(wanted.systems)) or default
    opened = [_opening(path, wanted) for path in wanted.sets]  # reads every set first
    for opening in opened:
        with opening() as corpus:
            runs = [read_run(file, corpus.dataset) for file in wanted.trec_files]
            taken = Counter([*systems, *(name for name, _ in runs)])
            own = [  # a run called as a system, or as another run, is known by its file
                (name if taken[name] == 1 else f"{name} ({file.name})", ranked)
                for (name, ranked), file in zip(runs, wanted.trec_files, strict=True)
            ]
            found = measured(corpus, systems=systems, runs=own, tell=_tell)
        _tell(tables.in_short(found))
        yield found


def _tell(doing: str) -> None:
    click.echo(doing, err=True)


def _opening(path: Path, wanted: _Asked) -> Callable[[], AbstractContextManager["Corpus"]]:
    """Read a set, and return what makes it ready to be asked. Raises DatasetError."""
    from evaluation.datasets.beir import read_dataset
    from evaluation.datasets.corpus import indexed, labelled
    from evaluation.datasets.labels import read_labels
    from evaluation.datasets.trec import read_run

    if path.is_file():
        labels = read_labels(path)
        return lambda: labelled(labels, wanted.library, wanted.model, _name(path), wanted.questions)
    dataset = read_dataset(path)
    asked = dataset if wanted.questions is None else dataset.sample(wanted.questions)
    for file in wanted.trec_files:
        read_run(file, asked)  # a run that cannot be read is refused before anything is indexed
    return lambda: indexed(asked, wanted.model)


def _write(file: Path, text: str) -> None:
    try:
        # A lone surrogate, which no file can hold, becomes a question mark.
        file.write_text(text, encoding="utf-8", errors="replace")
    except OSError as error:
        raise click.FileError(str(file), hint=f"it cannot be written: {error.strerror}") from error
