"""Command-line options that several commands share, and the layout of their examples."""

from pathlib import Path

import click


def examples(*lines: str) -> str:
    """Return the epilog of a command's help: one example a line."""
    return "\b\nExamples:\n" + "\n".join(f"  {line}" for line in lines)


LIBRARY_OPTION = click.option(
    "--library",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="The library's folder (default: $QUOTH_LIBRARY, else your data folder).",
)
MODEL_OPTION = click.option(
    "--model",
    metavar="NAME",
    help="An embedding model: small, multilingual, a folder, or a hub name (default: the "
    "library's own).",
)
