"""What the fitted constants are fitted on: the evidence `rag` gathers, and what is right."""

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from evaluation.datasets.beir import Dataset, Entry
from evaluation.datasets.corpus import in_memory
from rag.models.base import Embedder
from rag.models.cross_encoder import CrossEncoder
from rag.query.query import AnalyzedQuestion, understand
from rag.retrieval import candidates
from rag.retrieval.calibration import confidence_features
from rag.retrieval.features import Candidate, Evidence, evidence
from rag.retrieval.highlights import answer_sentence, highlight_features
from rag.retrieval.ranking import READ, can_be_read, cross_logits, ranking_features, read_together
from rag.retrieval.relevance_feedback import Terms
from rag.text.windows import Span
from vector_store.base import VectorSource
from vector_store.records import Vectors

_SIZES = (10, 100, 1_000)
_MOST = 150
"""Questions of each kind whose confidence is judged, of each part."""

Kind = Literal["answered", "missing", "stranger"]


@dataclass(frozen=True, slots=True, eq=False)
class Choice:
    """Options of which at least one is right: features (options, n) and right (options,)."""

    features: NDArray[np.float64]
    right: NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Ranking:
    """The candidates of one question: what orders them, what their confidence is made of."""

    group: tuple[str, int, Kind]
    """Set, number of passages and kind of question."""
    ranking: NDArray[np.float64]
    """Shape (candidates, features)."""
    confidence: NDArray[np.float64]
    right: NDArray[np.bool_]
    cross: Callable[[NDArray[np.float64]], NDArray[np.float64]] | None
    """From the candidates' scores to the cross-encoder's logits; see `ranking.cross_logits`."""


@dataclass(frozen=True, slots=True)
class Examples:
    """All examples; rankings and highlights by set."""

    rankings: list[list[Choice]] = field(default_factory=list)
    terms: list[list[tuple[Terms, ...]]] = field(default_factory=list)
    """Of the candidates of each of these; see `rag.retrieval.relevance_feedback`."""
    highlights: list[list[Choice]] = field(default_factory=list)
    supports: list[list[float]] = field(default_factory=list)
    """How much of a question's weight the passages that answer it carry, by set."""
    questions: list[Ranking] = field(default_factory=list)


def examples(datasets: Sequence[Dataset], embedder: Embedder, seed: int) -> Examples:
    """Ask every set as a whole and in parts, and gather what is seen."""
    chance = random.Random(seed)
    found = Examples()
    remembering = _Remembering(embedder)
    for dataset in datasets:
        others = [text for other in datasets if other is not dataset
                  for text in other.queries.values()]  # fmt: skip
        whole = _Part(dataset, dataset.corpus, remembering)
        asked = [whole.ask(query) for query in dataset.qrels]
        found.rankings.append([_ranking(one) for one in asked if one.right.any()])
        found.terms.append([one.seen.terms for one in asked if one.right.any()])
        found.highlights.append([c for one in asked for c in one.highlights])
        found.supports.append([share for one in asked for share in one.support])
        parts = [whole] + [
            _Part(dataset, chance.sample(dataset.corpus, size), remembering)
            for size in _SIZES
            if size < len(dataset.corpus)
        ]
        for part in parts:
            found.questions.extend(_questions(part, others, chance))
    return found


def _ranking(asked: "_Asked") -> Choice:
    return Choice(asked.ranking, asked.right)


def _questions(part: "_Part", others: Sequence[str], chance: random.Random) -> Iterator[Ranking]:
    """Give questions that the part answers, the same without what answers them, and others."""
    answerable = [q for q, relevant in part.dataset.qrels.items() if part.ids & relevant.keys()]

    def question(kind: Kind, asked: "_Asked") -> Ranking:
        group = (part.dataset.name, len(part.ids), kind)
        model = part.cross_encoder
        reads = model is not None and can_be_read(asked.question)
        cross = partial(asked.cross_logits, model) if model and reads else None
        return Ranking(group, asked.ranking, asked.confidence, asked.right, cross)

    for query in chance.sample(answerable, min(_MOST, len(answerable))):
        asked = part.ask(query)
        yield question("answered", asked)
        if not asked.right.all():
            yield question("missing", asked.without_the_right())
    for text in chance.sample(list(others), min(_MOST, len(others))):
        yield question("stranger", part.ask(None, text))


@dataclass(frozen=True, slots=True, eq=False)
class _Asked:
    """All that was seen for a question."""

    question: AnalyzedQuestion
    found: candidates.Candidates
    fetched: tuple[Candidate, ...]
    bm25: NDArray[np.float64]
    seen: Evidence
    passages: int
    right: NDArray[np.bool_]
    support: tuple[float, ...]
    """The share of the question's weight that each right passage carries by exact terms."""
    highlights: tuple[Choice, ...]

    @property
    def ranking(self) -> NDArray[np.float64]:
        return ranking_features(self.question, self.found, self.bm25, self.seen)

    @property
    def confidence(self) -> NDArray[np.float64]:
        return confidence_features(self.seen, self.passages)

    def cross_logits(self, cross: CrossEncoder, scores: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return what the cross-encoder says of the candidates with the best scores."""
        model = self.question.scale.model
        answers = [answer_sentence(model, sentences) for sentences in self.seen.sentences]
        first = read_together(scores, [c.passage for c in self.fetched], lambda _: True)
        return cross_logits(self.question, self.fetched, self.seen, answers, first, cross)

    def without_the_right(self) -> "_Asked":
        """Return the same as if no passage that answers were there."""
        kept = np.flatnonzero(~self.right)
        found = replace(
            self.found,
            best_bm25=float(self.bm25[kept].max()),
            best_closeness=float(self.seen.closeness[kept].max()),
        )
        return replace(
            self,
            found=found,
            fetched=tuple(self.fetched[i] for i in kept),
            bm25=self.bm25[kept],
            seen=self.seen.only(kept),
            right=self.right[kept],
            support=(),
            highlights=(),
        )


class _Part:
    """A part of a set's corpus, ready to be asked."""

    def __init__(self, dataset: Dataset, corpus: Sequence[Entry], embedder: Embedder) -> None:
        self.dataset = dataset
        self.ids = {entry.id for entry in corpus}
        self.cross_encoder = embedder.cross_encoder
        self._embedder = embedder
        self._store = in_memory(corpus, embedder)

    def ask(self, query: str | None, text: str = "") -> _Asked:
        """Ask one of the set's questions, or, without its id, any text."""
        text = text if query is None else self.dataset.queries[query]
        relevant = self.dataset.qrels[query] if query is not None else {}
        answers = self.dataset.answers.get(query, ()) if query is not None else ()
        question = understand(text, self._embedder, self._store)
        found = candidates.find(self._store, question, READ)
        fetched = candidates.read(self._store, found, READ)
        seen = evidence(question, fetched, self._embedder)
        right = np.array([c.passage.document.path in relevant for c in fetched], bool)
        answering = [fetched[i] for i in np.flatnonzero(right)]
        return _Asked(
            question,
            found,
            tuple(fetched),
            np.array([c.bm25 for c in fetched]),
            seen,
            len(self.ids),
            right,
            self._exact_support(question, answering),
            tuple(
                choice
                for i in np.flatnonzero(right)
                if (choice := _sentences(fetched[i].passage.text, seen, int(i), answers))
            ),
        )

    def _exact_support(
        self, question: AnalyzedQuestion, answering: Sequence[Candidate]
    ) -> tuple[float, ...]:
        """Return what passages carry of a question when the model does not know its words."""
        if not answering:
            return ()
        strange = np.zeros_like(question.word_vectors)
        unknown = replace(question, known=False, word_vectors=strange)
        return tuple(evidence(unknown, answering, self._embedder).support.tolist())


def _sentences(text: str, seen: Evidence, i: int, answers: Sequence[str]) -> Choice | None:
    """Return the choice among a passage's sentences, if some hold an answer and some do not."""
    sentences = seen.sentences[i]

    def holds(span: Span) -> bool:
        return any(answer in text[slice(*span)] for answer in answers)

    right = np.array([holds(span) for span in sentences.spans], bool)
    mixed = right.any() and not right.all()
    return Choice(highlight_features(sentences), right) if mixed else None


class _Remembering:
    """An embedder that embeds each text once, whatever number of parts it stands in."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self._texts: dict[str, tuple[NDArray[np.float32], Vectors]] = {}
        self._queries: dict[str, NDArray[np.float32]] = {}
        self.token_spans = embedder.token_spans
        self.embed_documents = embedder.embed_documents
        self.word_vectors = embedder.word_vectors
        self.knows = embedder.knows
        self.languages = embedder.languages
        self.cross_encoder = embedder.cross_encoder

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
