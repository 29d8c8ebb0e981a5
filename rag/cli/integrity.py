"""quoth verify, and quoth restore: whether a library is whole, and what to save when it is not."""

from pathlib import Path

import click

from rag.cli.options import LIBRARY_OPTION, MODEL_OPTION, examples
from rag.cli.output import indexing_progress, show_restoration, show_verification


@click.command()
@LIBRARY_OPTION
@click.pass_context
def verify(context: click.Context, library: Path | None) -> None:
    """Check that every quote equals its source.

    Every passage is held against its document, and every document against its file as it is now.
    """
    from rag.default_library import open_existing

    with open_existing(library) as opened:
        found = opened.verify()
    show_verification(found)
    context.exit(1 if found.problems else 0)


@click.command(epilog=examples("quoth restore --library papers.quoth --to saved.quoth"))
@LIBRARY_OPTION
@click.option("--to", type=click.Path(path_type=Path), metavar="DIR",
              help="The new library; by default beside the damaged one.")  # fmt: skip
@MODEL_OPTION
@click.pass_context
def restore(
    context: click.Context, library: Path | None, to: Path | None, model: str | None
) -> None:
    """Save what is whole of a damaged library.

    It goes into a new one, with the chat page's files, password and keys; what could not be saved
    is named. The damaged one stays as it is.
    """
    from rag.config import library_folder
    from rag.maintenance.restore import restore as restored

    with indexing_progress() as progress:
        found = restored(library or library_folder(), to, model=model, progress=progress)
    show_restoration(found)
    is_all = not (found.salvaged.lost or found.salvaged.unnamed or found.uncopied)
    context.exit(0 if is_all else 1)
