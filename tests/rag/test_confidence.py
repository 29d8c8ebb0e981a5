"""Confidence: hand-computed evidence, and a probability that moves the right way."""

import math

import pytest

from rag.answers import Hit
from rag.confidence import MOST_PASSAGES, Evidence, coverage, evidence, probability
from vector_store.records import DocumentInfo, Paragraph, Passage
from vector_store.stores import VectorSource


def hit(text: str, cosine: float) -> Hit:
    info = DocumentInfo(1, "a", "a", "a", "0", 1)
    return Hit(
        Passage(1, info, Paragraph(0, len(text), 1, None, ("Qom",)), text), 1, cosine, None, None
    )


def test_evidence_is_on_the_models_own_scale() -> None:
    source = VectorSource("m", "f", 2, unrelated=0.7, related=0.9)
    found = evidence(hit("Gazan students", 0.8), {"student": 3.0, "qom": 1.0, "x": 4.0}, source, 9)
    assert found == Evidence(pytest.approx(0.5), pytest.approx(0.5), 9)


def test_coverage_of_nothing_asked_is_nothing() -> None:
    assert coverage({}, "any text") == 0.0


def test_probability_is_the_logistic_function_of_the_evidence() -> None:
    expected = 1 / (1 + math.exp(-(-3.34 + 3.66 * 1 + 2.66 * 0.5 - 0.22 * math.log(100))))
    assert probability(Evidence(1.0, 0.5, 100)) == pytest.approx(expected)
    assert probability(Evidence(0, 0, 10)) < 0.03 < 0.9 < probability(Evidence(1.2, 1.0, 10))
    assert probability(Evidence(1, 1, 10**6)) == probability(Evidence(1, 1, MOST_PASSAGES))
