"""Changing the marks of documents of the served library."""

import logging
from dataclasses import dataclass

from rag.documents.lookup import document_of
from rag.errors import StoreError
from rag.library import Library
from rag.marking.marks import NO_MARK, Mark, ReviewStatus
from ui.documents.rows import RowsOfLibrary

_log = logging.getLogger("quoth")


@dataclass(frozen=True, slots=True)
class MarkChange:
    """What to change of a document's mark."""

    status: ReviewStatus | None = None
    """None leaves it."""
    add_tags: tuple[str, ...] = ()
    remove_tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Marked:
    """A document's mark, and the version of the rows that show it."""

    key: str
    mark: Mark
    version: str


def marked(library: Library, rows: RowsOfLibrary, key: str, change: MarkChange) -> Marked:
    """Change the mark of a document; return what it is then. Raises as `Service.mark` does."""
    with library.store.view() as view:
        info = document_of(view, key)
        if change.add_tags or change.remove_tags:
            library.document_marks.tag([info], change.add_tags, change.remove_tags)
        if change.status is not None:
            library.document_marks.set_status([info], change.status)
        mark = library.document_marks.of([info]).get(key, NO_MARK)
        return Marked(key, mark, rows.version(library, view))


def opened(library: Library, rows: RowsOfLibrary, key: str) -> Marked:
    """Record that a document was opened, and return its mark.

    Where marks cannot be written, it is read all the same. Raises NotFoundError.
    """
    with library.store.view() as view:
        info = document_of(view, key)
        try:
            library.document_marks.opened(info)
            mark = library.document_marks.of([info]).get(key, NO_MARK)
        except StoreError as error:
            _log.warning("A document that was opened is not marked as read: %s", error)
            mark = NO_MARK
        return Marked(key, mark, rows.version(library, view))
