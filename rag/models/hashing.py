"""`HashingEmbedder`: an embedder without a model, for tests and for machines without torch."""

import hashlib
import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from rag.models.similarity_scale import similarity_scale
from rag.text.windows import Span
from vector_store.analysis import analyzer
from vector_store.base import VectorSource
from vector_store.records import Vectors


class HashingEmbedder:
    """A bag of hashed terms, with the same vectors on every machine.

    Signed feature hashing of term counts (Weinberger et al., "Feature Hashing for Large Scale
    Multitask Learning", 2009). It does not model meaning: use it in tests of programs built on
    Quoth, and where torch cannot be installed.
    """

    DIMENSIONS = 256
    max_tokens = 64
    languages: frozenset[str] = frozenset()

    @cached_property
    def source(self) -> VectorSource:
        """The embedder's identity, and the scale of its similarities."""
        scale = similarity_scale(self.embed_query, self.embed_documents)
        fingerprint = f"hashing/{self.DIMENSIONS}/{analyzer.ANALYSIS_VERSION}"
        return VectorSource(
            "hashing", fingerprint, self.DIMENSIONS, runtime="hashing", **asdict(scale)
        )

    def token_spans(self, texts: Sequence[str]) -> Sequence[Sequence[Span]]:
        """Return the spans of each text's terms, in order."""
        return [[(t.start, t.end) for t in analyzer.tokens(text)] for text in texts]

    def embed_documents(self, texts: Sequence[str]) -> Vectors:
        """Return vectors of shape (len(texts), 256)."""
        vectors = np.zeros((len(texts), self.DIMENSIONS), np.float32)
        for vector, text in zip(vectors, texts, strict=True):
            terms = Counter(token.forms[0] for token in analyzer.tokens(text) if not token.stop)
            for term, count in terms.items():
                digest = hashlib.blake2b(term.encode("utf-8", "surrogatepass"), digest_size=8)
                number = int.from_bytes(digest.digest(), "little")
                vector[number % self.DIMENSIONS] += math.sqrt(count) * (1 if number >> 63 else -1)
            length = float(np.linalg.norm(vector))
            if length == 0:
                vector[0] = length = 1.0
            vector /= length
        return vectors

    def embed_with_spans(
        self, texts: Sequence[str], spans: Sequence[Sequence[Span]]
    ) -> tuple[Vectors, list[Vectors]]:
        """Return the vectors of texts, and of each span as a text of its own."""
        parts = [
            self.embed_documents([text[start:end] for start, end in text_spans])
            for text, text_spans in zip(texts, spans, strict=True)
        ]
        return self.embed_documents(texts), parts

    def knows(self, words: Sequence[str]) -> bool:
        """Return True: hashing works equally well in any language."""
        return True

    def word_vectors(self, words: Sequence[str]) -> Vectors:
        """Return 0 for every word: hashes of different words are unrelated."""
        return np.zeros((len(words), 1), np.float32)

    def embed_query(self, text: str) -> NDArray[np.float32]:
        """Return a question's vector, shape (256,)."""
        vector: NDArray[np.float32] = self.embed_documents([text])[0]
        return vector
