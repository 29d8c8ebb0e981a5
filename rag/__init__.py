"""From files to passages, from a question to an answer: Quoth's Python API.

    from rag import Library

Names are loaded when first used, so that importing this package costs next to nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rag.answers import (
        Answer,
        Citation,
        CitedPassage,
        Highlight,
        Hit,
        Quoted,
        Ranked,
        Searched,
        UnknownLanguage,
        Why,
    )
    from rag.asynchronous import AsyncLibrary
    from rag.errors import (
        CancelledWorkError,
        DeadlineExceededError,
        ForeignVectorsError,
        MissingExtraError,
        ModelError,
        NotFoundError,
        QuestionError,
        QuothError,
        SourceError,
        StoreBusyError,
        StoreDamagedError,
        StoreError,
        StoreUnwritableError,
        StoreVersionError,
        UnreadableFileError,
    )
    from rag.followups import Followed, follow
    from rag.indexing import Progress, Report
    from rag.library import Library
    from rag.looking_up import PassageInContext
    from rag.readers import Reading
    from rag.restoring import Restoration, restore
    from rag.status import Status
    from rag.syntax import Filter, Search
    from rag.verifying import Problem, Verification
    from vector_store.records import (
        Contents,
        Copy,
        Counts,
        DenseSearch,
        Document,
        DocumentInfo,
        Paragraph,
        Passage,
        UnreadFile,
    )

_HOMES = {
    "rag.answers": (
        "Answer Citation CitedPassage Highlight Hit Quoted Ranked Searched UnknownLanguage Why"
    ),
    "rag.asynchronous": "AsyncLibrary",
    "rag.errors": (
        "CancelledWorkError DeadlineExceededError ForeignVectorsError MissingExtraError ModelError "
        "NotFoundError QuestionError QuothError SourceError StoreBusyError StoreDamagedError "
        "StoreError StoreUnwritableError StoreVersionError UnreadableFileError"
    ),
    "rag.followups": "Followed follow",
    "rag.indexing": "Progress Report",
    "rag.library": "Library",
    "rag.looking_up": "PassageInContext",
    "rag.readers": "Reading",
    "rag.restoring": "Restoration restore",
    "rag.status": "Status",
    "rag.syntax": "Filter Search",
    "rag.verifying": "Problem Verification",
    "vector_store.records": (
        "Contents Copy Counts DenseSearch Document DocumentInfo Paragraph Passage UnreadFile"
    ),
}
_HOME_OF = {name: module for module, names in _HOMES.items() for name in names.split()}

__all__ = [
    "Answer",
    "AsyncLibrary",
    "CancelledWorkError",
    "Citation",
    "CitedPassage",
    "Contents",
    "Copy",
    "Counts",
    "DeadlineExceededError",
    "DenseSearch",
    "Document",
    "DocumentInfo",
    "Filter",
    "Followed",
    "ForeignVectorsError",
    "Highlight",
    "Hit",
    "Library",
    "MissingExtraError",
    "ModelError",
    "NotFoundError",
    "Paragraph",
    "Passage",
    "PassageInContext",
    "Problem",
    "Progress",
    "QuestionError",
    "Quoted",
    "QuothError",
    "Ranked",
    "Reading",
    "Report",
    "Restoration",
    "Search",
    "Searched",
    "SourceError",
    "Status",
    "StoreBusyError",
    "StoreDamagedError",
    "StoreError",
    "StoreUnwritableError",
    "StoreVersionError",
    "UnknownLanguage",
    "UnreadFile",
    "UnreadableFileError",
    "Verification",
    "Why",
    "follow",
    "restore",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME_OF:
        raise AttributeError(f"module 'rag' has no attribute {name!r}")
    return getattr(import_module(_HOME_OF[name]), name)
