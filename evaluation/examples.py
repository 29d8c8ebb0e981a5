"""What the fitted constants are fitted on: the evidence `rag` gathers, and what is right."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from evaluation.corpora import readings
from evaluation.datasets import Dataset, Entry
from rag import candidates
from rag.candidates import Found
from rag.confidence import confidence_features
from rag.embedders import Embedder
from rag.evidence import Candidate, Evidence, evidence
from rag.highlighting import highlight_features
from rag.indexing import Indexer
from rag.questions import understand
from rag.ranking import READ, ranking_features, ranking_scores
from rag.windows import Span
from rag.wiring import memory_store
from vector_store.records import Vectors
from vector_store.stores import VectorSource, VectorStore

_SIZES = (10, 100, 1_000)
_MOST = 150
"""Questions of each kind asked of a part."""

Kind = Literal["answered", "missing", "stranger"]


@dataclass(frozen=True, slots=True, eq=False)
class Choice:
    """Options of which at least one is right: features (options, n) and right (options,)."""

    features: NDArray[np.float64]
    right: NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Judged:
    """The first passage for a question: its features, shape (n,), and whether it answers."""

    group: tuple[str, int, Kind]
    """Set, number of passages and kind of question."""
    features: NDArray[np.float64]
    right: bool


@dataclass(frozen=True, slots=True)
class Examples:
    """All examples; rankings and highlights by set."""

    rankings: list[list[Choice]] = field(default_factory=list)
    highlights: list[list[Choice]] = field(default_factory=list)
    judged: list[Judged] = field(default_factory=list)


def examples(datasets: Sequence[Dataset], embedder: Embedder, seed: int) -> Examples:
    """Ask every set as a whole and in parts, and gather what is seen."""
    chance = random.Random(seed)
    found = Examples()
    remembering = _Remembering(embedder)
    for dataset in datasets:
        strangers = [
            question
            for other in datasets
            if other is not dataset
            for question in chance.sample(
                list(other.queries.values()), min(_MOST, len(other.queries))
            )
        ]
        whole = _Part(dataset, dataset.corpus, remembering)
        asked = [whole.ask(dataset.queries[query], query) for query in dataset.qrels]
        found.rankings.append([c for one in asked if (c := one.ranking()) is not None])
        found.highlights.append([c for one in asked for c in one.highlights()])
        found.judged.extend(_judged(whole, strangers, chance))
        for size in _SIZES:
            if size < len(dataset.corpus):
                part = _Part(dataset, chance.sample(dataset.corpus, size), remembering)
                found.judged.extend(_judged(part, strangers, chance))
    return found


@dataclass(frozen=True, slots=True, eq=False)
class _Asked:
    """A question and everything seen for it."""

    found: Found
    fetched: list[Candidate]
    seen: Evidence
    relevant: frozenset[str]
    answers: tuple[str, ...]

    def right(self) -> NDArray[np.bool_]:
        return np.array([c.passage.document.path in self.relevant for c in self.fetched], bool)

    def ranking(self) -> Choice | None:
        right = self.right()[:READ]
        if not right.any():
            return None
        return Choice(ranking_features(self.found, self.fetched, self.seen)[:READ], right)

    def highlights(self) -> list[Choice]:
        choices = []
        for i in np.flatnonzero(self.right()):
            text, sentences = self.fetched[i].passage.text, self.seen.sentences[i]
            right = np.array([self._answers(text, span) for span in sentences.spans], bool)
            if right.any() and not right.all():
                choices.append(Choice(highlight_features(sentences), right))
        return choices

    def _answers(self, text: str, span: Span) -> bool:
        return any(answer in text[slice(*span)] for answer in self.answers)

    def first(
        self, passages: int, *, without_relevant: bool = False
    ) -> tuple[NDArray[np.float64], bool] | None:
        """Return the features of the first passage, and whether it answers."""
        kept = np.flatnonzero(~self.right()) if without_relevant else np.arange(len(self.fetched))
        if not len(kept):
            return None
        fetched = [self.fetched[i] for i in kept]
        found = self.found
        if without_relevant:
            ids = {candidate.passage.id for candidate in fetched}
            bm25 = {i: score for i, score in found.bm25.items() if i in ids}
            highest = max(found.bm25.values(), default=0.0)
            found = replace(
                found,
                bm25=bm25,
                best_closeness=float(self.seen.closeness[kept].max()),
                best_level=found.best_level * max(bm25.values(), default=0.0) / highest
                if highest
                else 0.0,
            )
        seen = self.seen.only(kept)
        best = int(np.argmax(ranking_scores(found, fetched, seen)))
        return confidence_features(seen, passages)[best], bool(self.right()[kept[best]])


class _Part:
    """A part of a set's corpus, ready to be asked."""

    def __init__(self, dataset: Dataset, corpus: Sequence[Entry], embedder: Embedder) -> None:
        self.dataset = dataset
        self.size = len(corpus)
        self.ids = {entry.id for entry in corpus}
        self._embedder = embedder
        self._store: VectorStore = memory_store()
        indexer = Indexer(self._store, embedder, lambda _: None)
        for reading in readings(corpus):
            indexer.add(reading)
        indexer.flush()

    def ask(self, text: str, query: str | None) -> _Asked:
        question = understand(text, self._embedder, self._store)
        found = candidates.find(self._store, question, READ)
        fetched = candidates.read(self._store, found, READ)
        relevant = frozenset(self.dataset.qrels[query]) if query is not None else frozenset()
        answers = self.dataset.answers.get(query, ()) if query is not None else ()
        return _Asked(
            found, fetched, evidence(question, fetched, self._embedder), relevant, answers
        )


def _judged(part: _Part, strangers: Sequence[str], chance: random.Random) -> list[Judged]:
    dataset = part.dataset
    answerable = [query for query, relevant in dataset.qrels.items() if part.ids & relevant.keys()]
    asked = chance.sample(answerable, min(_MOST, len(answerable)))
    about_others = chance.sample(list(strangers), min(_MOST, len(strangers)))
    kinds: dict[Kind, list[tuple[_Asked, bool]]] = {
        "answered": [(part.ask(dataset.queries[query], query), False) for query in asked],
        "stranger": [(part.ask(text, None), False) for text in about_others],
    }
    kinds["missing"] = [(one, True) for one, _ in kinds["answered"]]
    return [
        Judged((dataset.name, part.size, kind), *seen)
        for kind, those in kinds.items()
        for one, without in those
        if (seen := one.first(part.size, without_relevant=without)) is not None
    ]


class _Remembering:
    """An embedder that embeds each text once, whatever number of parts it stands in."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self._texts: dict[str, tuple[NDArray[np.float32], Vectors]] = {}
        self._queries: dict[str, NDArray[np.float32]] = {}
        self.token_spans = embedder.token_spans
        self.embed_documents = embedder.embed_documents
        self.word_vectors = embedder.word_vectors

    @cached_property
    def source(self) -> VectorSource:
        return self._embedder.source

    @cached_property
    def max_tokens(self) -> int:
        return self._embedder.max_tokens

    def embed_with_spans(
        self, texts: Sequence[str], spans: Sequence[Sequence[Span]]
    ) -> tuple[Vectors, list[Vectors]]:
        new = {t: s for t, s in zip(texts, spans, strict=True) if t not in self._texts}
        vectors, parts = self._embedder.embed_with_spans(list(new), list(new.values()))
        self._texts.update(zip(new, zip(vectors, parts, strict=True), strict=True))
        known = [self._texts[text] for text in texts]
        return np.stack([vector for vector, _ in known]), [part for _, part in known]

    def embed_query(self, text: str) -> NDArray[np.float32]:
        if text not in self._queries:
            self._queries[text] = self._embedder.embed_query(text)
        return self._queries[text]
