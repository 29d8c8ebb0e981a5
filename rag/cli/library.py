"""`quoth status`, `quoth remove` and `quoth switch`: a library's contents and its model."""

import json
from dataclasses import asdict
from pathlib import Path

import click

from rag.cli.index_output import indexing_progress
from rag.cli.options import LIBRARY_OPTION, examples
from rag.cli.output import console, show_status
from rag.default_library import open_existing
from rag.documents.lookup import paths_under
from rag.ids import document_id
from rag.models.registry import named
from rag.text.plurals import counted


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print the status as a JSON object.")
@LIBRARY_OPTION
def status(as_json: bool, library: Path | None) -> None:
    """Show what the library holds.

    Lists its documents, the model that searches them, and every file that could not be read.
    """
    with open_existing(library) as opened:
        report = opened.status()
    if as_json:
        click.echo(json.dumps(asdict(report), indent=2))
    else:
        show_status(report)


@click.command(epilog=examples("quoth remove notes.md papers/2019/"))
@click.argument("paths", nargs=-1, required=True, type=click.Path())
@LIBRARY_OPTION
def remove(paths: tuple[str, ...], library: Path | None) -> None:
    """Remove documents from the library; their files stay as they are.

    PATHS name documents, or folders that contain them.
    """
    with open_existing(library) as opened:
        with opened.store.view() as view:
            ids = [document_id(path) for path in paths_under(view, paths)]
        remaining = opened.casework.count_quotes_of(ids)
        removed = opened.remove(paths)
    if not removed:
        raise click.UsageError(
            "The library has no document at these paths. To list its documents: quoth status"
        )
    console().print(f"Removed {counted(removed, 'document')}.")
    if remaining:
        quotes = counted(remaining, "quote")
        console().print(f"Your cases still hold {quotes} of it. To see them: quoth cases list")


@click.command(epilog=examples("quoth switch multilingual"))
@click.argument("model")
@LIBRARY_OPTION
def switch(model: str, library: Path | None) -> None:
    """Re-embed the library with another MODEL.

    MODEL is small, multilingual, a folder, or a hub name. The files are not read again. Until
    the switch is complete the old model answers questions; after an interruption, run the same
    command to continue.
    """
    with open_existing(library) as opened, indexing_progress() as progress:
        documents = opened.switch(model, progress=progress)
    console().print(f"{counted(documents, 'document')} now searched by {named(model)}.")
