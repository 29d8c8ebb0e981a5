"""An embedding model's tokenizer, and vectors of texts and spans from those of their tokens."""

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
"""Of a known word: English words have about .25 ("Qom" has .67), words that are spelt out 1."""


class TokenSpans(Sequence[Span]):
    """Where a text's tokens are in it, listed only when needed.

    For most texts only the number of tokens is needed, and listing their spans takes as long as
    tokenizing.
    """

    def __init__(self, encoding: Encoding) -> None:
        """Take the spans from an encoding."""
        self._encoding = encoding

    @cached_property
    def _spans(self) -> list[Span]:
        return self._encoding.offsets

    def __len__(self) -> int:
        """Return the number of tokens."""
        return len(self._encoding)

    @overload
    def __getitem__(self, at: int) -> Span: ...

    @overload
    def __getitem__(self, at: slice) -> Sequence[Span]: ...

    def __getitem__(self, at: int | slice) -> Span | Sequence[Span]:
        """Return one token's span, or several."""
        return self._spans[at]


class TextTokenizer:
    """A fast tokenizer without padding or truncation; safe for several threads."""

    def __init__(self, tokenizer: Tokenizer, *, longest: int | None, unknown: int | None) -> None:
        """Tokenize as `tokenizer` does, whose own settings are left as they are.

        `longest` is the most tokens of an encoding, special tokens included. `unknown` is the id
        of the token for text that no other token covers.
        """
        self.unknown = unknown
        self.longest = longest
        self._tokenizer = _with_own_settings(tokenizer)
        self._tokenizer.no_padding()
        self._tokenizer.no_truncation()

    def to_json(self) -> str:
        """Return the contents of a `tokenizer.json`."""
        return self._tokenizer.to_str()

    @property
    def vocabulary(self) -> dict[str, int]:
        """The tokens and their ids."""
        return self._tokenizer.get_vocab()

    @property
    def special_tokens(self) -> int:
        """The number of special tokens around a text."""
        return self._tokenizer.num_special_tokens_to_add(False)

    def spans(self, texts: Sequence[str]) -> list[TokenSpans]:
        """Return where each text's tokens are in it, in order, without special tokens."""
        safe = [encodable(text) for text in texts]
        return list(map(TokenSpans, self._tokenizer.encode_batch(safe, add_special_tokens=False)))

    def encode(self, texts: Sequence[str]) -> list[Encoding]:
        """Return each text as the model reads it, truncated, with special tokens."""
        safe = [encodable(text) for text in texts]
        encodings = self._tokenizer.encode_batch(safe, add_special_tokens=False)
        if self.longest is not None:
            for encoding in encodings:
                encoding.truncate(self.longest - self.special_tokens)
        return [self._tokenizer.post_process(encoding) for encoding in encodings]

    def ids(self, words: Sequence[str]) -> list[list[int]]:
        """Return the ids of each word's tokens."""
        safe = [encodable(word) for word in words]
        encodings = self._tokenizer.encode_batch_fast(safe, add_special_tokens=False)
        return [encoding.ids for encoding in encodings]

    def knows(self, words: Sequence[str]) -> bool:
        """Return whether at least half of the words have tokens of more than a letter or so.

        A model that was not trained on a script spells its words letter by letter, or not at all,
        and their vectors are all alike.
        """
        return 2 * sum(map(self._is_known, words, self.ids(words))) >= len(words)

    def _is_known(self, word: str, ids: Sequence[int]) -> bool:
        letters = sum(character.isalnum() for character in word)
        return self.unknown not in ids and len(ids) <= _MOST_TOKENS_PER_LETTER * letters


def _with_own_settings(tokenizer: Tokenizer) -> Tokenizer:
    """Return a tokenizer with the same vocabulary in memory, and settings of its own.

    A multilingual vocabulary takes some 300 MB, so a copy of it is the last resort: for a
    tokenizer whose added tokens do not come out under the same ids.
    """
    sharing = Tokenizer(tokenizer.model)
    for part in ("normalizer", "pre_tokenizer", "post_processor", "decoder"):
        if (value := getattr(tokenizer, part)) is not None:
            setattr(sharing, part, value)
    sharing.encode_special_tokens = tokenizer.encode_special_tokens
    for _, token in sorted(tokenizer.get_added_tokens_decoder().items()):
        (sharing.add_special_tokens if token.special else sharing.add_tokens)([token])
    if _added_tokens(sharing) == _added_tokens(tokenizer):
        return sharing
    return Tokenizer.from_str(tokenizer.to_str())


def _added_tokens(tokenizer: Tokenizer) -> dict[int, str]:
    return {number: repr(t) for number, t in tokenizer.get_added_tokens_decoder().items()}


def text_and_spans(
    encoding: Encoding, states: NDArray[np.float32], prompt_length: int, spans: Sequence[Span]
) -> tuple[NDArray[np.float32], Vectors]:
    """Return a text's vector, shape (dimensions,), and its spans', shape (spans, dimensions).

    `states` are the vectors of its tokens, shape (tokens, dimensions); `prompt_length` is the
    length of the prompt in front, in code points. Vectors are means of tokens' vectors, scaled to
    length 1. A span's tokens have their vectors from the whole text (Günther et al., "Late
    Chunking", 2024): they cost nothing more, and "it" and "the company" mean what the text says
    of them. The vector of a span without tokens is 0.
    """
    is_text = ~np.array(encoding.special_tokens_mask, bool)
    offsets = np.array(encoding.offsets, np.int64).reshape(-1, 2)[is_text] - prompt_length
    bounds = np.array(spans, np.int64).reshape(-1, 2)
    firsts = np.searchsorted(offsets[:, 0], bounds[:, 0], side="left")
    ends = np.searchsorted(offsets[:, 1], bounds[:, 1], side="right")
    means = np.zeros((1 + len(spans), states.shape[1]), np.float32)
    means[0] = states.mean(axis=0) if len(states) else 0
    text_states = states[is_text]
    for mean, first, end in zip(means[1:], firsts, ends, strict=True):
        if first < end:
            text_states[first:end].mean(axis=0, out=mean)
    lengths = np.linalg.norm(means, axis=1, keepdims=True)
    means /= np.where(lengths > 0, lengths, 1)
    return means[0], means[1:]
