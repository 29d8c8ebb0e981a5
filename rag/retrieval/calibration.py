"""How likely a passage answers a question: a calibrated probability from its features.

A logistic regression (Platt, 1999) fitted on the first passages of questions with an answer, of
near misses, which look as if they had one, and of questions about something else. Whether a passage
on the right subject holds the very fact is best known to the reranker.
"""

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from rag.retrieval.features import Features
from rag.retrieval.fitted_weights import Weights, in_order
from rag.retrieval.ranking import PassageReadings, Reranked

MOST_PASSAGES = 2_500
"""Size up to which the constants were fitted; a larger library counts as this large."""

LEAST_READ_PASSAGES = 300
"""Where a reranker read, a smaller library counts as this large: the nearest of many passages is
nearer by chance, but whether a passage answers can be read in it."""

THRESHOLD = 0.15
"""Below this the answer is "not in your documents".

Chosen so that one answerable question in twenty is declined, in the mean over the labelled sets of
`evaluation/RESULTS.md`, which shows what other thresholds would decline."""

ANSWERED = 0.5
"""From here on the answer is shown as one; between the two it "may answer, read it"."""


@dataclass(frozen=True, slots=True)
class Recalibration:
    """What a library's own judgements change: see `rag.calibration`."""

    slope: float = 1.0
    """The log-odds are multiplied by this, which is positive: the order of passages stays."""
    offset: float = 0.0
    """This is added to them."""
    threshold: float = THRESHOLD
    """Below this probability the answer is "not in your documents"."""

    @property
    def answered(self) -> float:
        """The probability from which on the answer is shown as one."""
        return max(ANSWERED, self.threshold)


AS_SHIPPED = Recalibration()
"""Without judgements: the probability and the threshold as they were fitted for every library."""

Likelihood = Literal["likely", "possible", "unlikely"]
"""A probability in a word, as it is shown: from ANSWERED on, from THRESHOLD on, or below both."""

FEATURES = ("nearest", "sentence_support", "length", "passages")
READ_FEATURES = ("nearest", "sentence_support", "passages", "answerability", "span_margin")
"""Where a reranker read: it knows better than the passage's length."""


def likelihood(probability: float, threshold: float = THRESHOLD) -> Likelihood:
    """Return the word for a probability, 0 to 1, where an answer has this threshold."""
    if probability >= max(ANSWERED, threshold):
        return "likely"
    return "possible" if probability >= threshold else "unlikely"


def confidence_features(
    features: Features, passages: int, readings: PassageReadings | None = None
) -> NDArray[np.float64]:
    """Return the columns of the probability, in the order of FEATURES, shape (candidates, 4).

    With a reranker's `readings`, in the order of READ_FEATURES, shape (candidates, 5). `passages`
    were searched.
    """
    least = 1 if readings is None else LEAST_READ_PASSAGES
    size = math.log(min(max(passages, least), MOST_PASSAGES))
    columns = {
        "nearest": features.nearest,
        "sentence_support": np.maximum(features.sentence_support, features.translated),
        "length": features.length,
        "passages": np.full(len(features.length), size),
    }
    if readings is None:
        return np.column_stack([columns[name] for name in FEATURES])
    columns |= {
        "answerability": readings.answerability,
        "span_margin": readings.span_margin,
    }
    return np.column_stack([columns[name] for name in READ_FEATURES])


def calibrate(
    reranked: Reranked, weights: Weights, passages: int, recalibration: Recalibration = AS_SHIPPED
) -> NDArray[np.float64]:
    """Return the probability, 0 to 1, that each candidate answers, shape (candidates,).

    `passages` is the number searched. Raises LookupError when no constants were fitted for a
    reranker of the model.
    """
    scores, best = reranked.scores, reranked.best
    # Only a passage that may be shown can be the better answer.
    behind = np.maximum((scores[best] if best else scores).max() - scores, 0)
    features = reranked.ordered.described.features
    return probabilities(features, weights, passages, behind, reranked.readings, recalibration)


def probabilities(
    features: Features,
    weights: Weights,
    passages: int,
    behind: NDArray[np.float64],
    readings: PassageReadings | None = None,
    recalibration: Recalibration = AS_SHIPPED,
) -> NDArray[np.float64]:
    """Return the probability, 0 to 1, of each candidate, shape (candidates,) as `behind`.

    `behind` is how far its ranking score is below the best: of two passages with the same
    features, the one that a better one outranks is less likely to answer. `readings` are the
    reranker's, where it read.
    """
    fitted = weights.confidence if readings is None else weights.for_reranker().confidence
    names = FEATURES if readings is None else READ_FEATURES
    columns = confidence_features(features, passages, readings)
    log_odds = fitted["intercept"] + columns @ in_order(fitted, names)
    log_odds += fitted["behind"] * behind
    log_odds = recalibration.slope * log_odds + recalibration.offset
    probability: NDArray[np.float64] = 1 / (1 + np.exp(-log_odds))
    return probability
