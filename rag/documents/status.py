"""The record that `Library.status` returns."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from rag.models.registry import bundled_languages
from vector_store.base import StoreView, VectorSource
from vector_store.records import Counts, DenseSearch, DocumentInfo, UnreadFile


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibrated:
    """What was fitted on the library's judgements; see `rag.calibration`."""

    fitted: str
    """The day, in ISO 8601."""
    questions: int
    """How many judged questions the fit used; with fewer than 20 nothing was changed."""
    unanswerable: int
    """How many judged questions the documents do not answer."""
    slope: float
    offset: float
    threshold: float
    promise: float | None
    """The largest share of unanswerable questions that may be answered, where one was promised."""
    model: str
    applies: bool
    """Whether it was fitted for the library's model and for this version's constants."""


@dataclass(frozen=True, slots=True)
class Status:
    """What a library holds and how it is searched."""

    folder: str
    model: str
    runtime: str | None
    """The runtime that embedded the documents; None before the first."""
    counts: Counts
    documents: tuple[DocumentInfo, ...]
    unknown_languages: dict[str, int]
    """How many documents are in each language that the model does not know, by ISO 639-1 code."""
    unread: tuple[UnreadFile, ...]
    dense_search: DenseSearch
    calibrated: Calibrated | None = None
    """None when nothing was fitted on judgements."""


def unknown_languages(documents: Iterable[DocumentInfo], model: str) -> dict[str, int]:
    """Return how many documents are in each language a model does not know, by ISO 639-1 code.

    Most frequent first; empty for a model whose languages are not known.
    """
    model_languages = bundled_languages(model)
    if not model_languages:
        return {}
    counts = Counter(info.language for info in documents if info.language)
    return {code: count for code, count in counts.most_common() if code not in model_languages}


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
