"""How likely a passage answers a question: a calibrated probability from plain evidence.

Told apart are a passage that answers and the nearest passage to a question about something
else. It is not told apart whether a passage about the right subject holds the very fact asked
for: such questions are often answered with a passage that merely comes close.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from rag.answers import Hit
from vector_store import analysis
from vector_store.stores import VectorSource

# Made by: python -m evaluation.calibrate squad2-dev clapnq-dev quail-dev
_INTERCEPT = -3.34
_CLOSENESS = 3.66
_COVERAGE = 2.66
_LOG_PASSAGES = -0.22

MOST_PASSAGES = 1_000
"""Size up to which the constants were fitted; a larger library counts as this large."""

THRESHOLD = 0.15
"""Below this the answer is "not in your documents": low, since to withhold a passage that answers
is worse than to show one, with its probability, that does not."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What speaks for a passage."""

    closeness: float
    """Its cosine on the model's own scale: 0 for strangers, 1 for a typical answer."""
    coverage: float
    """The share, 0 to 1, of the question's summed idf whose terms it holds."""
    passages: int
    """How many passages were searched: the best of many is nearer by chance."""


def evidence(
    hit: Hit, question_idf: Mapping[str, float], source: VectorSource, passages: int
) -> Evidence:
    """Gather the evidence for a hit among `passages` searched."""
    closeness = (hit.cosine - source.unrelated) / (source.related - source.unrelated)
    paragraph = hit.passage.paragraph
    searched = analysis.searchable(paragraph.headings, hit.passage.text)
    return Evidence(closeness, coverage(question_idf, searched), passages)


def coverage(question_idf: Mapping[str, float], text: str) -> float:
    """Return the share, 0 to 1, of the question's summed idf whose terms `text` holds."""
    total = sum(question_idf.values())
    held = frozenset(analysis.terms(text))
    return sum(w for term, w in question_idf.items() if term in held) / total if total else 0.0


def probability(found: Evidence) -> float:
    """Return the probability, 0 to 1, that a passage with this evidence answers."""
    logit = (
        _INTERCEPT
        + _CLOSENESS * found.closeness
        + _COVERAGE * found.coverage
        + _LOG_PASSAGES * math.log(min(max(found.passages, 1), MOST_PASSAGES))
    )
    return 1 / (1 + math.exp(-logit))
