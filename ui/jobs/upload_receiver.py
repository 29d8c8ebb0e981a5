"""A file that is sent to the server: kept aside when whole, then read in its turn."""

import os
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from pathlib import Path, PurePosixPath

from starlette.concurrency import run_in_threadpool

from rag.errors import QuothError
from rag.indexing.source_files import LARGEST_FILE, check_kind
from ui.error_messages import disk_refusals
from ui.jobs.file_names import safe_name
from ui.jobs.file_placement import check_place
from ui.jobs.upload_queue import MOST_WAITING, UploadQueue
from ui.jobs.upload_spool import SpooledFile, aside, hold
from ui.jobs.upload_states import Upload

LARGEST_SHOWN = f"{LARGEST_FILE >> 20} MiB"


class TooLargeError(QuothError):
    """More was sent than is taken."""


class NoRoomError(QuothError):
    """As many files wait to be read as may."""


async def receive(
    queue: UploadQueue,
    files_folder: Callable[[], Path],
    pieces: AsyncIterator[bytes],
    name: str,
    modified: float = 0,
) -> Upload:
    """Take one file in under a name that its sender gave; it is read when `queue` comes to it.

    `files_folder` makes and returns the folder that it is kept in.
    `modified` is when it was last changed, in seconds since 1970; 0 when that is not known.

    Raises UnreadableFileError for a kind that is not read, TooLargeError, NoRoomError,
    DiskError, NameTakenError when the name is that of a folder, or a folder's that of a file,
    SourceError when the library is not kept in a folder, ClientDisconnect.
    """
    if queue.waiting() >= MOST_WAITING:
        raise NoRoomError(
            f"{MOST_WAITING:,} files wait to be read. Send more when these have been read."
        )
    relative = safe_name(name)
    check_kind(Path(relative))
    folder = await run_in_threadpool(files_folder)
    with disk_refusals():
        check_place(folder, relative)
        held = await _keep(pieces, folder, relative, modified)
    return queue.take(held, folder)


async def _keep(
    pieces: AsyncIterator[bytes], folder: Path, name: PurePosixPath, modified: float
) -> SpooledFile:
    """Write what is sent to a file of its own, whole, which then waits."""
    size = 0
    handle, part = aside(folder, name.suffix)
    try:
        with os.fdopen(handle, "wb") as file:
            async for piece in pieces:
                size += len(piece)
                if size > LARGEST_FILE:
                    raise TooLargeError(f"A file may have {LARGEST_SHOWN} at most. Split it.")
                file.write(piece)
        if modified:  # what `after:` and `before:` in a question go by
            os.utime(part, (modified, modified))
        return hold(part, folder, name)
    except BaseException:
        with suppress(OSError):  # what was refused first is to be told; a start deletes the rest
            part.unlink(missing_ok=True)
        raise
