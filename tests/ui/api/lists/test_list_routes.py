"""Lists by REST: the very values of the library, in parts and as CSV."""

import csv
import io
import json
from collections.abc import Iterator
from typing import Any

import pytest
from api_support import application
from starlette.testclient import TestClient

from rag import Library


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[TestClient, Library]]:
    with application(tmp_path_factory.mktemp("lists"), with_gradio=False) as (client, state):
        yield client, state.library


def plain(values: dict[str, Any]) -> Any:
    return json.loads(json.dumps(values))


def rows(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))


def test_mentions_come_in_parts_and_as_a_file(served: tuple[TestClient, Library]) -> None:
    client, library = served
    first = client.post("/api/mentions", json={"text": "grow", "limit": 1}).json()
    assert first == plain(library.mentions("grow", limit=1).to_dict())
    assert (first["count"], first["complete"]) == (1, False)
    rest = client.post(
        "/api/mentions", json={"text": "grow", "limit": 9, "cursor": first["next"]}
    ).json()
    assert (rest["count"], rest["documents"], rest["complete"], rest["next"]) == (2, 1, True, None)
    assert [one["citation"]["number"] for one in rest["mentions"]] == [2]
    exact = client.post("/api/mentions", json={"text": "grow", "limit": 1, "count": True}).json()
    assert (exact["count"], exact["complete"]) == (2, True)
    file = client.post("/api/mentions/csv", json={"text": "grow", "order": "date"})
    assert file.headers["content-disposition"] == 'attachment; filename="mentions.csv"'
    assert [row["quote"] for row in rows(file.content)] == [
        "Walnuts grow on trees.",
        "Peanuts grow in the ground.",
    ]


def test_what_comes_after_an_answer_goes_on_to_the_end(served: tuple[TestClient, Library]) -> None:
    client, library = served
    question = {"question": "What grows on trees?", "k": 2}
    answer = client.post("/api/ask", json=question).json()
    part = client.post("/api/ask/more", json={**question, "size": 3}).json()
    assert part == plain(library.more(question["question"], k=2, size=3).to_dict())
    rest = client.post("/api/ask/more", json={**question, "size": 3, "cursor": part["next"]}).json()
    parts = [answer, part, rest]
    ids = [one["citation"]["id"] for each in parts for one in each["passages"]]
    assert len(set(ids)) == len(ids) == 6
    assert (rest["read"], rest["complete"], rest["next"]) == (6, True, None)
    every = client.post("/api/ask/all", json={"question": '"grow"'}).json()
    assert every == plain(library.ask_all('"grow"').to_dict())
    file = client.post("/api/ask/all/csv", json={"question": '"grow"'})
    assert [row["number"] for row in rows(file.content)] == ["1", "2"]


def test_a_batch_is_a_table(served: tuple[TestClient, Library]) -> None:
    client, _ = served
    questions = ['"Pears are green"', "after:never", '"Walnats grow"']
    file = client.post("/api/ask/batch/csv", json={"questions": questions})
    table = rows(file.content)
    assert [row["question"] for row in table] == questions
    assert [row["state"] for row in table] == ["answered", "refused", "not_found"]
    assert table[0]["document"] == "fruit/apples.txt"
    assert table[2]["did you mean"] == '"Walnuts grow"'


def test_a_list_that_cannot_go_on_says_so(served: tuple[TestClient, Library]) -> None:
    client, _ = served
    for path, body, status, said in (
        ("/api/mentions", {"text": "grow", "cursor": "W10"}, 400, "Invalid cursor"),
        ("/api/mentions", {"text": "?"}, 400, "Give a word"),
        ("/api/mentions", {"text": "grow", "limit": 201}, 422, "does not match"),
        ("/api/mentions", {"text": "grow", "order": "size"}, 422, "does not match"),
        ("/api/ask/more", {"question": "What?", "cursor": "W10"}, 400, "Invalid cursor"),
        ("/api/ask/all", {"question": "What?", "most_read": 0}, 422, "does not match"),
    ):
        response = client.post(path, json=body)
        assert response.status_code == status
        assert said in response.json()["detail"]
