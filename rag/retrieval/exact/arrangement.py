"""The order and the probability of passages, corrected by what is known of them."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace

from rag import deadlines
from rag.answers import Hit
from rag.query import answer_types
from rag.query.answer_types import FORMAL
from rag.query.query import AnalyzedQuestion
from rag.retrieval.calibration import ANSWERED, THRESHOLD
from rag.retrieval.exact.evidence import CandidateTiers, Evidence, Findings, Tier
from rag.retrieval.exact.question_words import (
    QuestionWord,
    lacking,
    rare_words_of,
    subject_words_of,
    terms_in,
)
from vector_store.records import Passage

_BELOW = 0.9
"""The highest probability of a passage that cannot answer, as a share of the threshold."""
_LEAST_WORDS = 2
"""Rare words that a passage must hold, when the question names nothing by a number."""


def eligible(
    known: CandidateTiers, admits: Callable[[Passage], bool], passages: Iterable[Passage]
) -> Callable[[Passage], bool]:
    """Return which passages a reranker should read: those that can answer, if there are any."""

    def can_answer(passage: Passage) -> bool:
        return admits(passage) and known.tiers[passage.id] < Tier.OTHER

    return can_answer if any(map(can_answer, passages)) else admits


def arranged(
    hits: Sequence[Hit],
    question: AnalyzedQuestion,
    known: CandidateTiers,
    findings: Findings,
    threshold: float = THRESHOLD,
) -> list[Hit]:
    """Return hits, best first, in the order of their tiers, with what cannot answer below it.

    If the first hit is below the threshold, the first one that contains every rare word of the
    question moves to the top, with the threshold as its probability: it "may answer".
    """
    evidence = findings.evidence
    if evidence.occurrences:
        hits = corrected(hits, known, evidence, threshold)
        hits = _by_tier(hits, question, known, findings, threshold)
    if not hits or hits[0].confidence >= threshold or known.declined:
        return list(hits)
    words = _telling_words(question, findings)
    if words is None:
        return list(hits)
    for at, hit in enumerate(hits):
        deadlines.check()
        if _holds(hit, question, words, known.tiers):
            return [replace(hit, confidence=threshold), *hits[:at], *hits[at + 1 :]]
    return list(hits)


def corrected(
    hits: Sequence[Hit], known: CandidateTiers, evidence: Evidence, threshold: float = THRESHOLD
) -> list[Hit]:
    """Return hits with the probabilities that their tiers allow, in their order."""
    if not evidence.occurrences:
        return list(hits)
    return [_corrected(hit, known, evidence, threshold) for hit in hits]


def holding_rare_words(
    hits: Sequence[Hit], question: AnalyzedQuestion, findings: Findings
) -> list[Hit]:
    """Return the hits that hold every rare word of a question, and what it names."""
    words = _telling_words(question, findings)
    if not words:
        return []
    return [hit for hit in hits if _holds(hit, question, words, findings.tiers)]


def _telling_words(question: AnalyzedQuestion, findings: Findings) -> list[QuestionWord] | None:
    """Return the rare words of a question; None if containing them all is too weak evidence.

    One is enough beside an identifier or a formal kind of answer, such as an e-mail address.
    """
    evidence = findings.evidence
    is_named = any(one.documents for one in evidence.required)
    words = rare_words_of(question, findings.passages, evidence)
    if words is None:
        return None
    if question.sought in FORMAL:
        return words or None
    return words if len(words) >= _LEAST_WORDS or is_named else None


def _holds(
    hit: Hit, question: AnalyzedQuestion, words: Sequence[QuestionWord], tiers: Mapping[int, Tier]
) -> bool:
    """Tell whether a hit holds words, what the question names, and its formal kind of answer."""
    kind = question.sought
    if kind in FORMAL and not answer_types.holds(kind, hit.passage.text, question.names):
        return False
    tier = tiers.get(hit.passage.id, Tier.OTHER)
    return tier <= Tier.HOLDS and not lacking(words, terms_in(hit.passage))


def _by_tier(
    hits: Sequence[Hit],
    question: AnalyzedQuestion,
    known: CandidateTiers,
    findings: Findings,
    threshold: float,
) -> list[Hit]:
    """Return hits in the order of their tiers, within one in the order given.

    A likely answer near an identifier comes first if no passage that contains the identifier is
    likely to answer, or if each contains fewer of the question's words, as an invoice's first line.
    """
    words = subject_words_of(question, findings.passages, findings.evidence)

    def words_in(hit: Hit) -> int:
        return len(words) - len(lacking(words, terms_in(hit.passage)))

    holding = [one for one in hits if known.tiers[one.passage.id] <= Tier.HOLDS_SOME]
    unlikely = all(one.confidence < threshold for one in holding)
    most = max(map(words_in, holding), default=0)

    def key(hit: Hit) -> tuple[bool, int]:
        deadlines.check()
        tier = known.tiers[hit.passage.id]
        likely = hit.confidence >= threshold
        if tier == Tier.NEAR and known.part_is_document:
            tier = Tier.HOLDS
        elif tier == Tier.NEAR and likely and (unlikely or words_in(hit) > most):
            tier = Tier.IS_IT
        is_preferred = likely and hit.passage.id in known.preferred
        return (tier == Tier.OTHER or not is_preferred, tier)

    return sorted(hits, key=key)


def _corrected(hit: Hit, known: CandidateTiers, evidence: Evidence, threshold: float) -> Hit:
    tier = known.tiers[hit.passage.id]
    if known.declined or tier == Tier.OTHER:
        return replace(hit, confidence=hit.confidence * threshold * _BELOW)
    if evidence.only and tier <= Tier.HOLDS_SOME:
        return replace(hit, confidence=max(hit.confidence, ANSWERED, threshold))
    return hit
