"""Confidence: the logistic function of the evidence."""

import math
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from rag.answers import percent
from rag.retrieval.calibration import (
    ANSWERED,
    AS_SHIPPED,
    LEAST_READ_PASSAGES,
    MOST_PASSAGES,
    THRESHOLD,
    Recalibration,
    confidence_features,
    likelihood,
    probabilities,
)
from rag.retrieval.fitted_weights import all_weights, weights_of
from rag.retrieval.ranking import PassageReadings

SEEN = SimpleNamespace(
    nearest=np.array([1.0, 0.0, 1.2]),
    sentence_support=np.array([0.5, 0.0, 1.0]),
    translated=np.zeros(3),
    length=np.array([4.0, 5.0, 4.0]),
)
NONE = np.zeros(3)


@pytest.mark.parametrize("model", list(all_weights()))
def test_the_probability_is_the_logistic_function_of_the_evidence(model: str) -> None:
    c = all_weights()[model].confidence
    assert set(c) == {"intercept", "nearest", "sentence_support", "length", "passages", "behind"}
    logit = c["intercept"] + c["nearest"] * 1.0 + c["sentence_support"] * 0.5 + c["length"] * 4.0
    logit += c["passages"] * math.log(400)
    found = probabilities(SEEN, weights_of(model), 400, np.array([0.0, 0.0, 0.0]))
    assert found[0] == pytest.approx(1 / (1 + math.exp(-logit)))
    assert found[1] < 0.05 < 0.5 < found[2]
    outranked = probabilities(SEEN, weights_of(model), 400, np.array([2.0, 0.0, 0.0]))
    assert outranked[0] == pytest.approx(1 / (1 + math.exp(-logit - 2 * c["behind"])))
    assert outranked[0] < found[0]


def readings(raised: float) -> PassageReadings:
    answerability = np.array([2.5, -4.0, -4.0]) + raised
    return PassageReadings(NONE, answerability, np.array([1.5, -3.0, -3.0]), {})


def test_what_the_cross_encoder_read_has_constants_of_its_own() -> None:
    found = all_weights()["all-MiniLM-L6-v2"].with_cross_encoder
    assert found is not None
    c = found.confidence
    assert set(c) == {
        *("intercept", "nearest", "sentence_support", "passages"),
        *("answerability", "span_margin", "behind"),
    }
    logit = c["intercept"] + c["nearest"] * 1.0 + c["sentence_support"] * 0.5
    logit += c["passages"] * math.log(400) + c["behind"] * 0.5
    logit += c["answerability"] * 2.5 + c["span_margin"] * 1.5
    weights = weights_of("all-MiniLM-L6-v2")
    behind = np.array([0.5, 0.0, 0.0])
    read = probabilities(SEEN, weights, 400, behind, readings(0.0))
    assert read[0] == pytest.approx(1 / (1 + math.exp(-logit)))
    better = probabilities(SEEN, weights, 400, behind, readings(4.0))
    assert (better > read).all()


def test_constants_that_were_never_fitted_are_not_taken_from_another_model() -> None:
    without = replace(weights_of("multilingual-e5-small"), with_cross_encoder=None)
    with pytest.raises(LookupError, match="No constants were fitted for a reranker"):
        probabilities(SEEN, without, 100, NONE, readings(0.0))


def test_a_large_library_counts_as_the_largest_that_was_fitted_on() -> None:
    assert probabilities(SEEN, weights_of("other"), 10**6, NONE) == pytest.approx(
        probabilities(SEEN, weights_of("other"), MOST_PASSAGES, NONE)
    )
    assert probabilities(SEEN, weights_of("other"), 0, NONE) == pytest.approx(
        probabilities(SEEN, weights_of("other"), 1, NONE)
    )
    assert confidence_features(SEEN, 10)[:, 3] == pytest.approx([math.log(10)] * 3)
    read = readings(0.0)
    assert confidence_features(SEEN, 400, read)[:, 2] == pytest.approx([math.log(400)] * 3)
    assert confidence_features(SEEN, 10, read)[:, 2] == pytest.approx(
        [math.log(LEAST_READ_PASSAGES)] * 3
    )


def test_nothing_is_said_to_be_certain() -> None:
    assert [percent(p) for p in (0.0, 0.004, 0.126, 0.994, 0.999)] == [
        *("0%", "0%", "13%", "99%", "99%")
    ]


def test_judgements_change_slope_and_offset_of_the_log_odds() -> None:
    weights = weights_of("other")
    shipped = probabilities(SEEN, weights, 100, NONE)
    changed = probabilities(
        SEEN, weights, 100, NONE, recalibration=Recalibration(slope=0.5, offset=-1.0)
    )
    log_odds = np.log(shipped / (1 - shipped))
    assert changed == pytest.approx(1 / (1 + np.exp(-(0.5 * log_odds - 1))))
    assert (np.argsort(changed) == np.argsort(shipped)).all()
    same = probabilities(SEEN, weights, 100, NONE, recalibration=AS_SHIPPED)
    assert (same == shipped).all()


def test_a_probability_is_said_in_a_word() -> None:
    at = (0.0, THRESHOLD - 0.001, THRESHOLD, ANSWERED - 0.001, ANSWERED, 1.0)
    assert [likelihood(probability) for probability in at] == [
        *("unlikely", "unlikely", "possible", "possible", "likely", "likely")
    ]
