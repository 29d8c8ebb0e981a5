"""How likely a passage answers a question: a calibrated probability from two kinds of evidence.

Closeness is the passage's cosine on its model's own scale (0 unrelated, 1 a typical answer; see
`rag.anchors`). Coverage is the share of the question's term weight that the passage holds. A
logistic function of the two, fitted by `python -m evaluation.calibrate`, gives the probability.
"""

import math
from collections.abc import Mapping

from vector_store.stores import VectorSource

# Made by: python -m evaluation.calibrate (see there for the sets it was fitted on).
_INTERCEPT = -4.0
_CLOSENESS = 4.0
_COVERAGE = 2.5

THRESHOLD = 0.5
"""Below this the answer is "not in your documents"."""


def closeness(cosine: float, source: VectorSource) -> float:
    """Put a cosine on its model's scale: 0 for strangers, 1 for a typical answer."""
    return (cosine - source.unrelated) / (source.related - source.unrelated)


def coverage(question_idf: Mapping[str, float], passage_terms: frozenset[str]) -> float:
    """Return the share, 0 to 1, of the question's summed idf whose terms the passage holds."""
    total = sum(question_idf.values())
    held = sum(weight for term, weight in question_idf.items() if term in passage_terms)
    return held / total if total else 0.0


def probability(closeness: float, coverage: float) -> float:
    """Return the probability, 0 to 1, that a passage with this evidence answers."""
    evidence = _INTERCEPT + _CLOSENESS * closeness + _COVERAGE * coverage
    return 1 / (1 + math.exp(-evidence))
