"""Every fitted constant, by the embedding model whose features it weighs.

They stand in `weights.json`, made by: python -m evaluation.training.fit. No figure on a set that
they were fitted on says how good Quoth is on documents it never saw.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rag.models.registry import SMALL

FILE = "weights.json"


@dataclass(frozen=True, slots=True)
class WithCrossEncoder:
    """The constants where the cross-encoder read the first passages."""

    order: float
    """What each unit of its logit adds to a passage's ranking score."""
    confidence: dict[str, float]
    """What takes the place of those of the evidence alone; see `rag.retrieval.calibration`."""
    highlight: dict[str, float]
    """The same for highlights; see `rag.retrieval.highlights`."""


@dataclass(frozen=True, slots=True)
class Weights:
    """The constants for one model, each by the name of what it weighs."""

    fitted_on: tuple[str, ...]
    """The names of the sets."""
    typical_support: float
    """The mean share of a question's weight that a passage which answers it carries, by exact
    terms."""
    ranking: dict[str, float]
    """See `rag.retrieval.ranking`."""
    likeness: float
    """What resemblance to the first passages adds to the score of one after them."""
    confidence: dict[str, float]
    """See `rag.retrieval.calibration`."""
    highlight: dict[str, float]
    """See `rag.retrieval.highlights`."""
    with_cross_encoder: WithCrossEncoder | None
    """None for a model without a cross-encoder."""

    def for_reranker(self) -> WithCrossEncoder:
        """Return the constants where a reranker read. Raises LookupError when there are none."""
        if self.with_cross_encoder is None:
            raise LookupError(f"No constants were fitted for a reranker on {self.fitted_on}.")
        return self.with_cross_encoder


@cache
def all_weights() -> dict[str, Weights]:
    """Return the constants of every model that they were fitted for, by its name."""
    found = json.loads(files("rag.retrieval").joinpath(FILE).read_text(encoding="utf-8"))
    return {model: _weights(values) for model, values in found.items()}


def _weights(values: dict[str, Any]) -> Weights:
    crossed = values["with_cross_encoder"]
    return Weights(
        **{
            **values,
            "fitted_on": tuple(values["fitted_on"]),
            "with_cross_encoder": crossed and WithCrossEncoder(**crossed),
        }
    )


def fitted_on() -> tuple[str, ...]:
    """Return the names of all sets that the constants of some model were fitted on."""
    return tuple(dict.fromkeys(name for one in all_weights().values() for name in one.fitted_on))


def weights_of(model: str) -> Weights:
    """Return a model's constants: for one without its own, those of all-MiniLM-L6-v2.

    Evidence of meaning is on each model's own scale, so that they serve there too.
    """
    known = all_weights()
    return known.get(model, known[SMALL])


def in_order(weights: dict[str, float], names: Iterable[str]) -> NDArray[np.float64]:
    """Return the weights of these, in this order."""
    return np.array([weights[name] for name in names])
