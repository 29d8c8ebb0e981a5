"""The seam for a model that reads a question and a passage together, to order the best again.

`CrossEncoder` is the trained one; `OverlapReranker` needs no model at all.
"""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from vector_store.analysis import analyzer


class Reranker(Protocol):
    """Judges excerpts of passages by reading each together with the question."""

    @property
    def languages(self) -> frozenset[str]:
        """The languages of questions that it reads, by ISO 639-1 code; "" for an unknown one."""

    def logits(self, question: str, excerpts: Sequence[str]) -> NDArray[np.float64]:
        """Return how well each excerpt answers, shape (excerpts,): above 0 for probably yes."""


class OverlapReranker:
    """Prefers excerpts with many of the question's content words: no model, no torch.

    The logit of a share p of the words, smoothed so that none and all are finite: (words held +
    1/2) to (words missing + 1/2). Use it in tests of programs built on Quoth.
    """

    languages: frozenset[str] = frozenset({"", "en"})

    def logits(self, question: str, excerpts: Sequence[str]) -> NDArray[np.float64]:
        """Return the log odds of the question's words in each excerpt, shape (excerpts,)."""
        words = {token.forms[0] for token in analyzer.tokens(question) if not token.stop}
        shared = np.array([len(words & set(analyzer.terms(text))) for text in excerpts], float)
        return np.log(shared + 0.5) - np.log(len(words) - shared + 0.5)
