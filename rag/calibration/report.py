"""A fit on a library's judged questions: what it used, and what it changes."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import numpy as np

from rag.answers import Hit
from rag.calibration import platt
from rag.calibration.judged import JudgedQuestion, judged_questions
from rag.calibration.promise import needed, promised_threshold
from rag.calibration.record import CalibrationRecord, constants_of
from rag.retrieval.calibration import AS_SHIPPED, Recalibration
from vector_store.base import VectorSource
from vector_store.records import Feedback

LEAST_QUESTIONS = 20
"""With fewer, the probability and the threshold stay as they are shipped."""
_NEW_JUDGEMENTS = 5
_NEW_SHARE = 0.1
_LARGEST_LOG_ODDS = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class CalibrationReport:
    """What `Library.calibrate` did."""

    judged: int
    """How many questions were judged, each counted once."""
    used: int
    """How many of them the fit used: for the others, nobody judged the passage that is now first,
    or it is found by exact phrases, which always counts as an answer."""
    unanswerable: int
    """How many of those used the documents do not answer."""
    before: Recalibration
    """What applied before."""
    after: Recalibration
    """What applies now."""
    promise: float | None
    """The largest share of unanswerable questions that may be answered; None without a promise."""
    missing: int
    """How many more judged questions are needed before anything is changed."""
    missing_unanswerable: int
    """How many more that the documents do not answer, before the promise sets the threshold."""

    @property
    def left_out(self) -> int:
        """How many judged questions the fit did not use."""
        return self.judged - self.used

    @property
    def keeps_promise(self) -> bool:
        """Whether the threshold is set by the promise."""
        return self.promise is not None and not (self.missing or self.missing_unanswerable)


@dataclass(frozen=True, slots=True)
class Observation:
    """A judged question as the library answers it now."""

    question: JudgedQuestion
    log_odds: float | None
    """Those of its first passage, as shipped; None when there was no passage."""
    right: bool | None
    """Whether that passage answers; None when the judgements do not tell."""

    @property
    def is_used(self) -> bool:
        """Whether something can be learnt from it."""
        return self.right is not None

    @classmethod
    def of(cls, question: JudgedQuestion, hits: Sequence[Hit]) -> "Observation":
        """Return a question with the first of the passages found for it, if there is one."""
        if not hits:
            return cls(question, None, False if question.unanswerable else None)
        probability = min(max(hits[0].confidence, np.exp(-_LARGEST_LOG_ODDS)), 1 - 1e-13)
        log_odds = float(np.log(probability) - np.log1p(-probability))
        return cls(question, log_odds, question.is_right(hits[0].passage))


def observations(
    feedback: Sequence[Feedback], first: Callable[[str], Sequence[Hit] | None]
) -> list[Observation]:
    """Return every judged question as it is answered now.

    `first` returns the first passage for a question, with its uncalibrated probability; None for
    one that no probability decides.
    """
    answered = ((question, first(question.question)) for question in judged_questions(feedback))
    return [
        Observation(question, None, None) if hits is None else Observation.of(question, hits)
        for question, hits in answered
    ]


def is_due(
    record: CalibrationRecord | None, feedback: Sequence[Feedback], source: VectorSource | None
) -> bool:
    """Tell whether so much was judged since the last fit that another is worth its time.

    That is 20 questions in all, and since the last fit 5 judgements and a tenth of all, unless the
    last fit was for another model or other constants.
    """
    if source is None or len(judged_questions(feedback)) < LEAST_QUESTIONS:
        return False
    if record is None or not record.applies_to(source):
        return True
    since = len(feedback) - record.judgements
    return since >= max(_NEW_JUDGEMENTS, _NEW_SHARE * len(feedback))


def fitted(
    feedback: Sequence[Feedback],
    seen: Sequence[Observation],
    source: VectorSource,
    promise: float | None,
) -> CalibrationRecord:
    """Return the fit on questions as the library answers them now; see `platt` and `promise`."""
    used = [one for one in seen if one.is_used]
    unanswerable = [one for one in used if one.question.unanswerable]
    record = CalibrationRecord(
        fitted=datetime.now(UTC).date().isoformat(),
        judgements=len(feedback),
        questions=len(used),
        unanswerable=len(unanswerable),
        slope=AS_SHIPPED.slope,
        offset=AS_SHIPPED.offset,
        threshold=None,
        promise=promise,
        model=source.model,
        constants=constants_of(source),
    )
    if len(used) < LEAST_QUESTIONS:
        return record
    scored = [(one.log_odds, one.right) for one in used if one.log_odds is not None]
    log_odds, right = np.array(scored, np.float64).reshape(-1, 2).T
    slope, offset = platt.refitted(log_odds, right)
    threshold = None
    if promise is not None:
        confidences = [_confidence(one, slope, offset) for one in unanswerable]
        threshold = promised_threshold(confidences, promise)
    return replace(record, slope=slope, offset=offset, threshold=threshold)


def _confidence(one: Observation, slope: float, offset: float) -> float:
    """Return the probability that the question's answer would have."""
    if one.log_odds is None:
        return 0.0
    return float(1 / (1 + np.exp(-(slope * one.log_odds + offset))))


def reported(judged: int, before: Recalibration, record: CalibrationRecord) -> CalibrationReport:
    """Return the report on a fit; `judged` is the number of judged questions."""
    promise = record.promise
    short = 0 if promise is None else needed(promise) - record.unanswerable
    return CalibrationReport(
        judged=judged,
        used=record.questions,
        unanswerable=record.unanswerable,
        before=before,
        after=record.recalibration,
        promise=promise,
        missing=max(LEAST_QUESTIONS - record.questions, 0),
        missing_unanswerable=max(short, 0),
    )
