"""A fit on judgements and its promise, in words."""

from fractions import Fraction

from rag.answers import percent
from rag.calibration.promise import needed
from rag.calibration.report import LEAST_QUESTIONS
from rag.documents.status import Calibrated
from rag.text.plurals import counted

_WORDS = ("two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_LARGEST = 1000


def share(alpha: float) -> str:
    """Return a share in words: "one in five", "3 in 10"."""
    fraction = Fraction(alpha).limit_denominator(_LARGEST)
    numerator, denominator = fraction.numerator, fraction.denominator
    if numerator == 1 and denominator <= len(_WORDS) + 1:
        return f"one in {_WORDS[denominator - 2]}"
    return f"{numerator} in {denominator}"


def promise_text(alpha: float, judged: int) -> str:
    """Return the promise in words, with how many questions it rests on."""
    verb = "is" if Fraction(alpha).limit_denominator(_LARGEST).numerator == 1 else "are"
    return (
        f"of questions like these that your documents do not answer, at most {share(alpha)} {verb} "
        f"answered ({judged:,} judged)"
    )


def missing_judgements_text(alpha: float, judged: int) -> str:
    """Return how many more judgements a promise needs, in words."""
    more = counted(needed(alpha) - judged, "more question")
    return (
        f"To promise at most {share(alpha)}, judge {more} that your documents do not answer: "
        "quoth judge QUESTION --none"
    )


def fit_text(fit: Calibrated) -> str:
    """Return what was fitted on judgements, or why it is not used."""
    questions = counted(fit.questions, "judged question")
    if not fit.applies:
        return (
            f"the probability was fitted to {questions} for another model or version, and is as "
            "shipped now. To fit it again: quoth calibrate"
        )
    if fit.questions < LEAST_QUESTIONS:
        return f"{questions} to fit the probability to, of {LEAST_QUESTIONS} that are needed"
    fitted = (
        f"the probability was fitted to {questions} on {fit.fitted}: slope {fit.slope:.2f}, offset "
        f"{fit.offset:+.2f}, threshold {percent(fit.threshold)}"
    )
    if fit.promise is None:
        return fitted
    if fit.unanswerable < needed(fit.promise):
        return f"{fitted}. {missing_judgements_text(fit.promise, fit.unanswerable)}"
    return f"{fitted}. Promise: {promise_text(fit.promise, fit.unanswerable)}"
