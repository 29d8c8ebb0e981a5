"""`quoth verify` and `quoth restore`: checking a library, and saving what is intact of it."""

from pathlib import Path

import click

from rag.cli.indexing.output import indexing_progress
from rag.cli.options import LIBRARY_OPTION, MODEL_OPTION, examples
from rag.cli.output import show_restoration, show_verification
from rag.config import library_folder
from rag.default_library import open_existing
from rag.maintenance.restore import restore as restore_library


@click.command()
@LIBRARY_OPTION
@click.option(
    "--second-reading/--no-second-reading",
    default=True,
    help="Whether to compare with what another program or parser reads.  [default: yes]",
)
@click.pass_context
def verify(context: click.Context, library: Path | None, second_reading: bool) -> None:
    """Check that every quote equals its source.

    Compares every passage with its document, and every document with its file as it is now; then
    with what another program or parser reads in the file, such as poppler, where there is one.
    """
    with open_existing(library) as opened:
        verification = opened.verify(second_reading=second_reading)
    show_verification(verification)
    context.exit(1 if verification.problems else 0)


@click.command(epilog=examples("quoth restore --library papers.quoth --to saved.quoth"))
@LIBRARY_OPTION
@click.option(
    "--to",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="The new library; by default beside the damaged one.",
)
@MODEL_OPTION
@click.pass_context
def restore(
    context: click.Context, library: Path | None, to: Path | None, model: str | None
) -> None:
    """Save the intact documents of a damaged library.

    They go into a new library, together with the chat page's files, password and keys. What
    cannot be saved is listed. The damaged library is not changed.
    """
    with indexing_progress() as progress:
        restoration = restore_library(
            library or library_folder(), to, model=model, progress=progress
        )
    show_restoration(restoration)
    context.exit(0 if restoration.is_complete else 1)
