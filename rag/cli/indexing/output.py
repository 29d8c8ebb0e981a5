"""What `quoth index` shows: a progress bar, and a report that fits a screen."""

import contextlib
import json
import shlex
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress as Bar,
    SpinnerColumn,
    TextColumn,
    TimeRemainingColumn,
)

from rag.cli.output import console, show_unknown_languages, visible
from rag.config import library_folder
from rag.documents.status import Status
from rag.documents.unread import groups_of
from rag.export.tables import report_csv
from rag.indexing.model_choice import ModelChoice
from rag.indexing.pipeline import Progress, Report
from rag.models.registry import SMALL, multilingual
from rag.text.plurals import counted

_MOST_NAMED = 10
"""How many files the report names at most."""
_BESIDE_NAME = 66
"""Columns of a terminal that all but the name of the file takes."""
_SHORTEST_NAME = 12


@contextlib.contextmanager
def indexing_progress() -> Iterator[Callable[[Progress], None]]:
    """Show a progress bar on standard error if that is a terminal; give what updates it."""
    columns = (
        SpinnerColumn(),
        BarColumn(bar_width=16),
        MofNCompleteColumn(),
        TextColumn("files, {task.fields[passages]} passages"),
        TimeRemainingColumn(),
        TextColumn("{task.description}", markup=False),
    )
    errors = Console(stderr=True)
    with Bar(*columns, console=errors, transient=True, disable=not errors.is_terminal) as bar:
        task = bar.add_task("", total=None, passages=0)

        def show(progress: Progress) -> None:
            room = max(errors.width - _BESIDE_NAME, _SHORTEST_NAME)
            bar.update(
                task,
                completed=progress.files_done,
                total=progress.files,
                passages=f"{progress.passages:,}",
                description=_doing(progress, room),
            )

        yield show


def _doing(progress: Progress, room: int) -> str:
    """Return what is done at the moment, in at most `room` characters."""
    if progress.is_preparing:
        return "preparing the model"
    return shortened(visible(progress.name), room)


def shortened(name: str, room: int) -> str:
    """Return a name with its middle left out if it is longer than `room`: both ends tell most."""
    if len(name) <= room:
        return name
    end = (room - 1) * 2 // 3  # the file's own name is at the end
    return f"{name[: room - 1 - end]}\u2026{name[-end:]}"


def show_report(report: Report, status: Status) -> None:
    """Print the outcome of a run of indexing, and which files could not be read, and why."""
    out = console()
    read = counted(report.added + report.replaced, "file")
    renamed = f"{report.renamed} renamed, " if report.renamed else ""
    out.print(
        f"Read {read} into {counted(report.passages, 'passage')}: "
        f"{report.added} added, {report.replaced} replaced; {report.unchanged} unchanged, "
        f"{renamed}{report.removed} removed, {len(report.unread)} not read."
    )
    if report.copies:
        out.print(f"{report.copies} the same as another file; cited at both paths.")
    _show_unread(out, report)
    if report.model_choice is not None:
        _show_choice(out, report.model_choice, status.folder)
    show_unknown_languages(out, status)


def _show_unread(out: Console, report: Report) -> None:
    """Print why files were not read: each that is new, or the reasons if there are many."""
    new, earlier = report.newly_unread, len(report.unread) - len(report.newly_unread)
    if len(new) <= _MOST_NAMED:
        for file in new:
            out.print(f"  not read: {visible(file.name)}: {file.reason}")
    else:
        groups = groups_of(new)
        for group in groups[:_MOST_NAMED]:
            example = "" if len(group.files) > 1 else f" ({visible(group.files[0].name)})"
            out.print(f"  not read: {counted(len(group.files), 'file')}: {group.reason}{example}")
        if (more := len(groups) - _MOST_NAMED) > 0:
            out.print(f"  not read: others, for {counted(more, 'more reason')}")
    if earlier:
        out.print(f"  not read: {counted(earlier, 'file')} as in the run before")
    if earlier or len(new) > _MOST_NAMED:
        out.print("To list every file: quoth status, or quoth index with --report FILE")


def _show_choice(out: Console, choice: ModelChoice, folder: str) -> None:
    """Print which model a new library begins with, why, and how to change it."""
    other = multilingual() if choice.model == SMALL else "small"
    option = "" if folder == str(library_folder()) else f" --library {shlex.quote(folder)}"
    out.print(
        f"Model: {choice.model}, {choice.reason}. To change it: "
        f"quoth switch {other}{visible(option)}"
    )


def write_report(report: Report, file: Path) -> None:
    """Write every file that could not be read into a file, as CSV, or as JSON by its suffix.

    The JSON also has the counts. Raises OSError.
    """
    if file.suffix.lower() != ".json":
        file.write_bytes(b"".join(report_csv(report)))
        return
    values, new = asdict(report), set(report.newly_unread)
    del values["newly_unread"], values["unread"]
    values["unread"] = [{**asdict(one), "new": one in new} for one in report.unread]
    text = json.dumps(values, ensure_ascii=False, indent=1) + "\n"
    file.write_bytes(text.encode("utf-8", "replace"))
