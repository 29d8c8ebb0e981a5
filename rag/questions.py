"""A question as retrieval sees it: its vector, its terms and what each of them weighs."""

from dataclasses import dataclass

import numpy as np
import regex
from numpy.typing import ArrayLike, NDArray

from rag import answer_types
from rag.answer_types import AnswerType
from rag.embedders import Embedder
from vector_store import analysis
from vector_store.records import Vectors
from vector_store.stores import VectorSource, VectorStore

_FINAL_MARK = regex.compile(r"\p{Sentence_Terminal}\W*$")


@dataclass(frozen=True, slots=True, eq=False)
class Question:
    """What is looked for, made once and used by every step."""

    vector: NDArray[np.float32]
    """Shape (dimensions,)."""
    scale: VectorSource
    """The model of `vector`, and how its similarities are read."""
    sequence: tuple[str, ...]
    """Every term in order, stop words included: what phrases are made of."""
    weights: dict[str, float]
    """The distinct terms searched by, each with its inverse document frequency; 0 when they
    are stop words, which say nothing for a passage."""
    word_vectors: Vectors
    """Of the words those terms came from, one row each."""
    known: bool
    """Whether the model knows its language; if not, only its words can be searched for."""
    names: frozenset[str]
    """Its words in lower case: what cannot be the answer, since it is asked about."""
    typed: bool
    """Whether it is written as people type into a search box: all lower case, no final mark."""
    sought: AnswerType | None
    """What kind of thing would answer, where its wording tells."""

    @property
    def terms(self) -> tuple[str, ...]:
        """The distinct terms searched by, in order."""
        return tuple(self.weights)

    def closeness(self, cosines: ArrayLike) -> NDArray[np.float64]:
        """Return cosines on the model's own scale: 0 for strangers, 1 for a typical answer."""
        scale = self.scale
        return (np.asarray(cosines, float) - scale.unrelated) / (scale.related - scale.unrelated)


def understand(text: str, embedder: Embedder, store: VectorStore) -> Question:
    """Prepare a question for the passages of a store. Raises ModelError."""
    tokens = analysis.tokens(text)
    terms = analysis.query_terms(text)
    content = frozenset(analysis.content_terms(text))
    words: dict[str, str] = {}
    for token in tokens:
        words.setdefault(token.term, token.word)
    asked = [words[term] for term in terms]
    vectors, known = embedder.word_vectors(asked), embedder.knows(asked)
    return Question(
        embedder.embed_query(text),
        embedder.source,
        tuple(token.term for token in tokens),
        {term: idf if term in content else 0.0 for term, idf in store.idf(terms).items()},
        vectors if known else np.zeros_like(vectors),
        known,
        frozenset(words.values()),
        text.islower() and not _FINAL_MARK.search(text),
        answer_types.sought(text),
    )
