"""Ranking: two searches bring candidates, and their evidence orders them."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests_support import Newest, write_files

from rag import Library
from rag.models.reranker import Reranker, RerankerOutput
from rag.query.query import AnalyzedQuestion, analyse
from rag.retrieval import calibration, candidates, ranking, relevance_feedback
from rag.retrieval.calibration import probabilities
from rag.retrieval.candidates import Candidate, Candidates
from rag.retrieval.features import features_of
from rag.retrieval.fitted_weights import weights_of
from rag.retrieval.pipeline import Models
from rag.retrieval.ranking import EXCERPTS, FEATURES, READ, RERANKED, ranking_features
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
    with library.store.view() as view:
        return analyse(text, library.embedder, view)


def candidates_of(
    library: Library, question: AnalyzedQuestion, limit: int
) -> tuple[Candidates, list[Candidate]]:
    with library.store.view() as view:
        found = candidates.search(view, question, limit)
        return found, candidates.read(view, found, found.order[:limit])


def read_by(monkeypatch: pytest.MonkeyPatch, library: Library, reranker: Reranker) -> None:
    """Let a reranker read what a library's questions find."""
    models = Models.of(library.embedder, reranker)
    monkeypatch.setattr(library._models, "load", lambda source: models)


def test_the_first_order_sums_closeness_and_bm25_level(many: Library) -> None:
    question = asked(many, "Which ship left Basra?")
    found, _ = candidates_of(many, question, 5)
    now = Newest(many.store)
    dense = now.search_dense(question.vector, 100)
    lexical = {m.passage_id: m.score for m in now.search_lexical(question.words, 100)}
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
    found, fetched = candidates_of(many, question, READ)
    seen = features_of(question, fetched, many.embedder, weights_of("hashing").typical_support)
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
    """A reranker that prefers year 7, and keeps what it reads."""

    languages = frozenset({"", "en"})

    def __init__(self) -> None:
        self.calls: list[tuple[str, list[str]]] = []

    def read(self, question: str, excerpts: Sequence[str]) -> RerankerOutput:
        self.calls.append((question, list(excerpts)))
        logits = [3.0 if "year 7" in text else -float(i) for i, text in enumerate(excerpts)]
        spans = [(0, 3) if text.startswith("The") else None for text in excerpts]
        return RerankerOutput(np.array(logits), np.array(logits) / 2, np.array(logits) - 1, spans)


@pytest.fixture
def reads(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[[dict[str, str]], _Reader]:
    """Return a function that adds files and has a reader read what the library's questions find."""

    def read(files: dict[str, str]) -> _Reader:
        library.add(write_files(tmp_path / "docs", files))
        reader = _Reader()
        read_by(monkeypatch, library, reader)
        return reader

    return read


def test_the_first_are_read_together_with_the_question_and_ordered_anew(
    many: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    question = "Which harvest was good and early?"
    monkeypatch.setattr(relevance_feedback, "raised", lambda scores, *_: scores)
    before = many.search(question, k=60)
    reader = _Reader()
    read_by(monkeypatch, many, reader)
    after = many.search(question, k=60)
    [(asked_for, texts)] = reader.calls
    assert asked_for == question
    first = before[:RERANKED]
    assert texts == [hit.passage.text for hit in first]  # each is a sentence, without a heading
    found = weights_of("hashing").for_reranker()
    logits = [3.0 if "year 7" in text else -float(i) for i, text in enumerate(texts)]
    worst = min(logits)
    expected = {
        hit.passage.id: hit.score + found.order * (logits[i] if i < RERANKED else worst)
        for i, hit in enumerate(before)
    }
    assert {hit.passage.id: pytest.approx(hit.score) for hit in after} == expected
    assert [hit.score for hit in after] == sorted((hit.score for hit in after), reverse=True)
    assert [h.passage.id for h in after[RERANKED:]] == [h.passage.id for h in before[RERANKED:]]
    assert {h.passage.id for h in after[:RERANKED]} == {h.passage.id for h in first}


def test_after_the_first_come_those_that_are_like_them(
    many: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    question = "Which ship left?"
    told: list[Any] = []

    def noted(scores: Any, terms: Any, firsts: Any, weight: float) -> Any:
        told.extend([scores, terms, firsts, weight])
        return raised(scores, terms, firsts, weight)

    monkeypatch.setattr(relevance_feedback, "raised", noted)
    after = many.search(question, k=60)
    scores, terms, firsts, weight = told
    order = np.argsort(-scores, kind="stable")
    assert firsts == order[:3].tolist()
    assert weight == weights_of("hashing").likeness > 0
    assert len(terms) == READ < len(scores)
    gained = scores[:READ] + weight * resemblance(scores[:READ], terms, firsts)
    monkeypatch.setattr(relevance_feedback, "raised", lambda scores, *_: scores)
    before = many.search(question, k=60)
    assert [h.passage.id for h in after[:3]] == [h.passage.id for h in before[:3]]
    number = {i: hit.passage.id for i, hit in zip(order, before, strict=True)}
    rest = sorted(sorted(order[3:READ]), key=lambda i: -gained[i])
    assert [h.passage.id for h in after[3:READ]] == [number[i] for i in rest]
    assert [h.passage.id for h in after[3:READ]] != [h.passage.id for h in before[3:READ]]
    assert [h.passage.id for h in after[READ:]] == [h.passage.id for h in before[READ:]]
    assert all(one.confidence >= two.confidence for one, two in pairwise(after))
    assert [h.confidence for h in after[:3]] == [h.confidence for h in before[:3]]


def test_what_a_search_leaves_out_does_not_tell_what_follows(
    many: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[Any] = []

    def noted(scores: Any, terms: Any, firsts: Any, weight: float) -> Any:
        told.extend(firsts)
        return scores

    monkeypatch.setattr(relevance_feedback, "raised", noted)
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
    read_by(monkeypatch, many, reader)
    answer = many.ask("Which harvest was good and early? -early", k=3)
    [(_, texts)] = reader.calls
    assert len(texts) == RERANKED
    assert not any("early" in text for text in texts)
    assert {passage.text for passage in answer.passages} <= set(texts)
    reader.calls.clear()
    assert not many.ask("harvest -harvest -ship", k=3).passages
    assert reader.calls == []


def test_no_passage_that_is_left_out_lowers_the_probability_of_one_that_is_shown(
    many: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = []

    def noted(features: Any, weights: Any, passages: int, behind: Any, *others: Any) -> Any:
        told.append(behind)
        return probabilities(features, weights, passages, behind, *others)

    question = "Which harvest was good and early?"
    best = many.search(question, k=1)[0].passage.text
    monkeypatch.setattr(calibration, "probabilities", noted)
    [alone] = many.ask(f'{question} -"{best}"', k=1).passages
    [behind] = told
    assert alone.text != best
    assert behind.min() == 0
    assert sum(behind == 0) >= 2  # the one that is left out, and the best that is shown


def test_an_excerpt_stands_under_its_nearest_heading(
    library: Library, reads: Callable[[dict[str, str]], _Reader]
) -> None:
    reader = reads({"a.md": "# Farms\n\n## Wheat\n\nThe harvest was early."})
    library.search("Was the harvest early?", k=1)
    assert reader.calls == [("Was the harvest early?", ["Wheat. The harvest was early."])]


def test_an_excerpt_stands_under_what_of_its_context_the_question_names(
    library: Library, reads: Callable[[dict[str, str]], _Reader]
) -> None:
    text = "# Farms\n\n## Fields of the north\n\n### Wheat\n\nThe harvest was early."
    reader = reads({"Basra_2021-report.md": text})
    library.search("Was it early in the northern field?", k=1)
    assert reader.calls[0][1] == ["Fields of the north. Wheat. The harvest was early."]
    library.search("Was the harvest early in Basra?", k=1)
    assert reader.calls[1][1] == ["Basra 2021 report. Wheat. The harvest was early."]


def test_a_question_in_another_language_is_not_read_by_what_learnt_english(
    many: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader = _Reader()
    read_by(monkeypatch, many, reader)
    many.search("Quel navire a quitté le port de Bassora pendant la récolte ?", k=2)
    assert reader.calls == []
    many.search("harvest", k=2)  # too short to tell its language
    assert len(reader.calls) == 1


def test_passages_in_another_language_than_the_question_are_not_read(
    library: Library, reads: Callable[[dict[str, str]], _Reader]
) -> None:
    text = "Der Hafen von Basra wurde 1931 von Ingenieuren gebaut. Er ist tief und sehr breit."
    reader = reads({"a.txt": text})
    reader.languages = frozenset({"", "en", "de"})
    library.search("When was the harbour of Basra built by the engineers?", k=1)
    assert reader.calls == []
    library.search("Wann wurde der Hafen von den Ingenieuren gebaut?", k=1)
    assert len(reader.calls) == 1


def test_a_question_none_of_whose_words_occur_is_ranked_by_meaning_alone(many: Library) -> None:
    hits = many.search("xyzzy", k=2)
    assert len(hits) == 2
    assert [hit.lexical for hit in hits] == [None, None]


def test_an_answer_is_of_one_commit(
    many: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What changes while a question is answered is in the next answer, not in half of this one."""
    read, expected = candidates.read, many.ask("early harvest", k=3)

    def changed_before(*arguments: Any) -> list[Candidate]:
        monkeypatch.undo()
        write_files(tmp_path / "docs", {"a.txt": "The early harvest was the best.\n\nRain fell."})
        many.add(tmp_path / "docs")
        return read(*arguments)

    monkeypatch.setattr(candidates, "read", changed_before)
    assert many.ask("early harvest", k=3) == expected
    after = many.ask("early harvest", k=3)
    assert after.passages[0].text == "The early harvest was the best."
    assert after.searched.passages == 2


def test_long_passages_are_read_in_several_excerpts_after_one_of_each(
    library: Library, reads: Callable[[dict[str, str]], _Reader]
) -> None:
    """The excerpt with year 7 stands far from the sentence that matches the question's words."""
    filler = " ".join(f"Sentence {i} speaks of the weather and of nothing else." for i in range(9))
    long = f"The harvest was early. {filler} A feast of year 7 followed."
    reader = reads({"a.txt": f"{long}\n\nThe harvest of others was late."})
    [first, _] = library.search("Was the harvest early?", k=2)
    [(_, texts)] = reader.calls
    assert texts[0].startswith("The harvest was early.")
    assert texts[1] == "The harvest of others was late."
    assert [text for text in texts[2:] if text.endswith("A feast of year 7 followed.")]
    for i in range(9):  # every sentence is read
        assert any(f"Sentence {i} " in text for text in texts)
    assert first.passage.text == long  # by its best excerpt
    assert 3 <= len(texts) <= EXCERPTS


def test_while_another_question_is_read_one_excerpt_of_each_passage_is(
    library: Library, reads: Callable[[dict[str, str]], _Reader]
) -> None:
    filler = " ".join(f"Sentence {i} speaks of the weather and of nothing else." for i in range(20))
    texts = [f"The harvest was early. {filler}", "The harvest of others was late."]
    reader = reads({"a.txt": "\n\n".join(texts)})

    def excerpts_read() -> int:
        library.search("Was the harvest early?", k=2)
        return len(reader.calls[-1][1])

    alone = excerpts_read()
    with ranking._reading_more:
        beside_another = excerpts_read()
    assert (beside_another, excerpts_read()) == (2, alone)
    assert alone > 2
