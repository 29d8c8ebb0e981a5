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
        UnknownLanguage,
        Why,
    )
    from rag.async_library import AsyncLibrary
    from rag.chat.followups import Followed, follow
    from rag.documents.lookup import PassageInContext
    from rag.documents.status import Status
    from rag.documents.verification import Problem, Verification
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
    from rag.indexing.pipeline import Progress, Report
    from rag.indexing.readers import Reading
    from rag.library import Library
    from rag.maintenance.restore import Restoration, restore
    from rag.query.scope import Searched
    from rag.query.syntax import Filter, Search
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
    "rag.answers": ("Answer Citation CitedPassage Highlight Hit Quoted Ranked UnknownLanguage Why"),
    "rag.async_library": "AsyncLibrary",
    "rag.errors": (
        "CancelledWorkError DeadlineExceededError ForeignVectorsError MissingExtraError ModelError "
        "NotFoundError QuestionError QuothError SourceError StoreBusyError StoreDamagedError "
        "StoreError StoreUnwritableError StoreVersionError UnreadableFileError"
    ),
    "rag.chat.followups": "Followed follow",
    "rag.indexing.pipeline": "Progress Report",
    "rag.library": "Library",
    "rag.documents.lookup": "PassageInContext",
    "rag.indexing.readers": "Reading",
    "rag.maintenance.restore": "Restoration restore",
    "rag.documents.status": "Status",
    "rag.query.scope": "Searched",
    "rag.query.syntax": "Filter Search",
    "rag.documents.verification": "Problem Verification",
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
