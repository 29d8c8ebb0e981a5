"""What every reranker must do, whichever it is: one contract for all of them."""

import numpy as np
import pytest

from rag.factories import embedder_for, reranker_for
from rag.models.hashing import HashingEmbedder
from rag.models.registry import SMALL
from rag.models.reranker import OverlapReranker, Reranker

QUESTION = "When was the old bridge of Basra opened?"
ANSWERS = "The old bridge of Basra was opened in 1957."
OTHER = "Dates are pressed into syrup in autumn."


@pytest.fixture(scope="module", params=["cross-encoder", "overlap"])
def reranker(request: pytest.FixtureRequest) -> Reranker:
    if request.param == "overlap":
        return OverlapReranker()
    trained = reranker_for(embedder_for(SMALL))
    assert trained is not None
    return trained


def test_an_excerpt_that_answers_is_above_one_that_does_not(reranker: Reranker) -> None:
    output = reranker.read(QUESTION, [OTHER, ANSWERS])
    for logits in (output.relevance, output.answerability, output.span_margin):
        assert logits.shape == (2,)
        assert logits[1] > logits[0]
    assert output.answerability[1] > 0 > output.answerability[0]
    assert len(output.spans) == 2


def test_each_excerpt_is_judged_by_itself(reranker: Reranker) -> None:
    excerpts = [ANSWERS, OTHER, "", ANSWERS]
    together = reranker.read(QUESTION, excerpts).answerability
    alone = [float(reranker.read(QUESTION, [text]).answerability[0]) for text in excerpts]
    assert together == pytest.approx(alone, abs=0.2)
    assert together[0] == pytest.approx(together[3], abs=1e-3)
    assert np.isfinite(together).all()


def test_without_excerpts_there_are_no_logits(reranker: Reranker) -> None:
    assert reranker.read(QUESTION, []).answerability.shape == (0,)


def test_english_and_unknown_languages_are_read(reranker: Reranker) -> None:
    assert {"en", ""} <= reranker.languages


def test_the_overlap_is_the_log_odds_of_the_questions_words() -> None:
    # Of "old", "bridge", "Basra" and "opened" the answer holds all four, a part of it two.
    output = OverlapReranker().read(QUESTION, [ANSWERS, "An old bridge.", OTHER])
    assert output.spans == [None] * 3
    assert output.relevance == pytest.approx(np.log([4.5 / 0.5, 2.5 / 2.5, 0.5 / 4.5]))


def test_a_model_without_a_cross_encoder_has_no_reranker() -> None:
    assert reranker_for(HashingEmbedder()) is None
