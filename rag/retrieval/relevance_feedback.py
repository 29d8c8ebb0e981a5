"""How alike candidate passages are, and the order of those after the first that follows from it.

Passages that answer one question tend to resemble each other (the cluster hypothesis: van
Rijsbergen, "Information Retrieval", 2nd ed. 1979, chapter 3). So what stands first tells of what
follows, as a person's own judgement would (Rocchio, "Relevance feedback in information retrieval",
1971), though nobody was asked: after the first few come those that are like them.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from rag.retrieval.fitted_weights import Weights
from rag.retrieval.ranking import READ, Reranked
from rag.retrieval.word_matching import Terms

FIRST = 3
"""How many keep their places, and tell of the others: among them the evidence itself decides."""


def resemblance(
    scores: NDArray[np.float64], terms: Sequence[Terms], firsts: Sequence[int]
) -> NDArray[np.float64]:
    """Return how like the `firsts`, at least one, each candidate is, 0 to 1, shape (candidates,).

    That is the mean of its cosines with each of them, the better their scores the more they count
    (softmax). In a cosine a term weighs (1 + ln its count) · ln((candidates + 1) / those that
    hold it): what nearly all hold, the question's own words among them, says little.
    """
    sizes = [len(one) for one in terms]
    together = np.concatenate(terms).astype(np.int64)
    width = 1 + together.max(initial=0)
    held, counts = np.unique(
        np.repeat(np.arange(len(terms)), sizes) * width + together, return_counts=True
    )
    passage, term = np.divmod(held, width)
    weights = (1 + np.log(counts)) * np.log((len(terms) + 1) / np.bincount(term)[term])
    weights /= np.sqrt(np.bincount(passage, weights**2))[passage]
    odds = np.zeros(len(terms))
    odds[list(firsts)] = np.exp(scores[list(firsts)] - scores[list(firsts)].max())
    odds /= odds.sum()
    # The mean of cosines with several is the product with the mean of their vectors.
    mean = np.bincount(term, weights * odds[passage])
    return np.bincount(passage, weights * mean[term], len(terms)).astype(np.float64)


def with_feedback(reranked: Reranked, weights: Weights) -> NDArray[np.float64]:
    """Return the scores of candidates, shape (candidates,), after feedback from the first few.

    These are the best three that may be shown, of those ordered by their features.
    """
    terms = reranked.ordered.described.features.terms[:READ]
    scores = reranked.scores
    first = sorted((i for i in reranked.best if i < READ), key=lambda i: -scores[i])[:FIRST]
    return raised(scores, terms, first, weights.likeness)


def raised(
    scores: NDArray[np.float64], terms: Sequence[Terms], firsts: Sequence[int], weight: float
) -> NDArray[np.float64]:
    """Return the scores, shape (candidates,), raised by resemblance to the `firsts`.

    Only candidates whose terms are given gain, the first ones of all; the `firsts` keep theirs, and
    all others come behind them.
    """
    if not firsts:
        return scores
    found = scores.copy()
    found[: len(terms)] += weight * resemblance(scores, terms, firsts)
    others = np.ones(len(scores), bool)
    others[list(firsts)] = False
    if others.any():
        found[others] -= max(0, found[others].max() - scores[list(firsts)].min() + 1)
    found[~others] = scores[~others]
    return found
