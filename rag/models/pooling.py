"""From a text's tokens to the vectors of the text and of spans within it, by their means."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from rag.text.windows import Span
from vector_store.records import Vectors

if TYPE_CHECKING:
    from tokenizers import Encoding


def text_and_spans(
    encoding: "Encoding", states: NDArray[np.float32], before: int, spans: Sequence[Span]
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
