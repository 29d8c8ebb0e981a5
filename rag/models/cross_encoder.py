"""The cross-encoder, which scores how well a passage answers a question.

Vectors of a question and a passage show whether the passage is on the subject. A cross-encoder
(Nogueira and Cho, "Passage Re-ranking with BERT", 2019) reads both together and judges better
whether the passage answers. It is too slow for all passages, and reads only those ranked first by
other features: of each, the sentences around the best one.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rag.models.compiled.runtimes import Batch, States, batch_of
from rag.models.cross_encoder_weights import Head
from rag.models.reranker import RerankerOutput
from rag.models.tokenizer import TextTokenizer
from rag.models.word_vectors import EmbeddingTable
from rag.text.windows import Span
from vector_store.analysis import analyzer

LETTERS = 400
"""The longest excerpt in code points, as in training; only a single sentence may be longer."""
_DENSE = 3
"""How many letters one counts as in a script without spaces, whose tokens have fewer of them."""
_QUESTION_TOKENS = 60
_MOST_TOKENS = 160
_SPAN_TOKENS = 30
"""The longest answer that is located."""
_NO_SPAN_MARGIN = -20.0
"""Of an excerpt without tokens; those of others are seldom below."""


def excerpt_letters(text: str) -> int:
    """Return the longest excerpt of a text in code points: fewer of a script without spaces."""
    return LETTERS // _DENSE if 2 * analyzer.cut_letters(text) > len(text) else LETTERS


def excerpt(sentences: Sequence[Span], centre: int, letters: int = LETTERS) -> Span:
    """Return the span of as many whole sentences around `centre` as fit, at least that one."""
    first = last = centre
    grown = True
    while grown:
        grown = False
        if last + 1 < len(sentences) and sentences[last + 1][1] - sentences[first][0] <= letters:
            last, grown = last + 1, True
        if first > 0 and sentences[last][1] - sentences[first - 1][0] <= letters:
            first, grown = first - 1, True
    return sentences[first][0], sentences[last][1]


@dataclass(frozen=True, slots=True)
class PairTokens:
    """The tokens of a question and an excerpt, as the model's input."""

    ids: list[int]
    second: int
    """The index of the excerpt's first token."""
    spans: list[Span]
    """The span of each of the excerpt's tokens in its text."""


def token_pairs(
    tokenizer: TextTokenizer, question: str, excerpts: Sequence[str]
) -> list[PairTokens]:
    """Return the question's first 60 tokens with each excerpt's, at most 160 in all."""
    empty, encoded_question, *encoded_excerpts = tokenizer.encode(["", question, *excerpts])
    begin, end = empty.ids
    first = [begin, *encoded_question.ids[1:-1][:_QUESTION_TOKENS], end]
    room = _MOST_TOKENS - len(first) - 1
    return [
        PairTokens(
            [*first, *encoding.ids[1:-1][:room], end], len(first), encoding.offsets[1:-1][:room]
        )
        for encoding in encoded_excerpts
    ]


class CrossEncoder:
    """A `Reranker` that runs a trained model; as thread-safe as the runtime of its layers."""

    def __init__(
        self,
        tokenizer: TextTokenizer,
        table: EmbeddingTable,
        head: Head,
        states: Callable[[Batch], States],
        languages: frozenset[str],
    ) -> None:
        """Read with this tokenizer, input embeddings, head, and function that runs the layers."""
        self._tokenizer = tokenizer
        self._table = table
        self._head = head
        self._states = states
        # A question too short for detecting its language is read as well.
        self.languages: frozenset[str] = languages | {""}

    def read(self, question: str, excerpts: Sequence[str]) -> RerankerOutput:
        """Read each excerpt together with the question."""
        if not excerpts:
            return RerankerOutput(np.empty(0), np.empty(0), np.empty(0), ())
        pairs = token_pairs(self._tokenizer, question, excerpts)
        embeddings, mask = batch_of(self._table, [pair.ids for pair in pairs], _MOST_TOKENS)
        for pair_embeddings, pair in zip(embeddings, pairs, strict=True):
            pair_embeddings[pair.second : len(pair.ids)] += self._head.second
        states = self._states((embeddings, mask))
        relevance, answerability = self._head.logits(states, mask).T
        located = [
            _best_span(logits, pair)
            for logits, pair in zip(self._head.span_logits(states), pairs, strict=True)
        ]
        margins = np.array([margin for margin, _ in located])
        spans = [_trimmed(text, span) for text, (_, span) in zip(excerpts, located, strict=True)]
        return RerankerOutput(relevance, answerability, margins, spans)


def _trimmed(text: str, span: Span | None) -> Span | None:
    """Return a span without the space that some tokenizers count to a word's first token."""
    if span is None:
        return None
    start, end = span
    return start + len(text[start:end]) - len(text[start:end].lstrip()), end


def _best_span(logits: NDArray[np.float64], pair: PairTokens) -> tuple[float, Span | None]:
    """Return the margin of the likeliest span over no answer, and its place in the excerpt.

    `logits` has shape (tokens, 2). As in Devlin et al. (2019), a span's logit is the sum of its
    first and last token's, and that of no answer the sum of the first token of all.
    """
    first, last = pair.second, pair.second + len(pair.spans)
    if first == last:
        return _NO_SPAN_MARGIN, None
    sums = logits[first:last, 0][:, None] + logits[first:last, 1][None, :]
    size = last - first
    is_span = np.triu(np.ones((size, size), bool)) & ~np.triu(
        np.ones((size, size), bool), _SPAN_TOKENS
    )
    start, end = np.unravel_index(np.where(is_span, sums, -np.inf).argmax(), sums.shape)
    margin = float(sums[start, end] - logits[0].sum())
    return margin, (pair.spans[start][0], pair.spans[end][1])
