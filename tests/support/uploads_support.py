"""Uploads to a server, and their states."""

import os
from pathlib import Path, PurePosixPath

from tests_support import wait_until

from ui.app_state import AppState
from ui.jobs.upload_queue import UploadQueue
from ui.jobs.upload_spool import SpooledFile, create_part, spool


def spool_file(folder: Path, name: str, text: str) -> SpooledFile:
    """Leave a file in the spool of a folder, as if it had been received."""
    descriptor, part = create_part(folder, Path(name).suffix)
    os.close(descriptor)
    part.write_text(text, encoding="utf-8")
    return spool(part, folder, PurePosixPath(name))


def upload(state: AppState, name: str, text: str) -> None:
    folder = state.served.files_folder()
    state.uploads.add(spool_file(folder, name, text), folder)


def files_on_disk(state: AppState) -> dict[str, str]:
    """Return every file in the folder of uploads, with its text."""
    folder = state.served.files_folder()
    return {str(p.relative_to(folder)): p.read_text() for p in folder.rglob("*") if p.is_file()}


def upload_states(queue: UploadQueue) -> dict[str, str]:
    """Wait until nothing is waiting or being read; return the state of each upload by name."""
    wait_until(lambda: not any(file.state in ("waiting", "reading") for file in queue.files()))
    return {file.name: file.state for file in queue.files()}


def wait_until_idle(queue: UploadQueue) -> None:
    wait_until(lambda: not queue.is_working)
