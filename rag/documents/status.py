"""What a library holds and how it is searched, for `Library.status`."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from rag.models.registry import bundled_languages
from vector_store.base import StoreView, VectorSource
from vector_store.records import Counts, DenseSearch, DocumentInfo, UnreadFile


@dataclass(frozen=True, slots=True)
class Status:
    """What a library holds and how it is searched."""

    folder: str
    model: str
    runtime: str | None
    """What ran the model when the documents were indexed; None before."""
    counts: Counts
    documents: tuple[DocumentInfo, ...]
    unknown_languages: dict[str, int]
    """As `unknown_languages` returns them."""
    unread: tuple[UnreadFile, ...]
    dense_search: DenseSearch


def unknown_languages(documents: Iterable[DocumentInfo], model: str) -> dict[str, int]:
    """Return how many documents are in each language a model does not know, by ISO 639-1 code.

    Most frequent first; empty for a model that does not tell its languages.
    """
    known = bundled_languages(model)
    found = Counter(info.language for info in documents if info.language)
    return {code: n for code, n in found.most_common() if known and code not in known}


def status_of(
    view: StoreView, folder: str, model_for: Callable[[VectorSource | None], str]
) -> Status:
    """Return the status of a library; `model_for` names the model for vectors of a source."""
    source, documents = view.source(), tuple(view.documents())
    model = model_for(source)
    return Status(
        folder,
        model,
        source.runtime if source else None,
        view.counts(),
        documents,
        unknown_languages(documents, model),
        tuple(view.unread()),
        view.dense_search(),
    )
