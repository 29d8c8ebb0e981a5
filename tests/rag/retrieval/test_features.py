"""Evidence, by hand: what a question's terms and vectors say of each passage and sentence."""

from collections.abc import Sequence
from dataclasses import replace
from math import log
from typing import ClassVar

import numpy as np
import pytest

from rag.models.hashing import HashingEmbedder
from rag.query.answer_types import AnswerType
from rag.query.query import AnalyzedQuestion
from rag.retrieval.candidates import Candidate
from rag.retrieval.features import Features, features_of
from rag.retrieval.fitted_weights import weights_of
from rag.text.sentences import sentences
from vector_store.analysis import analyzer
from vector_store.base import VectorSource
from vector_store.records import DocumentInfo, Paragraph, Passage, Sentences, Vectors, Window

SCALE = VectorSource("m", "f", 2, unrelated=0.2, related=0.7, runtime="plain")
INFO = DocumentInfo(1, "a", "a", "a", "0", 1)
TYPICAL = weights_of(SCALE.model).typical_support


class Words(HashingEmbedder):
    """Knows that a wife and a spouse are alike (cosine .8), and no other word."""

    known: ClassVar = {"wife": (1.0, 0.0), "spouse": (0.8, 0.6)}

    def word_vectors(self, words: Sequence[str]) -> Vectors:
        return np.array([self.known.get(word, (0.0, 0.0)) for word in words], np.float32)


def question(
    text: str, weights: dict[str, float], sought: AnswerType | None = None
) -> AnalyzedQuestion:
    words = {analyzer.terms(word)[0]: word for word in text.lower().split()}
    sequence = tuple((term,) for term in analyzer.terms(text))
    return AnalyzedQuestion(
        "a question",
        np.array([1.0, 0.0], np.float32),
        SCALE,
        "en",
        sequence,
        {(term,): weight for term, weight in weights.items()},
        Words().word_vectors([words[term] for term in weights]),
        True,
        frozenset(),
        frozenset(text.lower().split()),
        False,
        sought,
    )


def candidate(
    text: str, cosines: Sequence[float], headings: tuple[str, ...] = (), best: float = 0.2
) -> Candidate:
    """Make a passage whose sentences have these cosines with the question."""
    spans = tuple(Window(*span) for span in sentences(text))
    vectors = np.array([(c, (1 - c * c) ** 0.5) for c in cosines], np.float32)
    passage = Passage(1, INFO, Paragraph(0, len(text), 1, None, headings), text)
    return Candidate(passage, Sentences(spans, vectors), best, 0.0)


def seen(asked: AnalyzedQuestion, *candidates: Candidate) -> Features:
    return features_of(asked, candidates, Words(), TYPICAL)


def test_support_is_the_share_of_weight_that_words_carry() -> None:
    asked = question("wife king", {"wife": 3.0, "king": 1.0})
    found = seen(
        asked,
        candidate("The king slept. His spouse read.", [0.2, 0.2]),
        candidate("Rain fell all day.", [0.2]),
        candidate("The wife of the king.", [0.2]),
    )
    assert found.support == pytest.approx([(3 * 0.8 + 1) / 4, 0, 1])
    assert found.sentence_support == pytest.approx([3 * 0.8 / 4, 0, 1])
    assert found.sentences[0].support == pytest.approx([1 / 4, 3 * 0.8 / 4])
    assert found.length == pytest.approx([log(7), log(5), log(6)])


def test_headings_carry_weight_for_the_passage_and_not_for_its_sentences() -> None:
    asked = question("wife king", {"wife": 3.0, "king": 1.0})
    found = seen(asked, candidate("He slept.", [0.2], ("The King", "A spouse")))
    assert found.support == pytest.approx([(3 * 0.8 + 1) / 4])
    assert found.heading_support == pytest.approx([1 / 4])  # exact terms only
    assert found.sentence_support == pytest.approx([0])


def test_terms_are_numbered_alike_in_all_passages_headings_first() -> None:
    found = seen(
        question("king", {"king": 1.0}),
        candidate("Kings slept. A king read.", [0.2, 0.2]),
        candidate("He read.", [0.2], ("The king",)),
        candidate("…!", [0.2]),
    )
    told = ("king sleep a king read", "the king he read", "")
    numbers = {
        number: term
        for one, text in zip(found.terms, told, strict=True)
        for number, term in zip(one.tolist(), text.split(), strict=True)
    }
    assert sorted(numbers.values()) == ["a", "he", "king", "read", "sleep", "the"]
    king, read = (next(n for n, t in numbers.items() if t == term) for term in ("king", "read"))
    assert [one.tolist().count(king) for one in found.terms] == [2, 1, 0]
    assert found.terms[1].tolist()[1] == king
    assert found.terms[0].tolist()[-1] == found.terms[1].tolist()[-1] == read
    assert [t.tolist() for t in found.only(np.array([2, 1])).terms] == [
        [], found.terms[1].tolist()
    ]  # fmt: skip


def test_closeness_is_on_the_models_own_scale() -> None:
    asked = question("king", {"king": 1.0})
    found = seen(asked, candidate("One. Two. Three.", [0.2, 0.7, 0.45], best=0.7))
    assert found.closeness == pytest.approx([1.0])
    assert found.sentences[0].closeness == pytest.approx([0.0, 1.0, 0.5], abs=1e-6)
    assert found.nearest == pytest.approx([1.0], abs=1e-6)


def test_two_neighbouring_sentences_may_be_nearer_than_either() -> None:
    asked = question("king", {"king": 1.0})
    one = candidate("One. Two.", [0.6, 0.6])
    vectors = np.array([(0.6, 0.8), (0.6, -0.8)], np.float32)  # their sum is the question itself
    both = Candidate(one.passage, Sentences(one.sentences.spans, vectors), 0.2, 0.0)
    assert seen(asked, both).nearest == pytest.approx([(1 - 0.2) / 0.5], abs=1e-6)
    assert seen(asked, one).nearest == pytest.approx([(0.6 - 0.2) / 0.5], abs=1e-6)
    opposite = Sentences(one.sentences.spans, np.array([(0.0, 1.0), (0.0, -1.0)], np.float32))
    against = Candidate(one.passage, opposite, 0.2, 0.0)
    assert seen(asked, against).nearest == pytest.approx([(0 - 0.2) / 0.5], abs=1e-6)


def test_phrases_are_neighbouring_terms_within_a_sentence() -> None:
    asked = question("king of spain", {"king": 1.0, "spain": 1.0})
    texts = ("The king of Spain.", "Of Spain the king.", "It was of a king. Of Spain.", "Rain.")
    found = seen(asked, *(candidate(text, [0.2] * len(sentences(text))) for text in texts))
    assert found.phrases == pytest.approx([1, 1 / 2, 1 / 2, 0])
    across = seen(asked, candidate("The king. Of spain.", [0.2, 0.2]))
    assert across.phrases == pytest.approx([1 / 2])  # "king of" lies across the full stop


def test_the_kind_of_answer_is_looked_for_in_each_sentence() -> None:
    text = "Ana was there. She came in 1931."
    for sought, expected in ((AnswerType.DATE, [0, 1]), (None, [0.5, 0.5])):
        asked = question("when", {"when": 1.0}, sought)
        assert seen(asked, candidate(text, [0.2, 0.2])).sentences[0].answer_type == pytest.approx(
            expected
        )


def test_passages_and_questions_without_words_are_judged_too() -> None:
    asked = question("king", {"king": 1.0})
    silent = candidate("…!", [0.2])
    assert seen(asked, silent).support == pytest.approx([0])
    nothing = AnalyzedQuestion("", asked.vector, SCALE, "", (), {}, np.empty((0, 2), np.float32),
                           True, frozenset(), frozenset(), False, None)  # fmt: skip
    found = seen(nothing, candidate("The king.", [0.7]), silent)
    assert found.support == pytest.approx([0, 0])
    assert found.phrases == pytest.approx([0, 0])


def test_a_part_of_the_evidence_is_that_of_its_candidates() -> None:
    asked = question("king", {"king": 1.0})
    found = seen(asked, candidate("The king.", [0.7]), candidate("Rain.", [0.2]))
    part = found.only(np.array([1]))
    assert part.support == pytest.approx([0])
    assert [one.spans for one in part.sentences] == [((0, 5),)]


def test_of_a_language_the_model_does_not_know_only_the_words_count() -> None:
    asked = replace(question("king sea", {"king": 3.0, "sea": 1.0}), known=False)
    found = seen(
        asked, candidate("The king. A sea.", [0.7, 0.2], best=0.7), candidate("Rain.", [0.9])
    )
    assert found.closeness == pytest.approx([1 / TYPICAL, 0])
    assert found.nearest == pytest.approx(found.closeness)
    assert found.sentences[0].closeness == pytest.approx([0.75 / TYPICAL, 0.25 / TYPICAL])
