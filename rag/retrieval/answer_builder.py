"""From ranked passages to an answer: cited, highlighted, with a probability, or declined.

Nothing here writes a word: an answer is made of spans of documents.
"""

from collections.abc import Sequence

from rag.answers import (
    Answer,
    Citation,
    CitedPassage,
    Hit,
    Missing,
    State,
    UnknownLanguage,
    Why,
)
from rag.query.bare_names import is_bare_name
from rag.query.query import AnalyzedQuestion
from rag.query.scope import Searched
from rag.query.syntax import Search
from rag.retrieval.calibration import AS_SHIPPED, Recalibration
from rag.retrieval.exact.arrangement import holding_rare_words
from rag.retrieval.exact.evidence import NO_FINDINGS, Findings
from rag.retrieval.exact.reasons import reasons
from rag.retrieval.highlights import highlights
from rag.text.languages import name_of


def compose(
    search: Search,
    question: AnalyzedQuestion | None,
    hits: Sequence[Hit],
    searched: Searched,
    recalibration: Recalibration = AS_SHIPPED,
    findings: Findings = NO_FINDINGS,
) -> Answer:
    """Return the answer made of `hits`, best first; without any, that nothing answers.

    `question` is how the search was understood; None when there was nothing to ask it of. Of a
    search for exact phrases only, every passage that holds them is what was asked for.
    """
    passages = cited(question, hits)
    # The first passage's, whatever number is asked for: what else is shown decides nothing.
    # As rounded, so that the state is that of the number shown.
    confidence = passages[0].score if passages else 0.0
    state = _state(search, hits, confidence, recalibration)
    return Answer(
        question=search.typed,
        answered=state != "not_found",
        confidence=confidence,
        passages=passages,
        searched=searched,
        carried=search.carried,
        unknown_language=None if question is None else _unknown(question),
        truncated_at=None
        if question is None or question.text == search.wording
        else len(question.text),
        state=state,
        threshold=recalibration.threshold,
        missing=_missing(question, hits, findings, state),
        holding=_holding(question, hits, findings),
        search=search,
    )


def cited(
    question: AnalyzedQuestion | None, hits: Sequence[Hit], first: int = 1
) -> tuple[CitedPassage, ...]:
    """Return hits as quotes with their citations, numbered from `first` on."""
    terms = question.content if question else frozenset()
    return tuple(
        CitedPassage(
            text=hit.passage.text,
            score=round(hit.confidence, 4),
            citation=Citation.of(hit.passage, number),
            headings=hit.passage.paragraph.headings,
            columns=hit.passage.paragraph.columns,
            fields=dict(hit.passage.document.fields),
            highlights=highlights(
                hit.passage.text, hit.passage.document.language, hit.answer, terms, hit.exact
            ),
            why=Why.of(hit),
        )
        for number, hit in enumerate(hits, start=first)
    )


def _state(
    search: Search, hits: Sequence[Hit], confidence: float, recalibration: Recalibration
) -> State:
    if (search.is_phrases and hits) or confidence >= recalibration.answered:
        return "answered"
    return "may_answer" if confidence >= recalibration.threshold else "not_found"


def _missing(
    question: AnalyzedQuestion | None, hits: Sequence[Hit], findings: Findings, state: State
) -> tuple[Missing, ...]:
    """Return what stands in no document, and without an answer what else the passages lack."""
    if question is None or state == "answered" or findings.declined:
        return findings.missing
    lacks = reasons(question, hits, findings.passages, findings.evidence)
    return (*findings.missing, *lacks)


def _holding(
    question: AnalyzedQuestion | None, hits: Sequence[Hit], findings: Findings
) -> frozenset[int]:
    """Return the numbers of hits that hold every rare word of the question."""
    if question is None:
        return frozenset()
    holders = {hit.passage.id for hit in holding_rare_words(hits, question, findings)}
    return frozenset(
        number for number, hit in enumerate(hits, start=1) if hit.passage.id in holders
    )


def _unknown(question: AnalyzedQuestion) -> UnknownLanguage | None:
    """Return the question's language if the model does not know it.

    None too where only its words are strange, as a part's number is, and for a bare name, of which
    no language can be told.
    """
    if question.known or question.language in question.known_languages:
        return None
    if is_bare_name(question.text):
        return None
    name = name_of(question.language) if question.language else "the question's script"
    return UnknownLanguage(question.language, name, question.scale.model)
