"""The threshold that keeps a promise: few of the questions without an answer are answered.

Angelopoulos, Bates, Fisch, Lei and Schuster, "Conformal Risk Control" (2022). The risk is the
share of the questions that the documents do not answer and that are answered all the same. With n
of them judged and a share R(t) of these answered at threshold t, the least t is taken for which
n / (n + 1) * R(t) + 1 / (n + 1) <= alpha. The expected risk on further questions is then at most
alpha, whatever the documents and however wrong the probability, as long as these questions are
drawn as the judged ones were.

Fitting slope and offset on the same questions does not break this: they change no passage's place
in the order of probabilities, and only that order decides which questions the threshold admits.
"""

import math
from collections.abc import Sequence
from fractions import Fraction

from rag.errors import SettingError
from rag.text.plurals import counted

DIGITS = 4
"""Probabilities are shown, and compared with the threshold, rounded to so many digits."""
_STEP = 0.0001
_ROUNDING = 1e-9
_WORDS = ("two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_LARGEST = 1000


def checked_promise(alpha: float) -> float:
    """Return the share itself. Raises SettingError unless it is between 0 and 1."""
    if not 0 < alpha < 1:
        raise SettingError(
            f"The promised share is {alpha:g}, and must be above 0 and below 1. For at most one in "
            "five, give 1/5, 0.2 or 20%."
        )
    return alpha


def needed(alpha: float) -> int:
    """Return how many judged questions without an answer a promise needs: 1 / (n + 1) <= alpha."""
    return math.ceil(1 / alpha - 1 - _ROUNDING)


def promised_threshold(confidences: Sequence[float], alpha: float) -> float | None:
    """Return the least threshold that keeps the promise, a multiple of 0.0001.

    `confidences` are those of the judged questions that the documents do not answer, one each;
    at the threshold and above, a question is answered. None when there are too few. Raises
    SettingError for an `alpha` that is no share.
    """
    n = len(confidences)
    admitted = math.floor(checked_promise(alpha) * (n + 1) - 1 + _ROUNDING)
    if admitted < 0:
        return None
    best_first = sorted((round(one, DIGITS) for one in confidences), reverse=True)
    return round(best_first[admitted] + _STEP, DIGITS)


def share(alpha: float) -> str:
    """Return a share in words: "one in five", "3 in 10"."""
    fraction = Fraction(alpha).limit_denominator(_LARGEST)
    numerator, denominator = fraction.numerator, fraction.denominator
    if numerator == 1 and denominator <= len(_WORDS) + 1:
        return f"one in {_WORDS[denominator - 2]}"
    return f"{numerator} in {denominator}"


def said(alpha: float, judged: int) -> str:
    """Return the promise in words, with how many questions it rests on."""
    verb = "is" if Fraction(alpha).limit_denominator(_LARGEST).numerator == 1 else "are"
    return (
        f"of questions like these that your documents do not answer, at most {share(alpha)} {verb} "
        f"answered ({judged:,} judged)"
    )


def said_to_need(alpha: float, judged: int) -> str:
    """Return how many more judgements a promise needs, in words."""
    more = counted(needed(alpha) - judged, "more question")
    return (
        f"To promise at most {share(alpha)}, judge {more} that your documents do not answer: "
        "quoth judge QUESTION --none"
    )
