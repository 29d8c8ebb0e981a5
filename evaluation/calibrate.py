"""Fit the constants of `rag.confidence`: python -m evaluation.calibrate DATASET DATASET...

An example is the best passage found for a question, and whether it is the right one. Half the
questions are answered in the documents, a quarter are about their subject but not answered, and
a quarter are about something else (asked of another set): the mixture that the probability
assumes. Since the best of many passages is nearer by chance than the best of few, each set is
asked as a whole and in random parts of 10 to 1,000 passages, and the number of passages is one
of the features.
"""

import argparse
import itertools
import math
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from evaluation.corpora import readings
from evaluation.datasets import Dataset, read_dataset
from rag import ranking
from rag.confidence import MOST_PASSAGES, Evidence, evidence
from rag.embedders import Embedder
from rag.indexing import Indexer
from rag.wiring import DEFAULT_MODEL, embedder_for, memory_store
from vector_store import analysis
from vector_store.records import Vectors
from vector_store.stores import VectorSource, VectorStore

_SIZES = (10, 30, 100, 300, MOST_PASSAGES)
_MOST = 100
"""Questions of each kind asked of each part."""

Kind = Literal["answered", "unanswered", "stranger"]
_SHARE: dict[Kind, float] = {"answered": 0.5, "unanswered": 0.25, "stranger": 0.25}


class _Remembering:
    """An embedder that embeds each text once, whatever number of parts it stands in."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self._vectors: dict[str, NDArray[np.float32]] = {}
        self._queries: dict[str, NDArray[np.float32]] = {}
        self.token_spans = embedder.token_spans

    @cached_property
    def source(self) -> VectorSource:
        return self._embedder.source

    @cached_property
    def max_tokens(self) -> int:
        return self._embedder.max_tokens

    def embed_documents(self, texts: Sequence[str]) -> Vectors:
        new = [text for text in dict.fromkeys(texts) if text not in self._vectors]
        self._vectors.update(zip(new, self._embedder.embed_documents(new), strict=True))
        return np.stack([self._vectors[text] for text in texts])

    def embed_query(self, text: str) -> NDArray[np.float32]:
        if text not in self._queries:
            self._queries[text] = self._embedder.embed_query(text)
        return self._queries[text]


@dataclass(frozen=True, slots=True)
class Example:
    """The evidence of one question's best passage, and whether it is the right one."""

    group: tuple[str, int, Kind]
    """Set, size and kind: sets and sizes weigh the same, kinds by their share."""
    evidence: Evidence
    right: bool


def examples(datasets: Sequence[Dataset], embedder: Embedder, seed: int) -> Iterator[Example]:
    """Give the examples of every set, whole and in parts."""
    chance = random.Random(seed)
    for dataset in datasets:
        strangers = [
            question
            for other in datasets
            if other is not dataset
            for question in other.queries.values()
        ]
        for size in (*(s for s in _SIZES if s < len(dataset.corpus)), len(dataset.corpus)):
            corpus = chance.sample(dataset.corpus, size)
            store = memory_store()
            indexer = Indexer(store, embedder, lambda _: None)
            for reading in readings(corpus):
                indexer.add(reading)
            indexer.flush()
            ids = {entry.id for entry in corpus}
            for kind, questions in _questions(dataset, ids, strangers).items():
                for question, relevant in chance.sample(questions, min(_MOST, len(questions))):
                    found, path = _best(store, embedder, question)
                    yield Example((dataset.name, size, kind), found, path in relevant)


def _questions(
    dataset: Dataset, ids: set[str], strangers: Sequence[str]
) -> dict[Kind, list[tuple[str, frozenset[str]]]]:
    """Return questions of each kind about the entries `ids`, with the entries that answer."""
    return {
        "answered": [
            (dataset.queries[query], frozenset(relevant))
            for query, relevant in dataset.qrels.items()
            if ids & relevant.keys()
        ],
        "unanswered": [
            (dataset.unanswerable[query], frozenset())
            for query, entry in dataset.beside.items()
            if entry in ids
        ],
        "stranger": [(question, frozenset()) for question in strangers],
    }


def _best(store: VectorStore, embedder: Embedder, question: str) -> tuple[Evidence, str]:
    terms = analysis.query_terms(question)
    hit = ranking.search(store, embedder.embed_query(question), terms, 1)[0]
    idf = store.idf(analysis.content_terms(question))
    found = evidence(hit, idf, embedder.source, store.counts().passages)
    return found, hit.passage.document.path


def fit(found: Sequence[Example]) -> tuple[float, float, float, float]:
    """Return intercept and weights of closeness, coverage and ln(passages), by logistic fit."""
    from sklearn.linear_model import LogisticRegression

    features = [
        (
            e.evidence.closeness,
            e.evidence.coverage,
            math.log(min(e.evidence.passages, MOST_PASSAGES)),
        )
        for e in found
    ]
    sizes = {g: len(list(m)) for g, m in itertools.groupby(sorted(e.group for e in found))}
    weights = np.array([_SHARE[e.group[2]] / sizes[e.group] for e in found])
    model = LogisticRegression(C=1e3, max_iter=1000)
    model.fit(features, [e.right for e in found], sample_weight=weights / weights.mean())
    closeness, coverage, passages = model.coef_[0]
    return float(model.intercept_[0]), float(closeness), float(coverage), float(passages)


def main() -> None:
    """Fit on the sets named and print the constants."""
    parser = argparse.ArgumentParser(prog="python -m evaluation.calibrate")
    parser.add_argument("datasets", nargs="+", type=Path, metavar="DATASET")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    datasets = [read_dataset(folder) for folder in options.datasets]
    found = list(examples(datasets, _Remembering(embedder_for(DEFAULT_MODEL)), options.seed))
    for name, value in zip(
        ("INTERCEPT", "CLOSENESS", "COVERAGE", "LOG_PASSAGES"), fit(found), strict=True
    ):
        print(f"_{name} = {value:.2f}")


if __name__ == "__main__":
    main()
