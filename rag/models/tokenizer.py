"""An embedding model's tokenizer, and the means of its tokens' vectors."""

from collections.abc import Sequence
from functools import cached_property
from typing import overload

import numpy as np
from numpy.typing import NDArray
from tokenizers import Encoding, Tokenizer

from rag.text.encodings import encodable
from rag.text.windows import Span
from vector_store.records import Vectors

_MOST_TOKENS_PER_LETTER = 0.7
"""Of a known word: English ones have about .25 (and "Qom" .67), those spelt out 1."""


class TokenSpans(Sequence[Span]):
    """Where a text's tokens stand in it. Most texts are short, and only asked how many there are.

    To make a list of pairs of each takes as long as finding the tokens.
    """

    def __init__(self, encoding: Encoding) -> None:
        """Take them of an encoding when they are asked for."""
        self._encoding = encoding

    @cached_property
    def _spans(self) -> list[Span]:
        return self._encoding.offsets

    def __len__(self) -> int:
        """Return how many tokens there are."""
        return len(self._encoding)

    @overload
    def __getitem__(self, at: int) -> Span: ...

    @overload
    def __getitem__(self, at: slice) -> Sequence[Span]: ...

    def __getitem__(self, at: int | slice) -> Span | Sequence[Span]:
        """Return the span of a token, or of some."""
        return self._spans[at]


class TextTokenizer:
    """A fast tokenizer; safe for several threads."""

    def __init__(self, source: str, *, longest: int | None, unknown: int | None) -> None:
        """Read a `tokenizer.json`.

        Encodings have at most `longest` tokens; `unknown` is the id of the token that stands for
        what the model has no token for.
        """
        self.json = source
        self.unknown = unknown
        self.longest = longest
        self._tokenizer = Tokenizer.from_str(source)
        self._tokenizer.no_padding()
        self._tokenizer.no_truncation()

    @property
    def vocabulary(self) -> dict[str, int]:
        """Its tokens and their ids."""
        return self._tokenizer.get_vocab()

    @property
    def special_tokens(self) -> int:
        """How many tokens of its own it puts around a text."""
        return self._tokenizer.num_special_tokens_to_add(False)

    def spans(self, texts: Sequence[str]) -> list["TokenSpans"]:
        """Return where each text's tokens stand in it, in order, the text's own alone."""
        safe = [encodable(text) for text in texts]
        return list(map(TokenSpans, self._tokenizer.encode_batch(safe, add_special_tokens=False)))

    def encode(self, texts: Sequence[str]) -> list[Encoding]:
        """Return what the model reads of each text, cut at its limit."""
        safe = [encodable(text) for text in texts]
        encodings = self._tokenizer.encode_batch(safe, add_special_tokens=False)
        if self.longest is not None:
            for encoding in encodings:
                encoding.truncate(self.longest - self.special_tokens)
        return [self._tokenizer.post_process(encoding) for encoding in encodings]

    def ids(self, word: str) -> list[int]:
        """Return a word's tokens."""
        return self._tokenizer.encode(encodable(word), add_special_tokens=False).ids

    def knows(self, words: Sequence[str]) -> bool:
        """Tell whether most words have tokens longer than a letter, as those of its languages do.

        A model that was trained without a script spells its words letter by letter, or not at
        all, and finds all of them alike.
        """
        return 2 * sum(map(self._is_known, words)) >= len(words)

    def _is_known(self, word: str) -> bool:
        ids = self.ids(word)
        letters = sum(character.isalnum() for character in word)
        return self.unknown not in ids and len(ids) <= _MOST_TOKENS_PER_LETTER * letters


def text_and_spans(
    encoding: Encoding, states: NDArray[np.float32], before: int, spans: Sequence[Span]
) -> tuple[NDArray[np.float32], Vectors]:
    """Return the vector of a text, shape (dimensions,), and of each span of it, one row each.

    `states` are its tokens' vectors, shape (tokens, dimensions), `before` the length of the
    prompt in front. A span's vector is the mean of the tokens within it as the whole text made
    them (Günther et al., "Late Chunking", 2024): it costs nothing more, and "it" and "the
    company" mean there what the text has said of them. It is 0 where no token is.
    """
    own = ~np.array(encoding.special_tokens_mask, bool)
    offsets = np.array(encoding.offsets, np.int64).reshape(-1, 2)[own] - before
    places = np.array(spans, np.int64).reshape(-1, 2)
    firsts = np.searchsorted(offsets[:, 0], places[:, 0], side="left")
    lasts = np.searchsorted(offsets[:, 1], places[:, 1], side="right")
    means = np.zeros((1 + len(spans), states.shape[1]), np.float32)
    means[0] = states.mean(axis=0) if len(states) else 0
    of_text = states[own]
    for mean, first, last in zip(means[1:], firsts, lasts, strict=True):
        if first < last:
            of_text[first:last].mean(axis=0, out=mean)
    lengths = np.linalg.norm(means, axis=1, keepdims=True)
    means /= np.where(lengths > 0, lengths, 1)
    return means[0], means[1:]
