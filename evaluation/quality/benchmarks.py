"""Quoth as a search system in other benchmarks: MTEB's SearchProtocol and BEIR's BaseSearch.

    import mteb
    from evaluation.quality.benchmarks import MtebSearch

    with MtebSearch() as quoth:
        scores = mteb.evaluate(quoth, mteb.get_task("SciFact"))

Both rank as `quoth evaluate` does: the first DEPTH passages, with the same passages and model. A
measure at a cutoff of a thousand therefore sees a hundred. Only MtebSearch needs its package.
"""

from collections.abc import Collection, Iterable, Mapping
from contextlib import ExitStack
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from evaluation.datasets.beir import Dataset, DatasetError, Entry
from evaluation.datasets.corpus import Corpus, indexed
from evaluation.quality.evaluate import DEPTH
from evaluation.quality.systems import quoth
from rag.integrations.extras import requires
from rag.query.syntax import LONGEST_TYPED

if TYPE_CHECKING:
    from mteb.models.model_meta import ModelMeta

Results = dict[str, dict[str, float]]
"""Each query's entries with scores. Scores are by rank, since benchmarks break ties differently."""


class _Search:
    """Search over one corpus, indexed until the next one is or until it is closed."""

    def __init__(self, model: str | None = None) -> None:
        """Use a model; by default, the one for the languages of each corpus."""
        self._model = model
        self._open = ExitStack()
        self._corpus: Corpus | None = None

    def _index(self, name: str, entries: Iterable[Entry]) -> None:
        self.close()
        # Some corpora have entries without text, which have no passage to find.
        corpus = tuple(entry for entry in entries if entry.text.strip())
        dataset = Dataset(name, corpus, {}, {}, {}, {})
        self._corpus = self._open.enter_context(indexed(dataset, self._model))

    def _rank(self, query: str, depth: int | None = None) -> list[str]:
        """Return corpus ids, best first; without a depth, all that match."""
        if self._corpus is None:
            raise DatasetError("No corpus is indexed. Call index before search.")
        question = query.strip()[:LONGEST_TYPED]
        depth = depth or max(1, len(self._corpus.dataset.corpus))
        return quoth(self._corpus)(question, depth) if question else []

    def close(self) -> None:
        """Close the corpus and delete its index."""
        self._corpus = None
        self._open.close()

    def __enter__(self) -> Self:
        """Return the search itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the corpus and delete its index."""
        self.close()


def _scores(ranking: Iterable[str]) -> dict[str, float]:
    return {entry: 1 / rank for rank, entry in enumerate(ranking, start=1)}


class MtebSearch(_Search):
    """A model for `mteb.evaluate`, for retrieval and reranking of texts.

    Raises DatasetError for corpus entries or queries that are not text, and as `Library.search`.
    """

    def index(self, corpus: Iterable[Mapping[str, Any]], *, task_metadata: Any, **_: Any) -> None:
        """Index rows of `id`, `text` and optionally `title`, replacing the previous corpus."""
        entries = (
            Entry(row["id"], row.get("title") or "", _text(row, "corpus entry")) for row in corpus
        )
        self._index(task_metadata.name, entries)

    def search(
        self,
        queries: Iterable[Mapping[str, Any]],
        *,
        top_k: int,
        top_ranked: Mapping[str, Collection[str]] | None = None,
        **_: Any,
    ) -> Results:
        """Rank for queries, rows of `id`, `text` and optionally `instruction`.

        With `top_ranked`, as in reranking, only its entries are ranked.
        """
        results = {}
        for row in queries:
            question = f"{_text(row, 'query')} {row.get('instruction') or ''}"
            if top_ranked is None:
                ranking = self._rank(question, min(top_k, DEPTH))
            else:
                candidates = frozenset(top_ranked[row["id"]])
                ranking = [entry for entry in self._rank(question) if entry in candidates]
            results[row["id"]] = _scores(ranking[: min(top_k, DEPTH)])
        return results

    @property
    def mteb_model_meta(self) -> "ModelMeta":
        """Metadata that MTEB writes next to the figures."""
        from importlib.metadata import version

        with requires("mteb", extra="benchmarks"):
            from mteb.models.model_meta import ModelMeta
        return ModelMeta(
            loader=None,
            name=f"quoth/{(self._model or 'by-language').rpartition('/')[2]}",
            revision=version("quoth"),
            release_date=None,
            languages=None,
            n_parameters=None,
            memory_usage_mb=None,
            max_tokens=None,
            embed_dim=None,
            license="apache-2.0",
            open_weights=True,
            public_training_code=None,
            public_training_data=None,
            framework=[],
            similarity_fn_name=None,
            use_instructions=False,
            training_datasets=None,
            model_type=["hybrid"],
        )


def _text(row: Mapping[str, Any], kind: str) -> str:
    text = row.get("text")
    if not isinstance(text, str):
        raise DatasetError(f"The {kind} {row['id']} is not text. Quoth searches only text.")
    return text


class BeirSearch(_Search):
    """A retriever for BEIR's `EvaluateRetrieval`."""

    def search(
        self,
        corpus: Mapping[str, Mapping[str, str]],
        queries: Mapping[str, str],
        top_k: int,
        *_: Any,
        **__: Any,
    ) -> Results:
        """Index the corpus, texts and titles by id, and rank for each query.

        BEIR's arguments for scoring and encoding are ignored: Quoth has its own. Raises as
        `Library.search` does.
        """
        self._index(
            "beir",
            (Entry(id_, row.get("title", ""), row.get("text", "")) for id_, row in corpus.items()),
        )
        depth = min(top_k, DEPTH)
        return {query: _scores(self._rank(text, depth)) for query, text in queries.items()}
