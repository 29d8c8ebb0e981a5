"""The seam for a model that reads a question and a passage together, to order the best again.

`CrossEncoder` is the trained one; `OverlapReranker` needs no model at all.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from rag.text.windows import Span
from vector_store.analysis import analyzer


@dataclass(frozen=True, slots=True, eq=False)
class RerankerOutput:
    """What a reranker makes of excerpts, in their order."""

    relevance: NDArray[np.float64]
    """Logits, shape (excerpts,): how well each answers, compared with the others."""
    answerability: NDArray[np.float64]
    """Logits, shape (excerpts,): above 0 if the excerpt probably answers."""
    span_margin: NDArray[np.float64]
    """Shape (excerpts,): the logit of the best span, less that of no answer at all."""
    spans: Sequence[Span | None]
    """Where each excerpt's answer would stand in it; None where the model does not tell."""


class Reranker(Protocol):
    """Judges excerpts of passages by reading each together with the question."""

    @property
    def languages(self) -> frozenset[str]:
        """The languages of questions that it reads, by ISO 639-1 code; "" for an unknown one."""

    def read(self, question: str, excerpts: Sequence[str]) -> RerankerOutput:
        """Read each excerpt together with the question."""


class OverlapReranker:
    """Prefers excerpts with many of the question's content words: no model, no torch.

    The logit of a share p of the words, smoothed so that none and all are finite: (words held +
    1/2) to (words missing + 1/2). Use it in tests of programs built on Quoth.
    """

    languages: frozenset[str] = frozenset({"", "en"})

    def read(self, question: str, excerpts: Sequence[str]) -> RerankerOutput:
        """Take the log odds of the question's words in each excerpt for all logits."""
        words = {token.forms[0] for token in analyzer.tokens(question) if not token.stop}
        shared = np.array([len(words & set(analyzer.terms(text))) for text in excerpts], float)
        log_odds = np.log(shared + 0.5) - np.log(len(words) - shared + 0.5)
        return RerankerOutput(log_odds, log_odds, log_odds, [None] * len(excerpts))
