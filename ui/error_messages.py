"""Error messages for people and programs elsewhere, without any path of the server.

Errors of the store and of the operating system name the server's folders. The command line may
show these, the network may not: every error sent over HTTP or MCP passes through `sentence`.
"""

import errno
import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager

from rag.errors import (
    ForeignVectorsError,
    ModelError,
    NotFoundError,
    QuothError,
    SourceError,
    StoreBusyError,
    StoreDamagedError,
    StoreError,
    StoreUnwritableError,
    StoreVersionError,
)

_log = logging.getLogger("quoth")

_NO_SPACE = "There is no space left on the server's disk. Free some space."
_NOT_WRITABLE = "The server's disk cannot be written to. Make the library's folder writable."
_FAILED = "The server's disk failed. Check it."
_BAD_NAME = "The server's disk does not allow this name. Shorten it, or avoid unusual characters."

_MESSAGES: dict[type[QuothError], str] = {
    StoreUnwritableError: "The server's disk refused to write the library: it is full, or not "
    "writable. Free some space, or make the library's folder writable.",
    StoreBusyError: "The library is busy with another change. Wait until that has finished.",
    StoreDamagedError: "The library's database is damaged. On the server, run `quoth restore` to "
    "save what is intact.",
    StoreVersionError: "The library was written by another version of Quoth. Update the older one.",
    ForeignVectorsError: "The library was indexed with another model. On the server, `quoth "
    "status` names it, and `quoth switch` changes it.",
    StoreError: "The library cannot be used. See the server's log.",
    ModelError: "The library's model cannot be loaded. See the server's log.",
}
_MESSAGES_WITHOUT_PATH: dict[type[QuothError], str] = {
    NotFoundError: "This document does not exist: it was removed, or was never in this library.",
    SourceError: "The server cannot read this path. Check that it exists.",
}
"""Replacements for those messages of these kinds that name a path."""
_PATH = re.compile(r"""['"]/|(?:/[^\s/]+){2}|[A-Za-z]:\\|\\\\""")


class DiskError(QuothError):
    """The operating system refused to read or write a file; the message names no path."""


class NoSpaceError(DiskError):
    """The disk is full."""


class BadNameError(DiskError):
    """The disk does not allow this file name."""


def sentence(error: QuothError | OSError) -> str:
    """Return the message of an error without any path of the server.

    What the message leaves out goes to the log.
    """
    if isinstance(error, OSError):
        return str(refusal_of(error))
    for kind in type(error).__mro__:
        if kind in _MESSAGES:
            if not isinstance(error, StoreBusyError):
                _log.warning("%s", error)
            return _MESSAGES[kind]
        if kind in _MESSAGES_WITHOUT_PATH and _PATH.search(str(error)):
            return _MESSAGES_WITHOUT_PATH[kind]
    return str(error)


def refusal_of(error: OSError) -> DiskError:
    """Return the DiskError for an error of the operating system."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return NoSpaceError(_NO_SPACE)
    if error.errno in (errno.ENAMETOOLONG, errno.EINVAL, errno.EILSEQ):
        return BadNameError(_BAD_NAME)
    if error.errno in (errno.EROFS, errno.EACCES, errno.EPERM):
        return DiskError(_NOT_WRITABLE)
    return DiskError(_FAILED)


@contextmanager
def disk_refusals() -> Iterator[None]:
    """Raise DiskError in place of OSError."""
    try:
        yield
    except OSError as error:
        _log.warning("Disk error: %s", error.strerror or type(error).__name__)
        raise refusal_of(error) from error
