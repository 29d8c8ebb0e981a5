"""A question as retrieval uses it: its vector, its terms and their weights."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import regex
from numpy.typing import ArrayLike, NDArray

from rag.models.base import Embedder
from rag.query import answer_types
from rag.query.answer_types import AnswerType
from rag.query.syntax import LONGEST_QUESTION
from rag.text.languages import language_of_question
from vector_store.analysis import analyzer
from vector_store.analysis.analyzer import Forms, Token
from vector_store.base import StoreView, VectorSource
from vector_store.records import Vectors

_APART = 0.02
"""A model that tells an answer from strangers by less across languages does not tell them."""
_LETTERS_PER_TOKEN = 40
"""As many are given to the tokenizer at most for each token that is read; English has about 4."""
_LONGEST_WORD = 60
"""Letters; what is longer at the end is cut within, as scripts without spaces are."""
_FINAL_MARK = regex.compile(r"\p{Sentence_Terminal}\W*$")


@dataclass(frozen=True, slots=True, eq=False)
class AnalyzedQuestion:
    """What is looked for, made once and used by every step."""

    text: str
    vector: NDArray[np.float32]
    """Shape (dimensions,)."""
    scale: VectorSource
    """The model of `vector`, and how its similarities are read."""
    language: str
    """Its ISO 639-1 code; empty when it cannot be told."""
    sequence: tuple[Forms, ...]
    """Every word's terms in order, stop words included: what phrases are made of."""
    weights: dict[Forms, float]
    """The distinct words searched by, each with its inverse document frequency; 0 when they
    are stop words, which say nothing for a passage."""
    word_vectors: Vectors
    """Of those words, one row each."""
    known: bool
    """Whether the model knows its language; if not, only its words can be searched for."""
    known_languages: frozenset[str]
    """The languages that the model knows; empty when it does not tell."""
    names: frozenset[str]
    """Its words in lower case: what cannot be the answer, since it is asked about."""
    typed: bool
    """Whether it is written as people type into a search box: all lower case, no final mark."""
    sought: AnswerType | None
    """What kind of thing would answer, where its wording tells."""

    @property
    def words(self) -> tuple[Forms, ...]:
        """The distinct words searched by, in order, each as its terms."""
        return tuple(self.weights)

    @property
    def content(self) -> frozenset[str]:
        """Every term of the words that say what it is about."""
        return frozenset(term for forms, weight in self.weights.items() if weight for term in forms)

    def is_foreign(self, language: str) -> bool:
        """Tell whether a document is in another language than the question, both told for sure.

        One that the model does not know is none that it could bring near.
        """
        if not self.language or not language or self.language == language:
            return False
        return not self.known_languages or language in self.known_languages

    def closeness(self, cosines: ArrayLike, language: str = "") -> NDArray[np.float64]:
        """Return cosines on the model's own scale: 0 for strangers, 1 for a typical answer.

        Passages in another language than the question's are farther from it; `language` is theirs.
        """
        scale = self.scale
        unrelated, related = scale.unrelated, scale.related
        if self.is_foreign(language) and scale.related_foreign - scale.unrelated_foreign > _APART:
            unrelated, related = scale.unrelated_foreign, scale.related_foreign
        return (np.asarray(cosines, float) - unrelated) / (related - unrelated)


def readable(text: str, embedder: Embedder) -> str:
    """Return as much of a question as is read: whole words from its beginning.

    That is all of up to 2,000 code points; of a longer one, those or what the model reads in one
    piece, whichever is more.
    """
    if len(text) <= LONGEST_QUESTION:
        return text
    most = embedder.max_tokens
    spans = embedder.token_spans([text[: _LETTERS_PER_TOKEN * most]])[0]
    end = max(LONGEST_QUESTION, spans[min(most, len(spans)) - 1][1] if spans else 0)
    if end >= len(text):
        return text
    read = text[:end]
    if not text[end].isspace():
        whole_words = read.rsplit(maxsplit=1)[0]
        read = whole_words if end - len(whole_words) <= _LONGEST_WORD else read
    return read.rstrip()


def languages_of(text: str, view: StoreView) -> tuple[str, tuple[str, ...]]:
    """Return a question's language, and all that its words may be written in.

    Those are its own and those of the documents: a name is the same in many.
    """
    stored = view.counts().languages
    language = language_of_question(text, {*stored, "en"})
    return language, tuple(dict.fromkeys([language or "en", *stored]))


def analyse(text: str, embedder: Embedder, view: StoreView) -> AnalyzedQuestion:
    """Analyse a question for the passages of a view. Raises ModelError."""
    language, spoken = languages_of(text, view)
    tokens = analyzer.tokens(text, spoken)
    searched = analyzer.query_terms(text, spoken)
    content = frozenset(token.forms for token in tokens if not token.stop)
    written: dict[Forms, str] = {}
    for token in tokens:
        written.setdefault(token.forms, token.word)
    vectors = embedder.word_vectors([written[forms] for forms in searched])
    known = _knows(embedder, language, [token for token in tokens if token.forms in searched])
    return AnalyzedQuestion(
        text,
        embedder.embed_query(text),
        embedder.source,
        language,
        tuple(token.forms for token in tokens),
        {forms: idf if forms in content else 0.0 for forms, idf in view.idf(searched).items()},
        vectors if known else np.zeros_like(vectors),
        known,
        embedder.languages,
        frozenset(written.values()),
        text.islower() and not _FINAL_MARK.search(text),
        answer_types.sought(text),
    )


def _knows(embedder: Embedder, language: str, tokens: Sequence[Token]) -> bool:
    """Tell whether a model knows a question's language, and has tokens for its words.

    For what is cut without regard to words, a model that tells its languages need have none.
    """
    told = embedder.languages
    if told and language and language not in told:
        return False
    words = (token.word for token in tokens)
    return embedder.knows([word for word in words if not (told and analyzer.is_cut(word))])
