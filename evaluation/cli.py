"""What the command-line scripts of this package share: options, JSON files, error messages."""

import json
import sys
from dataclasses import asdict
from pathlib import Path

import click

from rag.errors import QuothError

FILE = click.Path(dir_okay=False, path_type=Path)
FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
JSON_OPTION = click.option(
    "--json", "json_file", type=FILE, metavar="FILE", help="Write the figures as JSON."
)


def run(command: click.Command) -> None:
    """Run a command on the arguments of this process; end with one line on a QuothError."""
    try:
        command()
    except QuothError as error:
        sys.exit(f"quoth: {error}")


def print_json(path: Path | None, figures: object) -> None:
    """Print figures as JSON, and write them to a file if there is one. They may be dataclasses."""
    click.echo(json.dumps(figures, indent=1, default=asdict))
    write_json(path, figures)


def write_json(path: Path | None, figures: object) -> None:
    """Write figures to a file as JSON, if there is a file. They may be dataclasses."""
    if path is not None:
        path.write_text(json.dumps(figures, indent=1, default=asdict) + "\n", encoding="utf-8")
