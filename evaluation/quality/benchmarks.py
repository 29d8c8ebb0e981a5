"""Quoth as a search system in others' benchmarks: MTEB's SearchProtocol and BEIR's BaseSearch.

    import mteb
    from evaluation.quality.benchmarks import MtebSearch

    with MtebSearch() as quoth:
        scores = mteb.evaluate(quoth, mteb.get_task("SciFact"))

Both rank as `quoth evaluate` does: to DEPTH places, on the same passages, by the same model. A
measure at a thousand places therefore counts a hundred. Only MtebSearch needs its package.
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
"""Each query's entries with scores. Scores go by place: a benchmark breaks ties by its own rule."""


class _Search:
    """A corpus indexed until the next one is, or the end of the context."""

    def __init__(self, model: str | None = None) -> None:
        """Use the model named, else for each corpus the one for its languages."""
        self._model = model
        self._open = ExitStack()
        self._corpus: Corpus | None = None

    def _index(self, name: str, entries: Iterable[Entry]) -> None:
        self.close()
        # An entry without a text, as some corpora have, has no passage to find.
        corpus = tuple(entry for entry in entries if entry.text.strip())
        dataset = Dataset(name, corpus, {}, {}, {}, {})
        self._corpus = self._open.enter_context(indexed(dataset, self._model))

    def _rank(self, query: str, depth: int | None = None) -> list[str]:
        """Return ids, best first; without a depth, of all entries that are found."""
        if self._corpus is None:
            raise DatasetError("Nothing was indexed yet. Call index before search.")
        asked = query.strip()[:LONGEST_TYPED]
        depth = depth or max(1, len(self._corpus.dataset.corpus))
        return quoth(self._corpus)(asked, depth) if asked else []

    def close(self) -> None:
        """Forget the corpus."""
        self._corpus = None
        self._open.close()

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Forget the corpus."""
        self.close()


def _scored(ranked: Iterable[str]) -> dict[str, float]:
    return {entry: 1 / place for place, entry in enumerate(ranked, start=1)}


class MtebSearch(_Search):
    """What `mteb.evaluate` takes as a model, for retrieval and reranking of texts.

    Raises DatasetError for a corpus or queries that are no texts, and as `Library.search` does.
    """

    def index(self, corpus: Iterable[Mapping[str, Any]], *, task_metadata: Any, **_: Any) -> None:
        """Index rows of `id`, `text` and perhaps `title`, in place of what was indexed before."""
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
        """Rank for rows of `id`, `text` and perhaps `instruction`.

        With `top_ranked`, as in reranking, of its entries only.
        """
        results = {}
        for row in queries:
            asked = f"{_text(row, 'query')} {row.get('instruction') or ''}"
            if top_ranked is None:
                found = self._rank(asked, min(top_k, DEPTH))
            else:
                admitted = frozenset(top_ranked[row["id"]])
                ranked = [entry for entry in self._rank(asked) if entry in admitted]
                found = ranked[: min(top_k, DEPTH)]
            results[row["id"]] = _scored(found)
        return results

    @property
    def mteb_model_meta(self) -> "ModelMeta":
        """What MTEB writes beside the figures."""
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


def _text(row: Mapping[str, Any], what: str) -> str:
    text = row.get("text")
    if not isinstance(text, str):
        raise DatasetError(f"The {what} {row['id']} is no text. Quoth searches texts only.")
    return text


class BeirSearch(_Search):
    """What BEIR's `EvaluateRetrieval` takes as a retriever."""

    def search(
        self,
        corpus: Mapping[str, Mapping[str, str]],
        queries: Mapping[str, str],
        top_k: int,
        *_: Any,
        **__: Any,
    ) -> Results:
        """Index the corpus, texts and titles by id, and rank for each query.

        What BEIR says of scores and of encoding is passed over: Quoth has its own. Raises as
        `Library.search` does.
        """
        self._index(
            "beir",
            (Entry(id_, row.get("title", ""), row.get("text", "")) for id_, row in corpus.items()),
        )
        depth = min(top_k, DEPTH)
        return {query: _scored(self._rank(text, depth)) for query, text in queries.items()}
