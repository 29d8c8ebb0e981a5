"""Receiving an upload: its bytes go to a part file, and the whole file to the queue."""

import os
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from pathlib import Path, PurePosixPath

from starlette.concurrency import run_in_threadpool

from rag.errors import QuothError
from rag.indexing.source_files import LARGEST_FILE, check_kind
from ui.error_messages import disk_refusals
from ui.jobs.file_names import safe_name
from ui.jobs.file_placement import check_target
from ui.jobs.upload_queue import MOST_PENDING, UploadQueue
from ui.jobs.upload_spool import SpooledFile, create_part, spool
from ui.jobs.upload_states import Upload

SIZE_LIMIT = f"{LARGEST_FILE >> 20} MiB"
"""The largest file, as people read it."""


class TooLargeError(QuothError):
    """A file is larger than the limit."""


class NoRoomError(QuothError):
    """The upload queue is full."""


async def receive(
    queue: UploadQueue,
    files_folder: Callable[[], Path],
    chunks: AsyncIterator[bytes],
    name: str,
    modified: float = 0,
) -> Upload:
    """Receive a file under the name that its sender gave, and queue it.

    `files_folder` makes and returns the folder of uploads. `modified` is the file's modification
    time in seconds since 1970, or 0 if unknown.

    Raises UnreadableFileError for an unsupported format, TooLargeError, NoRoomError, DiskError,
    NameTakenError if a file would need the name of a folder or the reverse, SourceError if the
    library is not in a folder, ClientDisconnect.
    """
    if queue.pending() >= MOST_PENDING:
        raise NoRoomError(
            f"The upload queue is full ({MOST_PENDING:,} files). Try again in a moment."
        )
    relative = safe_name(name)
    check_kind(Path(relative))
    folder = await run_in_threadpool(files_folder)
    with disk_refusals():
        check_target(folder, relative)
        file = await _receive_file(chunks, folder, relative, modified)
    return queue.add(file, folder)


async def _receive_file(
    chunks: AsyncIterator[bytes], folder: Path, name: PurePosixPath, modified: float
) -> SpooledFile:
    """Write the chunks to a part file and move it to the spool; on failure delete it."""
    size = 0
    descriptor, part = create_part(folder, name.suffix)
    try:
        with os.fdopen(descriptor, "wb") as file:
            async for chunk in chunks:
                size += len(chunk)
                if size > LARGEST_FILE:
                    raise TooLargeError(f"A file may have at most {SIZE_LIMIT}. Split it.")
                file.write(chunk)
        if modified:  # the filters `after:` and `before:` compare it
            os.utime(part, (modified, modified))
        return spool(part, folder, name)
    except BaseException:
        with suppress(OSError):  # report the first error; the next start deletes the part
            part.unlink(missing_ok=True)
        raise
