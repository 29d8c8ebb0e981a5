"""quoth chat: index what is named, then serve the page."""

import json
from importlib.resources import files
from pathlib import Path

import click

from rag.cli import LIBRARY_OPTION, MODEL_OPTION
from rag.library import Library
from rag.opening import Opened, open_to_ask
from rag.terminal import indexing_progress, show_report, warn
from ui.ports import listen

_EXAMPLES = 4


@click.command()
@click.argument("paths", nargs=-1)
@LIBRARY_OPTION
@MODEL_OPTION
@click.option("--port", type=click.IntRange(0, 65535), default=7860, show_default=True,
              help="Where to listen on this machine; 0 takes any free port.")  # fmt: skip
def chat(paths: tuple[str, ...], library: Path | None, model: str | None, port: int) -> None:
    """Open the chat page, after adding PATHS; without a library, over the seed documents."""
    bound = listen(port)
    opened = _opened(paths, library, model)
    if opened.seeds:
        warn("No library yet: showing the two seed documents. Add yours with: quoth index PATH")
    from ui.server import serve  # loads Gradio

    with opened.library as shown:
        examples = seed_questions()[:_EXAMPLES] if opened.seeds else []
        serve(
            shown, examples, bound, lambda url: click.echo(f"Quoth is ready: {url}  (Ctrl-C stops)")
        )


def _opened(paths: tuple[str, ...], folder: Path | None, model: str | None) -> Opened:
    if not paths:
        return open_to_ask(folder, model)
    library = Library.open(folder, model=model)
    with indexing_progress() as progress:
        report = library.add(paths, progress=progress)
    show_report(report, library.status())
    return Opened(library, seeds=False)


def seed_questions() -> list[str]:
    """Return the labelled questions about the seed documents that have an answer."""
    lines = (files("seeds") / "questions.jsonl").read_text(encoding="utf-8").splitlines()
    return [row["question"] for row in map(json.loads, lines) if row["answers"]]
