"""Conversations: reopened with the answers that were given, as long as these still hold."""

from dataclasses import replace
from pathlib import Path

import pytest
from tests_support import write_files

from rag import Answer, CaseworkError, Library, NotFoundError, follow
from rag.casework import conversations as module
from rag.query.syntax import parse

TEXTS = {
    "fruit.txt": "Apples are red.\n\nPears are green.\n",
    "sea.txt": "Herrings swim in the sea.\n",
}


@pytest.fixture
def docs(library: Library, tmp_path: Path) -> Path:
    folder = write_files(tmp_path / "docs", TEXTS)
    library.add(folder)
    return folder


def without_paths(answer: Answer) -> Answer:
    """Return an answer as it is stored: documents are named by their ids only."""
    return replace(
        answer,
        passages=tuple(
            replace(one, citation=replace(one.citation, path=one.citation.document_id))
            for one in answer.passages
        ),
    )


@pytest.mark.usefixtures("docs")
def test_an_answer_comes_back_as_it_was_given(library: Library) -> None:
    first = library.ask('"Pears are green" type:txt', k=2)
    followed = follow(library, "And apples?", parse("Which pears are green?"))
    conversations = library.casework.conversations
    id, _ = conversations.add(None, first)
    same, turn = conversations.add(id, followed.answer, followed.other, carry=("green",))
    assert same == id
    stored = conversations.read(id)
    assert (stored.title, len(stored.turns)) == (first.question, 2)
    [one, two] = stored.turns
    assert (one.answer, one.other, one.carry) == (without_paths(first), None, None)
    assert (one.answer.search, one.answer.holding) == (first.search, first.holding)
    assert one.answer.to_dict() == first.to_dict()
    assert (two.id, two.carry) == (turn, ("green",))
    assert two.answer == without_paths(followed.answer)
    assert two.other == without_paths(followed.other)
    assert conversations.turn(turn) == two


@pytest.mark.usefixtures("docs")
def test_an_answer_takes_the_place_of_another(library: Library) -> None:
    conversations = library.casework.conversations
    id, first = conversations.add(None, library.ask("apples"))
    conversations.add(id, library.ask("pears"))
    assert conversations.add(id, library.ask("apples -red"), instead=first) == (id, first)
    assert [turn.question for turn in conversations.read(id).turns] == ["apples -red", "pears"]


@pytest.mark.usefixtures("docs")
def test_conversations_are_listed_searched_renamed_deleted_and_restored(library: Library) -> None:
    conversations = library.casework.conversations
    ids = [conversations.add(None, library.ask(q))[0] for q in ("Apples?", "Herrings?")]
    conversations.add(ids[0], library.ask("Где ЯБЛОКИ?"))
    assert [one.id for one in conversations.summaries()] == ids
    assert [one.title for one in conversations.summaries("яблоки")] == ["Apples?"]
    conversations.rename(ids[1], " The  sea ")
    assert [one.title for one in conversations.summaries("the sea")] == ["The sea"]
    conversations.delete(ids[1])
    assert [one.id for one in conversations.summaries()] == [ids[0]]
    with pytest.raises(NotFoundError, match="No conversation"):
        conversations.read(ids[1])
    assert [one.name for one in library.casework.bin()] == ["The sea"]
    conversations.restore(ids[1])
    assert len(conversations.read(ids[1]).turns) == 1
    assert conversations.forget_all() == 2
    assert conversations.summaries() == []


@pytest.mark.usefixtures("docs")
def test_conversations_are_bounded(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_CONVERSATIONS", 2)
    monkeypatch.setattr(module, "MOST_TURNS", 1)
    conversations, answer = library.casework.conversations, library.ask("apples")
    ids = [conversations.add(None, answer)[0] for _ in range(3)]
    assert {one.id for one in conversations.summaries()} == set(ids[1:])
    with pytest.raises(CaseworkError, match="Begin a new one"):
        conversations.add(ids[2], answer)


def test_answers_of_changed_or_removed_documents_are_forgotten(
    library: Library, docs: Path
) -> None:
    conversations = library.casework.conversations
    id, _ = conversations.add(None, library.ask('"Pears are green"'))
    conversations.add(id, library.ask('"Herrings swim"'))
    write_files(docs, {"fruit.txt": "Pears are yellow.\n"})
    library.add(docs)
    [pears, herrings] = conversations.read(id).turns
    assert (pears.question, pears.answer) == ('"Pears are green"', None)
    assert herrings.answer is not None
    library.remove(docs / "sea.txt")
    assert conversations.read(id).turns[1].answer is None
    left = [path for path in Path(library.folder).rglob("*") if path.is_file()]
    assert [path.name for path in left if b"Herrings swim in" in path.read_bytes()] == []


@pytest.mark.usefixtures("docs")
def test_an_answer_of_an_unknown_form_is_asked_again(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    conversations = library.casework.conversations
    monkeypatch.setattr(module, "answer_values", lambda answer: {"passages": "of another version"})
    id, _ = conversations.add(None, library.ask("apples"))
    [turn] = conversations.read(id).turns
    assert (turn.question, turn.answer) == ("apples", None)
