"""Every way Quoth refuses, in one tree; each message is a sentence that says what to do.

QuothError
├── StoreError …            where passages are kept (vector_store.errors)
├── SourceError             a path that was given cannot be indexed at all
├── UnreadableFileError     one file cannot be read; the others can
├── ModelError              the embedding model cannot be loaded
├── NotFoundError           no document or passage has this id or path
├── QuestionError           the question cannot be asked
├── SettingError            an environment variable has a value that cannot be used
├── DeadlineExceededError   it took longer than it may
├── CancelledWorkError      whoever asked has gone
└── MissingExtraError       a framework that a module is for is not installed
"""

from vector_store.errors import (
    ForeignVectorsError,
    QuothError,
    StoreBusyError,
    StoreDamagedError,
    StoreError,
    StoreUnwritableError,
    StoreVersionError,
)

__all__ = [
    "CancelledWorkError",
    "DeadlineExceededError",
    "ForeignVectorsError",
    "MissingExtraError",
    "ModelError",
    "NotFoundError",
    "QuestionError",
    "QuothError",
    "SettingError",
    "SourceError",
    "StoreBusyError",
    "StoreDamagedError",
    "StoreError",
    "StoreUnwritableError",
    "StoreVersionError",
    "UnreadableFileError",
]


class SourceError(QuothError):
    """A path given to be indexed does not exist or holds nothing that can be read."""


class UnreadableFileError(QuothError):
    """One file cannot be read; the message is the reason, fit for a report."""


class ModelError(QuothError):
    """The embedding model cannot be loaded."""


class NotCompiledError(ModelError):
    """A model runs as it is, uncompiled; the message says why."""


class UncompilableError(NotCompiledError):
    """Nor will it compile the next time."""


class NotFoundError(QuothError):
    """A document or a passage that was named is not in the library, or no longer."""


class QuestionError(QuothError):
    """The question cannot be asked; the message says why."""


class SettingError(QuothError):
    """An environment variable has a value that cannot be used."""


class DeadlineExceededError(QuothError):
    """A piece of work took longer than it may, and was stopped."""


class CancelledWorkError(QuothError):
    """A piece of work was stopped because nobody waits for it any more."""


class MissingExtraError(QuothError, ImportError):
    """A module is for a framework that is not installed; the message names the extra that is."""
