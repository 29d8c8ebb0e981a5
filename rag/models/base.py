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
    """An embedding model. Every vector it gives has Euclidean length 1."""

    @property
    def source(self) -> VectorSource:
        """Which model this is, and how its similarities are to be read."""

    @property
    def max_tokens(self) -> int:
        """How many tokens of a document's text fit into one embedding."""

    def token_spans(self, texts: Sequence[str]) -> Sequence[Sequence[Span]]:
        """Return where each text's tokens stand in it, in order."""

    def embed_documents(self, texts: Sequence[str]) -> Vectors:
        """Return vectors of shape (len(texts), dimensions)."""

    def embed_with_spans(
        self, texts: Sequence[str], spans: Sequence[Sequence[Span]]
    ) -> tuple[Vectors, list[Vectors]]:
        """Return what `embed_documents` does, and a vector of each span of each text.

        A span's vector says what it means where it stands. It is 0 where no token of the model
        lies within the span.
        """

    @property
    def languages(self) -> frozenset[str]:
        """The languages that the model knows, by ISO 639-1 code; none where it does not tell."""

    def knows(self, words: Sequence[str]) -> bool:
        """Tell whether the model can make sense of most of these words, or of none given."""

    def word_vectors(self, words: Sequence[str]) -> Vectors:
        """Return a vector of each word by itself, shape (len(words), any): of length 1, or 0.

        Two words of like meaning have a cosine near 1; 0 stands for a word that is not known.
        """

    def embed_query(self, text: str) -> NDArray[np.float32]:
        """Return a question's vector, shape (dimensions,)."""
