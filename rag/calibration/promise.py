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

from rag.errors import SettingError

DIGITS = 4
"""Probabilities are shown, and compared with the threshold, rounded to so many digits."""
_STEP = 0.0001
_ROUNDING = 1e-9


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
