"""How well passages answer, by a model that reads each together with the question.

Two vectors that were made apart tell that a passage is about the subject; a cross-encoder
(Nogueira and Cho, "Passage Re-ranking with BERT", 2019), which sees the words of both at once,
tells more of whether it holds what is asked. It is too slow for all passages, and reads the few
that other evidence puts first: of each, the sentences around the one that answers best.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rag.cross_weights import Head
from rag.runtimes import Batch, States
from rag.tokenizing import TextTokenizer
from rag.windows import Span

LANGUAGES = ("", "en")
"""It was trained on English alone; a question too short to tell is read as well."""
LETTERS = 400
"""How long an excerpt is at most, in code points, but for one long sentence; the longest that it
was trained on."""
_QUESTION_TOKENS = 60
_MOST_TOKENS = 160
_LENGTHS_APART = 16
"""Pairs are padded to a multiple of this, for a runtime prepares itself for every new shape."""


def excerpt(sentences: Sequence[Span], centre: int, letters: int = LETTERS) -> Span:
    """Return the span of whole sentences around one, as many as fit, at least that one."""
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
    """The tokens of a question and an excerpt, as the model reads them."""

    ids: list[int]
    second: int
    """Where the excerpt's begin."""
    spans: list[Span]
    """Where each of the excerpt's own stands in it."""


def pair_ids(tokenizer: TextTokenizer, question: str, excerpt: str) -> PairTokens:
    """Return the question's first 60 tokens and the excerpt's, 160 in all with the special ones."""
    nothing, asked, told = tokenizer.encode(["", question, excerpt])
    begin, end = nothing.ids
    before = [begin, *asked.ids[1:-1][:_QUESTION_TOKENS], end]
    room = _MOST_TOKENS - len(before) - 1
    own, spans = told.ids[1:-1][:room], told.offsets[1:-1][:room]
    return PairTokens([*before, *own, end], len(before), spans)


class CrossEncoder:
    """A model that reads questions and excerpts; as safe for threads as what runs it."""

    def __init__(
        self,
        tokenizer: TextTokenizer,
        table: NDArray[np.floating],
        head: Head,
        states: Callable[[Batch], States],
    ) -> None:
        """Read with these tokens, input embeddings (a row a token) and layers."""
        self._tokenizer = tokenizer
        self._table = table
        self._head = head
        self._states = states

    def logits(self, question: str, excerpts: Sequence[str]) -> NDArray[np.float64]:
        """Return how well each excerpt answers, shape (excerpts,): above 0 for likely yes."""
        if not excerpts:
            return np.empty(0)
        pairs = [pair_ids(self._tokenizer, question, text) for text in excerpts]
        embeddings, mask = self._batch(pairs)
        return self._head.logits(self._states((embeddings, mask)), mask)

    def _batch(self, pairs: Sequence[PairTokens]) -> Batch:
        longest = max(len(pair.ids) for pair in pairs)
        length = -(-longest // _LENGTHS_APART) * _LENGTHS_APART
        embeddings = np.zeros((len(pairs), length, self._table.shape[1]), np.float32)
        mask = np.zeros((len(pairs), length), np.int64)
        for i, pair in enumerate(pairs):
            size = len(pair.ids)
            embeddings[i, :size] = self._table[pair.ids]
            # What tells the model which of the two texts a token is of, as it adds it itself.
            embeddings[i, pair.second : size] += self._head.second
            mask[i, :size] = 1
        return embeddings, mask
