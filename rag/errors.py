"""Quoth's exceptions. Each message says what is wrong and what to do about it.

QuothError
├── StoreError …            the library's storage failed (see vector_store.errors)
├── SourceError             a path cannot be indexed at all
├── UnreadableFileError     one file cannot be read; the others can
├── ModelError              the embedding model cannot be loaded
├── NotFoundError           no document or passage has this id or path
├── QuestionError           the question is invalid
├── CaseworkError           a case, note or tag is invalid, or there are too many
├── SettingError            an environment variable or setting has an invalid value
├── DeadlineExceededError   the work exceeded its time limit
├── CancelledWorkError      the caller has gone
└── MissingExtraError       the framework that a module integrates is not installed
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
    "CaseworkError",
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
    """A path to index does not exist, or contains nothing that can be read."""


class UnreadableFileError(QuothError):
    """One file cannot be read. The message is the reason, as a report shows it."""


class ModelError(QuothError):
    """The embedding model cannot be loaded."""


class NotCompiledError(ModelError):
    """A model could not be compiled and runs uncompiled. The message is the reason."""


class UncompilableError(NotCompiledError):
    """A model cannot be compiled on this machine; trying again is pointless."""


class NotFoundError(QuothError):
    """A document or passage is not in the library, or no longer."""


class QuestionError(QuothError):
    """A question, or an option of one, is invalid. The message is the reason."""


class CaseworkError(QuothError):
    """A case, a note, a tag or a file to import is invalid, or there are too many of them."""


class SettingError(QuothError):
    """An environment variable or another setting has an invalid value."""


class DeadlineExceededError(QuothError):
    """Work was stopped because it exceeded its time limit."""


class CancelledWorkError(QuothError):
    """Work was stopped because its caller no longer waits for the result."""


class MissingExtraError(QuothError, ImportError):
    """A module's framework is not installed. The message names the extra that installs it."""
