"""What a question brings back: over the seeds with the real model, and in hand-made cases."""

import json
from dataclasses import fields
from pathlib import Path

import pytest
from tests_support import BASRA, QOM, SEEDS, write_files

from rag import Answer, Library


def sentence_of(answer: Answer) -> str:
    passage = answer.passages[0]
    [highlight] = [h for h in passage.highlights if h.kind == "answer"]
    return passage.text[highlight.start : highlight.end]


def labelled() -> list[dict]:
    lines = (SEEDS / "questions.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


@pytest.mark.parametrize("row", labelled(), ids=lambda row: row["id"])
def test_the_labelled_questions_about_the_seeds(seeds_library: Library, row: dict) -> None:
    answer = seeds_library.ask(row["question"])
    # s08 asks for what "the Basra document" says: the one answerable question that is declined.
    assert answer.answered == (bool(row["answers"]) and row["id"] != "s08")
    for gold in row["answers"]:
        text = (SEEDS / gold["document"]).read_text(encoding="utf-8")
        assert text[gold["start"] : gold["end"]] == gold["text"]
        # s11 is about aid and Israel; four other paragraphs are about aid alone.
        most = 5 if row["id"] == "s11" else 3
        assert (gold["document"], gold["paragraph"]) in places(answer)[:most]


def test_the_right_paragraph_is_first_for_nearly_all(seeds_library: Library) -> None:
    wrong = [
        row["id"]
        for row in labelled()
        for gold in row["answers"]
        if places(seeds_library.ask(row["question"]))[0] != (gold["document"], gold["paragraph"])
    ]
    assert wrong == ["s11"]  # paragraph 4 of the same document is about aid as well


def places(answer: Answer) -> list[tuple[str, int]]:
    return [(p.citation.document, p.citation.paragraph) for p in answer.passages]


def test_the_scholarship_question_quotes_paragraph_four(seeds_library: Library) -> None:
    answer = seeds_library.ask(
        "Which subjects can students from Gaza study on scholarships in Basra?"
    )
    first = answer.passages[0]
    assert (first.citation.document, first.citation.paragraph) == (BASRA, 4)
    assert "engineering, medicine, and the humanities" in sentence_of(answer)
    terms = {first.text[h.start : h.end] for h in first.highlights if h.kind == "term"}
    assert terms == {"students", "Gaza", "Basra", "scholarships"}


def test_every_quote_over_the_seeds_is_its_source(seeds_library: Library) -> None:
    files = {name: (SEEDS / name).read_text(encoding="utf-8") for name in (BASRA, QOM)}
    answer = seeds_library.ask("What is said about Israel?", k=19)
    assert {(p.citation.document, p.citation.paragraph) for p in answer.passages} == {
        *((BASRA, n) for n in range(1, 10)),
        *((QOM, n) for n in range(1, 11)),
    }
    for passage in answer.passages:
        citation = passage.citation
        assert files[citation.document][citation.start : citation.end] == passage.text
    assert seeds_library.verify().problems == ()


def test_an_unrelated_question_is_declined_with_the_nearest_misses(seeds_library: Library) -> None:
    answer = seeds_library.ask("How do I reset my router password?")
    assert not answer.answered
    assert answer.confidence < 0.05
    assert len(answer.passages) == 5
    assert all(passage.score < 0.05 for passage in answer.passages)


def test_the_answer_as_json_has_the_documented_shape(seeds_library: Library) -> None:
    answer = json.loads(json.dumps(seeds_library.ask("Who is in Qom?", k=1).to_dict()))
    assert list(answer) == [
        "question",
        "answered",
        "confidence",
        "passages",
        "searched",
        "carried",
        "unknown_language",
        "truncated_at",
        "state",
        "missing",
        "threshold",
        "suggestion",
    ]
    [passage] = answer["passages"]
    assert list(passage) == [
        *("text", "score", "citation", "headings", "highlights", "why", "columns", "fields"),
    ]
    assert list(passage["citation"]) == [
        *("id", "number", "document_id", "document", "title", "page", "paragraph", "start", "end"),
        *("sha256", "place", "also"),
    ]
    assert list(passage["why"]) == ["dense_rank", "dense_score", "lexical_rank", "lexical_score"]
    assert set(passage["highlights"][0]) == {"start", "end", "kind"}
    assert answer["searched"] == {"documents": 2, "passages": 19, "unreadable": 0}
    assert passage["citation"]["page"] is None


def test_the_same_question_gets_the_same_answer(seeds_library: Library) -> None:
    asked = [seeds_library.ask("What aid does Qom send?") for _ in range(2)]
    for field in fields(Answer):
        assert getattr(asked[0], field.name) == getattr(asked[1], field.name)


@pytest.mark.slow
def test_confidence_does_not_depend_on_how_many_passages_are_shown(seeds_library: Library) -> None:
    for row in labelled():
        few, many = (seeds_library.ask(row["question"], k=k) for k in (1, 10))
        assert few.confidence == many.confidence == many.passages[0].score
        assert few.passages[0] == many.passages[0]


def test_an_empty_library_answers_nothing(library: Library) -> None:
    answer = library.ask("Anything?")
    assert (answer.answered, answer.passages, answer.searched.documents) == (False, (), 0)
    assert library.search("Anything?") == []


def test_headings_find_a_passage_and_are_not_part_of_the_quote(
    library: Library, tmp_path: Path
) -> None:
    write_files(
        tmp_path / "docs",
        {"a.md": "# Refunds\n\nThey take two weeks.\n\n# Delivery\n\nIt is free of charge."},
    )
    library.add(tmp_path / "docs")
    answer = library.ask("refunds")
    assert answer.passages[0].text == "They take two weeks."
    assert answer.passages[0].headings == ("Refunds",)
    assert answer.passages[0].citation.title == "Refunds"
    assert "# Refunds" not in [passage.text for passage in answer.passages]


def test_hostile_text_is_quoted_exactly(library: Library, tmp_path: Path) -> None:
    text = (
        "A \u202eright-to-left\u202c mark, a NUL \0, an e\u0301, 😀, <b>tags</b> and\r\nCRLF basra."
    )
    write_files(tmp_path / "docs", {"a.txt": text, "b.txt": "Other."})
    library.add(tmp_path / "docs")
    passage = library.ask("basra").passages[0]
    assert passage.text == text
    for highlight in passage.highlights:
        assert 0 <= highlight.start < highlight.end <= len(text)
    assert library.verify().problems == ()


@pytest.mark.slow
def test_documents_in_a_language_the_model_does_not_know_are_searched_by_their_words(
    tmp_path: Path,
) -> None:
    texts = [f"هذه الفقرة رقم {i} عن الزراعة والمياه في الريف." for i in range(12)]
    texts[7] = "تقدم جامعة المصطفى في قم منحا دراسية للطلاب الفلسطينيين."
    write_files(tmp_path / "docs", {"a.txt": "\n\n".join(texts)})
    with Library.in_memory() as library:
        library.add(tmp_path / "docs")
        answer = library.ask("من يقدم جامعة المصطفى منحا دراسية؟")
        assert answer.answered
        assert answer.passages[0].text == texts[7]
        assert not library.ask("كيف أعيد ضبط كلمة المرور؟").answered
