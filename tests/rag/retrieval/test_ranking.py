"""Ranking: two searches bring candidates, and their evidence orders them."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests_support import write_files

from rag import Library
from rag.query.query import AnalyzedQuestion, understand
from rag.retrieval import candidates, ranking
from rag.retrieval.calibration import probabilities
from rag.retrieval.features import Evidence, evidence
from rag.retrieval.fitted_weights import fitted_with_cross_encoder, weights_of
from rag.retrieval.ranking import FEATURES, READ, READ_TOGETHER, ranking_features
from rag.retrieval.relevance_feedback import raised, resemblance


@pytest.fixture
def many(library: Library, tmp_path: Path) -> Library:
    """Return a library of 60 passages, 50 of them about the harvest."""
    texts = [f"The harvest of year {i} was good{' and early' * (i % 3)}." for i in range(50)]
    texts += [f"Ship {i} left the harbour of Basra." for i in range(10)]
    write_files(tmp_path / "docs", {"a.txt": "\n\n".join(texts)})
    library.add(tmp_path / "docs")
    return library


def asked(library: Library, text: str) -> AnalyzedQuestion:
    return understand(text, library.embedder, library.store)


def test_the_first_order_sums_closeness_and_bm25_level(many: Library) -> None:
    question = asked(many, "Which ship left Basra?")
    found = candidates.find(many.store, question, 5)
    dense = many.store.search_dense(question.vector, 100)
    lexical = {m.passage_id: m.score for m in many.store.search_lexical(question.words, 100)}
    most = 2.2 * sum(question.weights.values())
    score = {
        m.passage_id: float(question.closeness(m.score)) + 1.2 * lexical.get(m.passage_id, 0) / most
        for m in dense
    }
    assert list(found.order) == sorted(score, key=lambda i: (-score[i], i))
    assert found.best_closeness == pytest.approx(float(question.closeness(dense[0].score)))
    assert found.lexical[found.order[0]].score == pytest.approx(lexical[found.order[0]])


def test_the_order_is_the_weighted_sum_of_the_evidence(many: Library) -> None:
    question = asked(many, "Which harvest was early?")
    found = candidates.find(many.store, question, READ)
    fetched = candidates.read(many.store, found, READ)
    seen = evidence(question, fetched, many.embedder)
    bm25 = np.array([c.bm25 for c in fetched])
    features = ranking_features(question, found, bm25, seen)
    columns = dict(zip(FEATURES, features.T, strict=True))
    assert columns["lexical"] == pytest.approx(bm25 / bm25.max())
    assert columns["phrases_by_closeness"] == pytest.approx(seen.phrases * found.best_closeness)
    assert columns["lexical_by_closeness"] == pytest.approx(
        columns["lexical"] * found.best_closeness
    )
    assert columns["nearest_if_typed"] == pytest.approx(0)
    typed = dict(zip(FEATURES, ranking_features(
        replace(question, typed=True), found, bm25, seen).T, strict=True))  # fmt: skip
    assert typed["nearest_if_typed"] == pytest.approx(seen.nearest)
    expected = sum(weight * columns[name] for name, weight in weights_of("hashing").ranking.items())
    hits = many.search("Which harvest was early?", k=3)
    best_three = [fetched[i].passage.id for i in np.argsort(-expected, kind="stable")[:3]]
    assert [hit.passage.id for hit in hits] == best_three
    assert [hit.score for hit in hits] == pytest.approx(sorted(expected)[:-4:-1])


def test_the_ranking_does_not_depend_on_how_much_of_it_is_asked_for(many: Library) -> None:
    everything = many.search("Which harvest was early?", k=60)
    assert len(everything) == 60
    assert all(a.score >= b.score for a, b in pairwise(everything))
    for k in (1, 5, READ, READ + 3):
        shorter = many.search("Which harvest was early?", k=k)
        assert [(h.passage.id, h.confidence) for h in shorter] == [
            (h.passage.id, pytest.approx(h.confidence)) for h in everything[:k]
        ]


class _Reader:
    """A cross-encoder that likes what mentions 1957, and writes down what it reads."""

    def __init__(self) -> None:
        self.read: list[tuple[str, list[str]]] = []

    def logits(self, question: str, excerpts: Sequence[str]) -> np.ndarray:
        self.read.append((question, list(excerpts)))
        return np.array([3.0 if "year 7" in text else -float(i) for i, text in enumerate(excerpts)])


def test_the_first_are_read_together_with_the_question_and_ordered_anew(
    many: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    question = "Which harvest was good and early?"
    monkeypatch.setattr(ranking, "raised", lambda scores, *_: scores)
    before = many.search(question, k=60)
    reader = _Reader()
    monkeypatch.setattr(type(many.embedder), "cross_encoder", reader, raising=False)
    after = many.search(question, k=60)
    [(asked_for, texts)] = reader.read
    assert asked_for == question
    first = before[:READ_TOGETHER]
    assert texts == [hit.passage.text for hit in first]  # each is a sentence, without a heading
    found = fitted_with_cross_encoder("hashing")
    logits = [3.0 if "year 7" in text else -float(i) for i, text in enumerate(texts)]
    worst = min(logits)
    expected = {
        hit.passage.id: hit.score + found.order * (logits[i] if i < READ_TOGETHER else worst)
        for i, hit in enumerate(before)
    }
    assert {hit.passage.id: pytest.approx(hit.score) for hit in after} == expected
    assert [hit.score for hit in after] == sorted((hit.score for hit in after), reverse=True)
    assert [h.passage.id for h in after[READ_TOGETHER:]] == [
        h.passage.id for h in before[READ_TOGETHER:]
    ]
    assert {h.passage.id for h in after[:READ_TOGETHER]} == {h.passage.id for h in first}


def test_after_the_first_come_those_that_are_like_them(
    many: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    question = "Which ship left?"
    told: list[Any] = []

    def noted(scores: Any, terms: Any, firsts: Any, weight: float) -> Any:
        told.extend([scores, terms, firsts, weight])
        return raised(scores, terms, firsts, weight)

    monkeypatch.setattr(ranking, "raised", noted)
    after = many.search(question, k=60)
    scores, terms, firsts, weight = told
    order = np.argsort(-scores, kind="stable")
    assert firsts == order[:3].tolist()
    assert weight == weights_of("hashing").likeness > 0
    assert len(terms) == READ < len(scores)
    gained = scores[:READ] + weight * resemblance(scores[:READ], terms, firsts)
    monkeypatch.setattr(ranking, "raised", lambda scores, *_: scores)
    before = many.search(question, k=60)
    assert [h.passage.id for h in after[:3]] == [h.passage.id for h in before[:3]]
    number = {i: hit.passage.id for i, hit in zip(order, before, strict=True)}
    rest = sorted(sorted(order[3:READ]), key=lambda i: -gained[i])
    assert [h.passage.id for h in after[3:READ]] == [number[i] for i in rest]
    assert [h.passage.id for h in after[3:READ]] != [h.passage.id for h in before[3:READ]]
    assert [h.passage.id for h in after[READ:]] == [h.passage.id for h in before[READ:]]
    told_of = {hit.passage.id: hit.confidence for hit in before}
    assert {h.passage.id: h.confidence for h in after} == told_of  # each has its own evidence


def test_what_a_search_leaves_out_does_not_tell_what_follows(
    many: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[Any] = []

    def noted(scores: Any, terms: Any, firsts: Any, weight: float) -> Any:
        told.extend(firsts)
        return scores

    monkeypatch.setattr(ranking, "raised", noted)
    shown = many.ask("Which harvest was good and early? -early", k=3).passages
    assert len(told) == 3
    everything = many.search("Which harvest was good and early?", k=3)
    assert all("early" in hit.passage.text for hit in everything)
    assert all("early" not in passage.text for passage in shown)
    told.clear()
    assert not many.ask("harvest -harvest -ship", k=3).passages
    assert told == []


def test_what_a_search_leaves_out_is_not_read_in_place_of_what_it_shows(
    many: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader = _Reader()
    monkeypatch.setattr(type(many.embedder), "cross_encoder", reader, raising=False)
    answer = many.ask("Which harvest was good and early? -early", k=3)
    [(_, texts)] = reader.read
    assert len(texts) == READ_TOGETHER
    assert not any("early" in text for text in texts)
    assert {passage.text for passage in answer.passages} <= set(texts)
    reader.read.clear()
    assert not many.ask("harvest -harvest -ship", k=3).passages
    assert reader.read == []


def test_no_passage_that_is_left_out_lowers_the_probability_of_one_that_is_shown(
    many: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = []

    def noted(model: str, seen: Evidence, passages: int, behind: Any, cross: Any) -> Any:
        told.append(behind)
        return probabilities(model, seen, passages, behind, cross)

    question = "Which harvest was good and early?"
    best = many.search(question, k=1)[0].passage.text
    monkeypatch.setattr(ranking, "probabilities", noted)
    [alone] = many.ask(f'{question} -"{best}"', k=1).passages
    [behind] = told
    assert alone.text != best
    assert behind.min() == 0
    assert sum(behind == 0) >= 2  # the one that is left out, and the best that is shown


def test_an_excerpt_stands_under_its_nearest_heading(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_files(tmp_path / "docs", {"a.md": "# Farms\n\n## Wheat\n\nThe harvest was early."})
    library.add(tmp_path / "docs")
    reader = _Reader()
    monkeypatch.setattr(type(library.embedder), "cross_encoder", reader, raising=False)
    library.search("Was the harvest early?", k=1)
    assert reader.read == [("Was the harvest early?", ["Wheat. The harvest was early."])]


def test_a_question_in_another_language_is_not_read_by_what_learnt_english(
    many: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader = _Reader()
    monkeypatch.setattr(type(many.embedder), "cross_encoder", reader, raising=False)
    many.search("Quel navire a quitté le port de Bassora pendant la récolte ?", k=2)
    assert reader.read == []
    many.search("harvest", k=2)  # too short to tell its language
    assert len(reader.read) == 1


def test_a_question_none_of_whose_words_occur_is_ranked_by_meaning_alone(many: Library) -> None:
    hits = many.search("xyzzy", k=2)
    assert len(hits) == 2
    assert [hit.lexical for hit in hits] == [None, None]


def test_a_document_replaced_during_the_search_does_not_leave_a_gap(
    many: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A passage that is gone when it is fetched makes the search start again."""
    real, calls = candidates.read, []

    def losing_one(*args: object) -> list[candidates.Candidate]:
        calls.append(1)
        return real(*args)[1:] if len(calls) == 1 else real(*args)

    expected = [hit.passage.id for hit in many.search("early harvest", k=3)]
    monkeypatch.setattr(ranking.candidates, "read", losing_one)
    assert [hit.passage.id for hit in many.search("early harvest", k=3)] == expected
    assert len(calls) == 2
