"""What the fitted constants are fitted on: the evidence `rag` gathers, and what is right."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from random import Random
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from evaluation.datasets.beir import Dataset, Entry
from evaluation.datasets.corpus import stored
from rag.factories import reranker_for
from rag.models.base import Embedder
from rag.models.reranker import Reranker
from rag.query.query import AnalyzedQuestion, analyse
from rag.query.syntax import plain
from rag.retrieval import candidates
from rag.retrieval.calibration import confidence_features
from rag.retrieval.candidates import Candidate
from rag.retrieval.features import Features, features_of
from rag.retrieval.fitted_weights import Weights
from rag.retrieval.highlights import (
    answer_sentence,
    highlight_features,
    read_highlight_features,
)
from rag.retrieval.phrase_filter import select
from rag.retrieval.pipeline import Models, describe
from rag.retrieval.ranking import (
    READ,
    Described,
    Ordered,
    PassageReadings,
    best_of,
    can_read,
    ranking_features,
    read_passages,
)
from rag.retrieval.word_matching import Terms
from rag.text.windows import Span
from vector_store.base import VectorSource, VectorStore
from vector_store.records import Vectors

_SIZES = (10, 100, 1_000)
QUESTIONS = 100
"""Questions of each kind whose confidence is judged, of each part."""

Kind = Literal["answered", "missing", "written", "stranger"]
"""A question with an answer; the same without what answers it; a near miss that people wrote; a
question of another set."""


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
    confidence: Callable[[PassageReadings | None], NDArray[np.float64]]
    """The columns that its confidence is made of, with a reranker's readings or without."""
    right: NDArray[np.bool_]
    read: Callable[[NDArray[np.float64]], PassageReadings] | None
    """From the candidates' scores to a reranker's readings of the best."""
    highlights: Callable[[PassageReadings], tuple[Choice, ...]] | None = None
    """From those to the choices among the sentences of the passages read that are right."""


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


def examples(
    datasets: Sequence[Dataset],
    embedder: Embedder,
    seed: int,
    questions: int = QUESTIONS,
    *,
    rankings: bool = True,
) -> Examples:
    """Ask the questions of every set, of all its passages and of samples; gather the features.

    The probability is judged on `questions` of each kind and part; without `rankings`, it alone.
    """
    chance = Random(seed)
    gathered = Examples()
    models = Models.of(_CachingEmbedder(embedder), reranker_for(embedder))
    for dataset in datasets:
        others = [
            text for other in datasets if other is not dataset for text in other.queries.values()
        ]
        samples = [dataset.corpus] + [
            chance.sample(dataset.corpus, size) for size in _SIZES if size < len(dataset.corpus)
        ]
        for corpus in samples:
            with stored(corpus, models.embedder) as store:
                part = _Part(dataset, corpus, store, models)
                if part.is_whole and rankings:
                    _add_rankings(gathered, part)
                gathered.questions.extend(_questions(part, others, chance, questions))
    return gathered


def _add_rankings(gathered: Examples, whole: "_Part") -> None:
    """Add what a whole set shows of rankings and highlights."""
    outcomes = [whole.ask(query) for query in whole.dataset.qrels]
    with_right = [outcome for outcome in outcomes if outcome.right.any()]
    gathered.rankings.append([Choice(one.ranking, one.right) for one in with_right])
    gathered.terms.append([one.described.features.terms for one in with_right])
    gathered.highlights.append([choice for one in outcomes for choice in one.highlights])
    gathered.supports.append([share for one in outcomes for share in one.support])


def _questions(
    part: "_Part", others: Sequence[str], chance: Random, most: int
) -> Iterator[Ranking]:
    """Yield questions that the part answers, near misses, and questions of other sets."""
    answerable = [q for q, relevant in part.dataset.qrels.items() if part.ids & relevant.keys()]

    def ranking(kind: Kind, outcome: "_Outcome") -> Ranking:
        group = (part.dataset.name, len(part.ids), kind)
        reranker = part.models.reranker
        described = outcome.described
        first, read = described.passages[0].passage, None
        if reranker is not None and can_read(reranker, described.question, first):
            read = partial(outcome.read, reranker, part.models.weights)
        return Ranking(
            group, outcome.ranking, outcome.confidence, outcome.right, read, outcome.read_highlights
        )

    for query in chance.sample(answerable, min(most, len(answerable))):
        yield ranking("answered", outcome := part.ask(query))
        if not outcome.right.all():
            yield ranking("missing", outcome.without_the_right())
    if part.is_whole:  # each was written beside a passage, which a sample may lack
        written = list(part.dataset.unanswerable.values())
        for text in chance.sample(written, min(2 * most, len(written))):
            yield ranking("written", part.ask(None, text))
    for text in chance.sample(list(others), min(most, len(others))):
        yield ranking("stranger", part.ask(None, text))


@dataclass(frozen=True, slots=True, eq=False)
class _Outcome:
    """The candidates of a question, and which of them are right."""

    described: Described
    passages: int
    """How many were searched."""
    right: NDArray[np.bool_]
    """Shape (candidates,)."""
    support: tuple[float, ...]
    """The share of the question's weight that each right passage matches by exact terms."""
    highlights: tuple[Choice, ...]
    golds: tuple[str, ...]

    @property
    def bm25(self) -> NDArray[np.float64]:
        return np.array([candidate.bm25 for candidate in self.described.passages])

    @property
    def ranking(self) -> NDArray[np.float64]:
        described = self.described
        return ranking_features(
            described.question, described.candidates, self.bm25, described.features
        )

    def confidence(self, readings: PassageReadings | None) -> NDArray[np.float64]:
        """Return the columns of the probability, with a reranker's readings or without."""
        return confidence_features(self.described.features, self.passages, readings)

    def read(
        self, reranker: Reranker, weights: Weights, scores: NDArray[np.float64]
    ) -> PassageReadings:
        """Return a reranker's readings of the candidates with the best scores."""
        described = self.described
        answers = [answer_sentence(one, weights) for one in described.features.sentences]
        passages = [candidate.passage for candidate in described.passages]
        best = best_of(scores, passages, lambda passage: True)
        return read_passages(Ordered(described, scores, answers), best, reranker)

    def read_highlights(self, readings: PassageReadings) -> tuple[Choice, ...]:
        """Return the choices among the sentences of right passages that were read."""
        choices = []
        for i in readings.spans:
            sentences = self.described.features.sentences[i]
            text = self.described.passages[i].passage.text
            if self.right[i] and (right := _holding(text, sentences.spans, self.golds)) is not None:
                margin = float(readings.span_margin[i])
                columns = read_highlight_features(sentences, readings.spans[i], margin)
                choices.append(Choice(columns, right))
        return tuple(choices)

    def without_the_right(self) -> "_Outcome":
        """Return the same as if no passage that answers were there."""
        rows = np.flatnonzero(~self.right)
        described = self.described
        candidates = replace(
            described.candidates,
            best_bm25=float(self.bm25[rows].max()),
            best_closeness=float(described.features.closeness[rows].max()),
        )
        remaining = replace(
            described,
            candidates=candidates,
            passages=tuple(described.passages[i] for i in rows.tolist()),
            places=range(len(rows)),
            features=described.features.only(rows),
        )
        return replace(self, described=remaining, right=self.right[rows], support=(), highlights=())


class _Part:
    """A part of a set's corpus, ready to be asked."""

    def __init__(
        self, dataset: Dataset, corpus: Sequence[Entry], store: VectorStore, models: Models
    ) -> None:
        self.dataset = dataset
        self.is_whole = len(corpus) == len(dataset.corpus)
        self.ids = {entry.id for entry in corpus}
        self.models = models
        self._store = store

    def ask(self, query: str | None, text: str = "") -> _Outcome:
        """Ask one of the set's questions, or, without its id, any text."""
        text = text if query is None else self.dataset.queries[query]
        relevant = self.dataset.qrels[query] if query is not None else {}
        answers = self.dataset.answers.get(query, ()) if query is not None else ()
        with self._store.view() as view:
            question = analyse(text, self.models.embedder, view)
            selection = select(view, plain(text), question, READ, None)
            passages = candidates.read(view, selection.candidates, selection.ids)
        described = describe(
            question, selection.candidates, passages, selection.places, self.models
        )
        right = np.array([c.passage.document.path in relevant for c in passages], bool)
        highlights = (
            _sentences(passages[i].passage.text, described.features, int(i), answers)
            for i in np.flatnonzero(right)
        )
        return _Outcome(
            described,
            len(self.ids),
            right,
            self._exact_support(question, [passages[i] for i in np.flatnonzero(right).tolist()]),
            tuple(choice for choice in highlights if choice),
            tuple(answers),
        )

    def _exact_support(
        self, question: AnalyzedQuestion, answering: Sequence[Candidate]
    ) -> tuple[float, ...]:
        """Return each passage's support by exact terms, as if the model knew none of the words."""
        if not answering:
            return ()
        no_meaning = np.zeros_like(question.word_vectors)
        unknown = replace(question, known=False, word_vectors=no_meaning)
        typical_support = self.models.weights.typical_support
        features = features_of(unknown, answering, self.models.embedder, typical_support)
        return tuple(features.support.tolist())


def _sentences(text: str, features: Features, i: int, answers: Sequence[str]) -> Choice | None:
    """Return the choice among a passage's sentences, if some hold an answer and some do not."""
    sentences = features.sentences[i]
    right = _holding(text, sentences.spans, answers)
    return None if right is None else Choice(highlight_features(sentences), right)


def _holding(text: str, spans: Sequence[Span], answers: Sequence[str]) -> NDArray[np.bool_] | None:
    """Return which sentences hold an answer; None if all or none do."""
    right = np.array([any(a in text[start:end] for a in answers) for start, end in spans], bool)
    return right if right.any() and not right.all() else None


class _CachingEmbedder:
    """An embedder that embeds each text once, however many parts it is in."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self._texts: dict[str, tuple[NDArray[np.float32], Vectors]] = {}
        self._queries: dict[str, NDArray[np.float32]] = {}
        self.token_spans = embedder.token_spans
        self.embed_documents = embedder.embed_documents
        self.word_vectors = embedder.word_vectors
        self.knows = embedder.knows
        self.languages = embedder.languages

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
