"""Files sent to a server, and what became of them."""

import os
from pathlib import Path, PurePosixPath

from tests_support import wait_until

from ui.app_state import AppState
from ui.jobs.upload_queue import UploadQueue
from ui.jobs.upload_spool import SpooledFile, aside, hold


def sent(folder: Path, name: str, text: str) -> SpooledFile:
    """Leave a file waiting in a folder, as one that was sent."""
    handle, part = aside(folder, Path(name).suffix)
    os.close(handle)
    part.write_text(text, encoding="utf-8")
    return hold(part, folder, PurePosixPath(name))


def take(state: AppState, name: str, text: str) -> None:
    folder = state.served.files_folder()
    state.uploads.take(sent(folder, name, text), folder)


def kept(state: AppState) -> dict[str, str]:
    """Return every file that lies beside the library, with its text."""
    folder = state.served.files_folder()
    return {str(p.relative_to(folder)): p.read_text() for p in folder.rglob("*") if p.is_file()}


def settled(adding: UploadQueue) -> dict[str, str]:
    wait_until(lambda: not any(file.state in ("waiting", "reading") for file in adding.files()))
    return {file.name: file.state for file in adding.files()}


def idle(adding: UploadQueue) -> None:
    wait_until(lambda: not adding.is_working)
