"""How likely a passage answers a question: a calibrated probability from its evidence.

A logistic regression (Platt, 1999) fitted on the first passages of questions with an answer, of
the same questions without it, and of questions about something else. Whether a passage about the
right subject holds the very fact asked for is what the cross-encoder tells of most; where a
question was written to mislead, it too is often deceived.
"""

import math

import numpy as np
from numpy.typing import NDArray

from rag.retrieval.features import Evidence
from rag.retrieval.fitted_weights import fitted_with_cross_encoder, in_order, weights_of

MOST_PASSAGES = 2_500
"""Size up to which the constants were fitted; a larger library counts as this large."""

THRESHOLD = 0.3
"""Below this the answer is "not in your documents". To withhold a passage that answers counts so
7/3 as much as to show one, with its probability, that does not (Chow, 1970): the nearest misses
are never further than a click. `evaluation/RESULTS.md` has what other thresholds would decline."""


FEATURES = ("nearest", "sentence_support", "length", "passages")


def confidence_features(seen: Evidence, passages: int) -> NDArray[np.float64]:
    """Return what the first passage's probability is made of, in the order of FEATURES.

    The shape is (candidates, 4). `passages` were searched: the best of many is nearer by chance.
    """
    size = math.log(min(max(passages, 1), MOST_PASSAGES))
    support = np.maximum(seen.sentence_support, seen.translated)
    return np.column_stack([seen.nearest, support, seen.length, np.full(len(seen.length), size)])


def probabilities(
    model: str,
    seen: Evidence,
    passages: int,
    behind: NDArray[np.float64],
    cross: NDArray[np.float64] | None = None,
) -> NDArray[np.float64]:
    """Return the probability, 0 to 1, that each candidate answers, by a model's evidence.

    `behind` tells how far each one's ranking score is below the best: of two passages with the
    same evidence, the one that a better one outranks is less likely to be an answer.
    `cross` are the cross-encoder's logits, where it read. Raises LookupError when no constants were
    fitted for a cross-encoder of the model.
    """
    fitted = (weights_of(model) if cross is None else fitted_with_cross_encoder(model)).confidence
    weights = in_order(fitted, FEATURES)
    logits = fitted["intercept"] + confidence_features(seen, passages) @ weights
    logits += fitted["behind"] * behind
    if cross is not None:
        logits += fitted["cross_encoder"] * cross
    chances: NDArray[np.float64] = 1 / (1 + np.exp(-logits))
    return chances
