"""All documents of a library as the page's script takes them: one column for each property.

Columns are a third of the size of objects, and as fast to read. They are made once for each state
of the library; the marks, which change with every click, are put beside them.
"""

import gzip
import hashlib
import json
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from rag.documents.listing import file_of, natural
from rag.ids import document_id
from rag.library import Library
from rag.marking.marks import STATUSES, Marks
from rag.query.scope import own_date
from rag.text.encodings import encodable, printable
from vector_store.base import StoreView
from vector_store.records import DocumentInfo

_NOTHING_MARKED = " 0"
_GZIP_LEVEL = 1  # at once; the page is mostly on the same machine


@dataclass(frozen=True)
class DocumentRows:
    """The rows of all documents, as JSON."""

    version: str
    """Differs after every change of the documents or their marks."""
    body: bytes

    @property
    def tag(self) -> str:
        """Its ETag."""
        return f'"{hashlib.sha256(self.version.encode()).hexdigest()[:32]}"'

    @cached_property
    def gzipped(self) -> bytes:
        """The body, compressed once."""
        return gzip.compress(self.body, _GZIP_LEVEL, mtime=0)


class RowsOfLibrary:
    """Makes the rows of a library, and keeps the last. Safe to use from several threads."""

    def __init__(self) -> None:
        """Begin with none."""
        self._guard = threading.Lock()
        self._columns: tuple[str, list[str], bytes] | None = None
        """The version of the documents, their ids in order, and the columns without marks."""
        self._last: DocumentRows | None = None

    def version(self, library: Library, view: StoreView) -> str:
        """Return the version that `rows` would have now."""
        return f"{_version(library, view)} {library.document_marks.version()}"

    def rows(self, library: Library) -> DocumentRows:
        """Return the rows of a library's documents, ordered by folder and name."""
        with self._guard, library.store.view() as view:
            version = self.version(library, view)
            if self._last is None or self._last.version != version:
                self._last = self._made(library, view, version)
            return self._last

    def _made(self, library: Library, view: StoreView, version: str) -> DocumentRows:
        of_documents = _version(library, view)
        documents = None
        if self._columns is None or self._columns[0] != of_documents:
            documents = view.documents()
            columns, ids = _columns(documents, view.stamps())
            encoded = json.dumps(columns, ensure_ascii=False, separators=(",", ":"))
            self._columns = of_documents, ids, encoded[1:-1].encode("utf-8", "replace")
        _, ids, body = self._columns
        marks: Marks = {}
        if not version.endswith(_NOTHING_MARKED):
            marks = library.document_marks.of(documents or view.documents())
        rest = json.dumps({"version": version, **_marks(ids, marks)}, ensure_ascii=False)
        return DocumentRows(version, b"{" + body + b"," + rest[1:].encode("utf-8", "replace"))


def _version(library: Library, view: StoreView) -> str:
    return f"{document_id(library.folder)} {view.version()}"


def _columns(
    documents: Sequence[DocumentInfo], stamps: Mapping[str, str]
) -> tuple[dict[str, Any], list[str]]:
    """Return the columns without marks, ordered by folder and name, and the documents' ids."""
    keys = [natural(info.name).replace("/", "\0") for info in documents]
    order = sorted(range(len(documents)), key=keys.__getitem__)
    own_names = [keys[number].rpartition("\0")[2] for number in order]
    ranks = [0] * len(order)
    for rank, row in enumerate(sorted(range(len(order)), key=own_names.__getitem__)):
        ranks[row] = rank
    people, languages = {"": 0}, {"": 0}
    ids, titles, sizes, dates, modified, person, language = [], [], [], [], [], [], []
    infos = [documents[number] for number in order]
    for info in infos:
        fields = dict(info.fields)
        author = encodable(fields.get("from") or fields.get("author", ""))
        size, day = file_of(info.path, stamps.get(info.path))
        ids.append(document_id(info.path))
        titles.append(_title(info))
        sizes.append(-1 if size is None else size)
        dates.append(fields["date"][:10] if "date" in fields and own_date(info.fields) else "")
        modified.append(day)
        person.append(people.setdefault(author, len(people)))
        language.append(languages.setdefault(info.language, len(languages)))
    columns = {
        "keys": "".join(ids),
        "names": [encodable(info.name) for info in infos],
        "titles": titles,
        "ranks": ranks,
        "passages": [info.passages for info in infos],
        "sizes": sizes,
        "dates": dates,
        "modified": modified,
        "person": person,
        "language": language,
        "people": list(people),
        "languages": list(languages),
    }
    return columns, ids


def _title(info: DocumentInfo) -> str:
    """Return a document's title, or nothing where that is its name."""
    stem = info.name.rpartition("/")[2].rpartition(".")[0]
    title = encodable(info.title)
    return "" if title == printable(stem) else title


def _marks(ids: list[str], marks: Marks) -> dict[str, Any]:
    """Return the marks of the documents that have any, by their number in the list."""
    marked = [(number, marks[key]) for number, key in enumerate(ids) if key in marks]
    return {
        "marked": [number for number, _ in marked],
        "statuses": [STATUSES.index(mark.status) for _, mark in marked],
        "tags": [mark.tags for _, mark in marked],
    }
