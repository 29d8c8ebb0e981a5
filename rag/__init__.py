"""From files to passages, from a question to an answer: Quoth's Python API.

    from rag import Library

Names are loaded when first used, so that importing this package costs next to nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rag.answers import Answer, Citation, CitedPassage, Highlight, Hit, Searched, Why
    from rag.errors import (
        ForeignVectorsError,
        ModelError,
        QuestionError,
        QuothError,
        SourceError,
        StoreBusyError,
        StoreDamagedError,
        StoreError,
        StoreUnwritableError,
        StoreVersionError,
    )
    from rag.indexing import Progress, Report
    from rag.library import Library
    from rag.restoring import Restoration, restore
    from rag.status import Status
    from rag.verifying import Problem, Verification
    from vector_store.records import Document, DocumentInfo, Passage

_HOMES = {
    "rag.answers": "Answer Citation CitedPassage Highlight Hit Searched Why",
    "rag.errors": (
        "ForeignVectorsError ModelError QuestionError QuothError SourceError StoreBusyError "
        "StoreDamagedError StoreError StoreUnwritableError StoreVersionError"
    ),
    "rag.indexing": "Progress Report",
    "rag.library": "Library",
    "rag.restoring": "Restoration restore",
    "rag.status": "Status",
    "rag.verifying": "Problem Verification",
    "vector_store.records": "Document DocumentInfo Passage",
}
_HOME_OF = {name: module for module, names in _HOMES.items() for name in names.split()}

__all__ = [
    "Answer",
    "Citation",
    "CitedPassage",
    "Document",
    "DocumentInfo",
    "ForeignVectorsError",
    "Highlight",
    "Hit",
    "Library",
    "ModelError",
    "Passage",
    "Problem",
    "Progress",
    "QuestionError",
    "QuothError",
    "Report",
    "Restoration",
    "Searched",
    "SourceError",
    "Status",
    "StoreBusyError",
    "StoreDamagedError",
    "StoreError",
    "StoreUnwritableError",
    "StoreVersionError",
    "Verification",
    "Why",
    "restore",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME_OF:
        raise AttributeError(f"module 'rag' has no attribute {name!r}")
    return getattr(import_module(_HOME_OF[name]), name)
