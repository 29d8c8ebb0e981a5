"""Why nothing answers, as far as it is known: what the question has and the passages lack."""

from collections.abc import Sequence

from rag.answers import Hit, Missing
from rag.query import answer_types
from rag.query.query import AnalyzedQuestion
from rag.retrieval.exact.evidence import Evidence
from rag.retrieval.exact.question_words import (
    QuestionWord,
    is_rare,
    lacking,
    terms_in,
    words_of,
)


def reasons(
    question: AnalyzedQuestion, hits: Sequence[Hit], passages: int, evidence: Evidence
) -> tuple[Missing, ...]:
    """Return what an unanswered question has that its best passages lack.

    That is its words that stand in no document of the library, which holds this many passages;
    its rare words that stand in none of the passages shown; and the kind of thing it asks for.
    Nothing is said of words when the passages are in another language.
    """
    if any(question.is_foreign(hit.passage.document.language) for hit in hits):
        return _answer_type(question, hits)
    words = words_of(question, passages, evidence)
    nowhere = [word for word in words if not word.passages]
    shown = frozenset[str]().union(*(terms_in(hit.passage) for hit in hits))
    rare = [word for word in words if word.passages and is_rare(word, passages)]
    return (
        *(Missing("words", word.text, "documents") for word in _with_letters(nowhere)),
        *(Missing("words", word.text, "passages") for word in _with_letters(lacking(rare, shown))),
        *_answer_type(question, hits),
    )


def _with_letters(words: Sequence[QuestionWord]) -> list[QuestionWord]:
    """Return words that are not pairs of letters, as scripts without spaces are cut."""
    return [word for word in words if len(word.text) > 2 or word.text.isascii()]


def _answer_type(question: AnalyzedQuestion, hits: Sequence[Hit]) -> tuple[Missing, ...]:
    kind = question.sought
    if kind is None or not hits:
        return ()
    held = any(answer_types.holds(kind, hit.passage.text, question.names) for hit in hits)
    return () if held else (Missing("answer_type", kind.value, "passages"),)
