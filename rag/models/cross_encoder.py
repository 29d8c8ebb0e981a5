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
from rag.models.tokenizer import TextTokenizer
from rag.models.word_vectors import EmbeddingTable
from rag.text.windows import Span

LETTERS = 400
"""The longest excerpt in code points, as in training; only a single sentence may be longer."""
_QUESTION_TOKENS = 60
_MOST_TOKENS = 160


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

    languages: frozenset[str] = frozenset({"", "en"})
    """Trained on English only; reads questions too short for detecting their language as well."""

    def __init__(
        self,
        tokenizer: TextTokenizer,
        table: EmbeddingTable,
        head: Head,
        states: Callable[[Batch], States],
    ) -> None:
        """Score with this tokenizer, input embeddings, head, and function that runs the layers."""
        self._tokenizer = tokenizer
        self._table = table
        self._head = head
        self._states = states

    def logits(self, question: str, excerpts: Sequence[str]) -> NDArray[np.float64]:
        """Return each excerpt's logit of answering the question, shape (excerpts,)."""
        if not excerpts:
            return np.empty(0)
        pairs = token_pairs(self._tokenizer, question, excerpts)
        embeddings, mask = batch_of(self._table, [pair.ids for pair in pairs], _MOST_TOKENS)
        for pair_embeddings, pair in zip(embeddings, pairs, strict=True):
            # The token type embedding of the second text, relative to that of the first.
            pair_embeddings[pair.second : len(pair.ids)] += self._head.second
        return self._head.logits(self._states((embeddings, mask)), mask)
