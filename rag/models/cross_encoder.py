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

from rag.models.compiled.runtimes import Batch, States, batch_of
from rag.models.cross_encoder_weights import Head
from rag.models.tokenizer import TextTokenizer
from rag.text.windows import Span

LETTERS = 400
"""How long an excerpt is at most, in code points, but for one long sentence; the longest that it
was trained on."""
_QUESTION_TOKENS = 60
_MOST_TOKENS = 160


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


def token_pairs(
    tokenizer: TextTokenizer, question: str, excerpts: Sequence[str]
) -> list[PairTokens]:
    """Return the question's first 60 tokens with each excerpt's, 160 in all with special ones."""
    nothing, asked, *told = tokenizer.encode(["", question, *excerpts])
    begin, end = nothing.ids
    before = [begin, *asked.ids[1:-1][:_QUESTION_TOKENS], end]
    room = _MOST_TOKENS - len(before) - 1
    return [
        PairTokens([*before, *one.ids[1:-1][:room], end], len(before), one.offsets[1:-1][:room])
        for one in told
    ]


class CrossEncoder:
    """A `Reranker` that runs a trained model; as thread-safe as the runtime of its layers."""

    languages = frozenset({"", "en"})
    """It was trained on English alone; a question too short to tell is read as well."""

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
        pairs = token_pairs(self._tokenizer, question, excerpts)
        embeddings, mask = batch_of(self._table, [pair.ids for pair in pairs], _MOST_TOKENS)
        for of_pair, pair in zip(embeddings, pairs, strict=True):
            # What tells the model which of the two texts a token is of, as it adds it itself.
            of_pair[pair.second : len(pair.ids)] += self._head.second
        return self._head.logits(self._states((embeddings, mask)), mask)
