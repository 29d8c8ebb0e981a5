"""What has become of the documents of kept quotes, by a view of the library as it is now."""

from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property

from rag import deadlines
from rag.answers import Quoted
from rag.casework.records import Condition, KeptQuote
from rag.ids import document_id
from vector_store.base import StoreView
from vector_store.records import Contents, DocumentInfo

_GONE = Condition("gone", words_remain=False)


def with_conditions(view: StoreView, quotes: Sequence[KeptQuote]) -> tuple[KeptQuote, ...]:
    """Return quotes with the condition of each. Raises DeadlineExceededError."""
    documents = _Documents(view)
    conditions: dict[str, Condition] = {}
    # By document, so that each text is read once.
    for entry in sorted(quotes, key=lambda one: one.quote.citation.document_id):
        deadlines.check()
        conditions[entry.id] = _condition(documents, entry.quote)
    return tuple(replace(entry, condition=conditions[entry.id]) for entry in quotes)


def _condition(documents: "_Documents", quote: Quoted) -> Condition:
    info = documents.of(quote)
    if info is None:
        return _GONE
    id, citation = document_id(info.path), quote.citation
    same_file = info.sha256 == citation.sha256
    if same_file and documents.text_at(id, citation.start, citation.end) == quote.text:
        return Condition("unchanged", True, id, info.sha256, citation.start, citation.end)
    start, end = documents.span_of(info, quote.text)
    remain = end > 0
    if same_file and remain:  # read otherwise since: the passage was cut elsewhere
        return Condition("unchanged", True, id, info.sha256, start, end)
    return Condition("changed", remain, id, info.sha256, start, end)


class _Documents:
    """The documents of a view: each text is read once, and the list of all only if needed."""

    def __init__(self, view: StoreView) -> None:
        self._view = view
        self._contents: Contents | None = None

    def of(self, quote: Quoted) -> DocumentInfo | None:
        """Return a quote's document: with the same bytes if possible, wherever it lies now."""
        citation = quote.citation
        try:
            info = self._view.document(citation.document_id)
        except KeyError:
            return self._by_digest.get(citation.sha256)
        if info.sha256 == citation.sha256:
            return info
        return self._by_digest.get(citation.sha256, info)

    @cached_property
    def _by_digest(self) -> dict[str, DocumentInfo]:
        return {info.sha256: info for info in self._view.documents()}

    def text_at(self, id: str, start: int, end: int) -> str:
        """Return the passage `[start, end)` of a document; empty if there is none."""
        try:
            return self._view.passage_at(id, start, end).passage.text
        except KeyError:
            return ""

    def span_of(self, info: DocumentInfo, text: str) -> tuple[int, int]:
        """Return the span of the passage in which a text begins; (0, 0) where it does not stand."""
        if self._contents is None or self._contents.document.path != info.path:
            self._contents = self._view.contents(info.path)
        contents = self._contents
        start = contents.document.text.find(text)
        if start < 0:
            return 0, 0
        for passage in contents.passages:
            paragraph = passage.paragraph
            if paragraph.start <= start < paragraph.end:
                return paragraph.start, paragraph.end
        return start, start + len(text)  # between passages, as a heading is
