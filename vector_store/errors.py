"""What can go wrong while keeping passages; every message says what to do.

    QuothError
    └── StoreError
        ├── StoreUnwritableError   the folder cannot be created or written
        ├── StoreBusyError         the library is being changed already
        ├── StoreDamagedError      the database itself cannot be read
        ├── StoreVersionError      written by a newer (or unknown) format
        └── ForeignVectorsError    vectors of another embedding model

`rag.errors` continues the tree above the store.
"""


class QuothError(Exception):
    """Anything Quoth refuses or cannot do; the message tells the person how to go on."""


class StoreError(QuothError):
    """A failure of the place where passages are kept."""


class StoreUnwritableError(StoreError):
    """The library's folder cannot be created or written."""


class StoreBusyError(StoreError):
    """Another holds the one writer's lock: a process, or another call in this one."""


class StoreDamagedError(StoreError):
    """The SQLite database, the one source of truth, cannot be read."""


class StoreVersionError(StoreError):
    """The library was written in a format this version does not know."""


class ForeignVectorsError(StoreError):
    """The vectors offered come from another embedding model than those kept."""
