"""What a person or a program is told when something is refused: a sentence without a path.

Errors of the store and of the system name folders of the server, which the command line may show
and the network may not. Whatever is sent over HTTP or MCP passes through `sentence`.
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

_NO_SPACE = "There is no space left on the server's disk. Free some."
_NOT_WRITABLE = "The server's disk cannot be written to. Make the library's folder writable."
_FAILED = "The server's disk failed. Check it."
_BAD_NAME = "The server's disk does not take this name. Shorten it, or leave out unusual signs."

_SENTENCES: dict[type[QuothError], str] = {
    StoreUnwritableError: "The server's disk refused to write the library: it is full, or not "
    "writable. Make room there, or make the library's folder writable.",
    StoreBusyError: "The library is being changed already. Wait until that has finished.",
    StoreDamagedError: "The library's database is damaged. On the server, `quoth restore` saves "
    "what is whole of it.",
    StoreVersionError: "The library was written by another version of Quoth. Update the older one.",
    ForeignVectorsError: "The library was indexed with another model. On the server, `quoth "
    "status` names it, and `quoth switch` changes it.",
    StoreError: "The library cannot be used. The server's log tells more.",
    ModelError: "The library's model cannot be loaded. The server's log tells more.",
}
_WITHOUT_PATH: dict[type[QuothError], str] = {
    NotFoundError: "There is no such document: it was removed, or never was in this library.",
    SourceError: "The path cannot be followed on the server.",
}
"""In place of a message that names a path; others of these kinds name none."""
_PATH = re.compile(r"""['"]/|(?:/[^\s/]+){2}|[A-Za-z]:\\|\\\\""")


class DiskError(QuothError):
    """The system refused to read or write a file of the server's; the message names no path."""


class NoSpaceError(DiskError):
    """The disk is full."""


class BadNameError(DiskError):
    """The disk cannot keep a file of this name."""


def sentence(error: QuothError | OSError) -> str:
    """Return what to say of a refusal to whoever is not on the server: no path of it.

    What the sentence leaves out goes to the log.
    """
    if isinstance(error, OSError):
        return str(refusal_of(error))
    for kind in type(error).__mro__:
        if kind in _SENTENCES:
            if not isinstance(error, StoreBusyError):
                _log.warning("%s", error)
            return _SENTENCES[kind]
        if kind in _WITHOUT_PATH and _PATH.search(str(error)):
            return _WITHOUT_PATH[kind]
    return str(error)


def refusal_of(error: OSError) -> DiskError:
    """Return what the system refused as a refusal with a sentence."""
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
        _log.warning("The disk refused: %s", error.strerror or type(error).__name__)
        raise refusal_of(error) from error
