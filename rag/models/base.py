"""The `Embedder` protocol: text to vectors.

`rag.models.sentence_transformers` and `rag.models.compiled` run real models; `rag.models.hashing`
needs none. Embedders do not know where their vectors are stored.
"""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from rag.text.windows import Span
from vector_store.base import VectorSource
from vector_store.records import Vectors


class Embedder(Protocol):
    """An embedding model. The vectors of texts have Euclidean length 1."""

    @property
    def source(self) -> VectorSource:
        """The model's identity, and the scale of its similarities."""

    @property
    def max_tokens(self) -> int:
        """The most tokens of a document's text in one embedding."""

    def token_spans(self, texts: Sequence[str]) -> Sequence[Sequence[Span]]:
        """Return the spans of each text's tokens, in order."""

    def embed_documents(self, texts: Sequence[str]) -> Vectors:
        """Return vectors of shape (len(texts), dimensions)."""

    def embed_with_spans(
        self, texts: Sequence[str], spans: Sequence[Sequence[Span]]
    ) -> tuple[Vectors, list[Vectors]]:
        """Return the vectors of texts, as `embed_documents` does, and of spans within each.

        A span's vector is that of its meaning in context. It is 0 for a span without tokens.
        """

    @property
    def languages(self) -> frozenset[str]:
        """The model's languages as ISO 639-1 codes; an empty set if they are unknown."""

    def knows(self, words: Sequence[str]) -> bool:
        """Return whether the model has tokens for most of these words; True for no words."""

    def word_vectors(self, words: Sequence[str]) -> Vectors:
        """Return a vector for each word, shape (len(words), any), of length 1 or 0.

        Words of similar meaning have a cosine near 1. The vector of an unknown word is 0.
        """

    def embed_query(self, text: str) -> NDArray[np.float32]:
        """Return a question's vector, shape (dimensions,)."""
