"""`quoth index`: adds files and folders to a library, and watches them on request."""

import sys
from collections.abc import Sequence
from pathlib import Path

import click

from rag.cli.indexing.output import indexing_progress, show_report, write_report
from rag.cli.options import LIBRARY_OPTION, MODEL_OPTION, examples
from rag.cli.output import console, show_round, warn
from rag.errors import SourceError
from rag.indexing.discovery import is_gone, resolved
from rag.indexing.model_choice import model_for
from rag.indexing.pipeline import Report
from rag.library import Library
from rag.maintenance.watcher import FolderWatcher
from rag.text.languages import NAMES
from rag.text.plurals import counted


def _language_codes(
    context: click.Context, option: click.Parameter, value: str | None
) -> tuple[str, ...]:
    """Return comma-separated ISO 639-1 codes as a tuple. Raises click.BadParameter."""
    codes = tuple(code.strip().lower() for code in (value or "").split(",") if code.strip())
    for code in codes:
        if code not in NAMES:
            raise click.BadParameter(
                f"{code!r} is not an ISO 639-1 language code, such as ar or en"
            )
    return codes


@click.command(
    epilog=examples(
        "quoth index papers/ notes.md",
        "quoth index papers/ --watch",
        "quoth index papers/ --report unread.csv",
        "quoth index archive/ --languages ar,en --library archive.quoth",
    )
)
@click.argument("paths", nargs=-1, required=True, type=click.Path())
@LIBRARY_OPTION
@MODEL_OPTION
@click.option(
    "--languages",
    callback=_language_codes,
    metavar="CODES",
    help="The documents' languages, such as ar,en; they decide the model.",
)
@click.option(
    "--report",
    "report_file",
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    metavar="FILE",
    help="Write every file that was not read, and why, as CSV or .json.",
)
@click.option("--watch", is_flag=True, help="Then keep indexing what changes, until Ctrl-C.")
def index(
    paths: tuple[str, ...],
    library: Path | None,
    model: str | None,
    languages: tuple[str, ...],
    report_file: Path | None,
    watch: bool,
) -> None:
    """Add files and folders to the library, or bring them up to date.

    Unchanged files are skipped. Files that have disappeared from a folder are removed from the
    library; one that lies elsewhere in it now is renamed. A file that cannot be read is reported
    with the reason; of many, the report says how many there are for each.

    A new library's model depends on the languages of its first documents: all-MiniLM-L6-v2 for
    English, multilingual-e5-small if 5 % of the text or more is in other languages. The report
    says which was chosen, why, and how to change it.
    """
    model = model or (model_for(languages) if languages else None)
    with Library.open(library, model=model) as opened:
        try:
            with indexing_progress() as progress:
                report = opened.add(paths, progress=progress)
            show_report(report, opened.status())
            if report_file is not None:
                _write(report, report_file)
        except KeyboardInterrupt:
            complete = counted(opened.status().counts.documents, "complete document")
            warn(
                f"Interrupted. The library holds {complete}; "
                "run the same command again to continue."
            )
            raise
        except SourceError as error:
            if not watch or any(map(is_gone, map(resolved, paths))):
                raise
            warn(str(error))  # a folder that is still empty can be watched
        if watch:
            _watch(opened, paths)


def _write(report: Report, file: Path) -> None:
    try:
        write_report(report, file)
    except OSError as error:
        raise click.FileError(str(file), error.strerror) from error


def _watch(library: Library, paths: Sequence[str]) -> None:
    """Index and print what changes in files and folders, until interrupted."""
    try:
        console().print("Watching for changes; press Ctrl-C to stop.")
        sys.stdout.flush()
        for update in FolderWatcher(library, paths).rounds():
            show_round(update)
            sys.stdout.flush()
    except KeyboardInterrupt:
        console().print("Stopped watching.")
