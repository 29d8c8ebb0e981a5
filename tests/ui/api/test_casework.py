"""REST on cases, kept quotes and conversations."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from api_support import application
from starlette.testclient import TestClient

from rag.export.cases import CASE_FORMATS
from ui.app_state import AppState
from ui.html.translations import of_language
from ui.security.api_keys import Keys
from ui.served_library import OwnLibrary

QUESTION = '"Pears are green"'


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[TestClient, AppState]]:
    with application(tmp_path_factory.mktemp("rest"), with_gradio=False) as both:
        yield both


@pytest.fixture(scope="module")
def client(served: tuple[TestClient, AppState]) -> TestClient:
    return served[0]


@pytest.fixture(scope="module")
def passage(client: TestClient) -> str:
    """Give the id of a passage."""
    answer = client.post("/api/ask", json={"question": QUESTION}).json()
    return answer["passages"][0]["citation"]["id"]


def made(client: TestClient, name: str) -> str:
    response = client.post("/api/cases", json={"name": name, "note": "Why"})
    assert response.status_code == 201
    return response.json()["id"]


def kept(client: TestClient, case: str, passage: str, **more: Any) -> dict[str, Any]:
    response = client.post(f"/api/cases/{case}/quotes", json={"passage": passage, **more})
    assert response.status_code == 201
    return response.json()["kept"]


def test_a_case_is_what_its_export_holds(client: TestClient, passage: str) -> None:
    case = made(client, "Fruit")
    quote = kept(client, case, passage, question="Green?", note="N", tags=["a", "b"])
    read = client.get(f"/api/cases/{case}").json()
    assert (read["name"], read["note"]) == ("Fruit", "Why")
    assert read["quotes"] == [quote]
    assert (quote["note"], quote["tags"], quote["question"]) == ("N", ["a", "b"], "Green?")
    assert quote["quote"]["text"] == "Pears are green."
    assert quote["quote"]["citation"]["id"] == passage
    assert quote["condition"]["state"] == "unchanged"
    assert "path" not in quote["quote"]["citation"]
    exported = client.get(f"/api/cases/{case}/export")
    assert exported.headers["content-disposition"] == 'attachment; filename="Fruit.json"'
    assert exported.json() == read
    for name in CASE_FORMATS:
        file = client.get(f"/api/cases/{case}/export", params={"format": name})
        assert (file.status_code, bool(file.content)) == (200, True)
    imported = client.post("/api/imports", content=exported.content)
    assert imported.status_code == 201
    again = client.get(f"/api/cases/{imported.json()['id']}").json()
    assert [one["quote"] for one in again["quotes"]] == [quote["quote"]]
    entries = {one["id"]: one for one in client.get("/api/cases").json()["cases"]}
    assert entries[case]["quotes"] == 1


def test_quotes_are_changed_moved_deleted_and_restored(client: TestClient, passage: str) -> None:
    here, there = made(client, "Here"), made(client, "There")
    first, second = (kept(client, here, passage, question=q)["id"] for q in ("1", "2"))
    changed = client.patch(f"/api/quotes/{second}", json={"note": "M", "position": 1}).json()
    assert (changed["kept"]["note"], changed["kept"]["quote"]["citation"]["number"]) == ("M", 1)
    moved = client.patch(f"/api/quotes/{first}", json={"case": there}).json()
    assert moved["case"]["id"] == there
    assert client.delete(f"/api/quotes/{first}").json() == {"id": first}
    assert client.get(f"/api/quotes/{first}").status_code == 404
    assert client.post(f"/api/quotes/{first}/restore").status_code == 200
    assert client.get(f"/api/quotes/{first}").json()["case"]["quotes"] == 1
    assert client.patch(f"/api/cases/{here}", json={"name": "New"}).status_code == 200
    assert client.get(f"/api/cases/{here}").json()["name"] == "New"
    assert client.delete(f"/api/cases/{here}").status_code == 200
    assert client.get(f"/api/cases/{here}").status_code == 404
    assert client.post(f"/api/cases/{here}/restore").status_code == 200
    assert client.get(f"/api/cases/{here}").status_code == 200


def test_that_nothing_was_found_is_kept_only_when_it_was_not(client: TestClient) -> None:
    case = made(client, "Absent")
    answered = client.post(f"/api/cases/{case}/absences", json={"question": QUESTION})
    assert (answered.status_code, "no absence" in answered.text) == (400, True)
    question = {"question": "How does one reset a router?"}
    assert client.post(f"/api/cases/{case}/absences", json=question).status_code == 201
    [stored] = client.get(f"/api/cases/{case}").json()["questions"]
    assert (stored["state"], stored["search"]["searched"]["documents"]) == ("not_found", 3)
    assert stored["search"]["documents_digest"]
    assert stored["nearest"]


def test_conversations_of_the_page_are_read_renamed_and_deleted(client: TestClient) -> None:
    told = client.post("/page/ask", json={"question": QUESTION}).json()
    more = {"question": "And herrings?", "conversation": told["conversation"]}
    assert client.post("/page/ask", json=more).json()["conversation"] == told["conversation"]
    address = f"/api/conversations/{told['conversation']}"
    read = client.get(address).json()
    assert [turn["question"] for turn in read["turns"]] == [QUESTION, "And herrings?"]
    answer = client.post("/api/ask", json={"question": QUESTION}).json()
    assert read["turns"][0]["answer"] == answer
    assert client.patch(address, json={"title": "Fish"}).status_code == 200
    [entry] = client.get("/api/conversations", params={"find": "HERRING"}).json()["conversations"]
    assert (entry["title"], entry["turns"]) == ("Fish", 2)
    assert client.delete(address).status_code == 200
    assert client.get(address).status_code == 404
    assert client.post(f"{address}/restore").status_code == 200


def test_a_stored_answer_is_drawn_as_it_was(client: TestClient) -> None:
    asked = client.post("/page/ask", json={"question": QUESTION}).json()
    shown = client.get(f"/page/conversations/{asked['conversation']}").json()
    # Where a file lies is not stored, and so its date is not known.
    fresh = re.sub('data-day="[^"]*"', 'data-day=""', asked["html"])
    assert [turn["html"] for turn in shown["turns"]] == [fresh]
    french = client.get(
        f"/page/conversations/{asked['conversation']}", headers={"accept-language": "fr"}
    ).json()
    assert of_language("fr").say("keep") in french["turns"][0]["html"]


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("POST", "/api/cases", {"name": " "}, 422),
        ("POST", "/api/cases", {"name": "x", "more": 1}, 422),
        ("GET", "/api/cases/..%2fkeys", None, 404),
        ("GET", "/api/cases/0123456789abcdef", None, 404),
        ("PATCH", "/api/quotes/0123456789abcdef", {"note": "x"}, 404),
        ("POST", "/api/imports", {"format": "other"}, 400),
        ("GET", "/api/cases/0123456789abcdef/export?format=exe", None, 422),
    ],
)
def test_a_wrong_request_is_refused(
    client: TestClient, method: str, path: str, body: Any, status: int
) -> None:
    response = client.request(method, path, json=body)
    assert response.status_code == status
    assert response.json()["detail"]


def test_a_read_only_key_changes_nothing(tmp_path: Path) -> None:
    with application(tmp_path, with_gradio=False, needs_key=True) as (client, _):
        key = Keys(tmp_path / "keys").add("reader", "read")
        headers = {"authorization": f"Bearer {key}"}
        assert client.get("/api/cases", headers=headers).json() == {"cases": []}
        refused = client.post("/api/cases", json={"name": "x"}, headers=headers)
        assert (refused.status_code, "read-only" in refused.text) == (403, True)


def test_the_page_is_not_trusted_with_the_words_of_a_quote(client: TestClient) -> None:
    answer = client.post("/api/ask", json={"question": QUESTION}).json()
    cited = answer["passages"][0]["citation"]
    place = {
        "key": cited["document_id"],
        "start": cited["start"],
        "end": cited["end"],
        "sha256": cited["sha256"],
    }
    panel = client.post("/page/cases/keep", json={"place": place, "question": "<b>?"}).json()
    assert "&lt;b&gt;?" in panel["html"]
    assert list(panel["marks"]) == [" ".join(map(str, place.values()))]
    for change in ({"sha256": "0" * 64}, {"start": 1}):
        refused = client.post("/page/cases/keep", json={"place": {**place, **change}}).json()
        assert list(refused) == ["message"]


def test_an_answer_is_shown_even_if_it_cannot_be_stored(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rag.casework.conversations.MOST_TURNS", 0)
    told = client.post("/page/ask", json={"question": QUESTION}).json()
    assert 'class="card"' in told["html"]
    assert (told["conversation"], "Begin a new one" in told["message"]) == ("", True)


def test_examples_do_not_take_the_persons_cases_with_them(tmp_path: Path) -> None:
    with application(tmp_path, with_gradio=False) as (client, state):
        state.served._own = OwnLibrary(tmp_path / "own", "hashing")
        case = made(client, "Of the examples")
        passage = client.post("/api/ask", json={"question": QUESTION}).json()["passages"][0]
        kept(client, case, passage["citation"]["id"])
        state.served.open_own()
        read = client.get(f"/api/cases/{case}").json()
        assert [quote["condition"]["state"] for quote in read["quotes"]] == ["gone"]
        assert json.dumps(read).count("Pears are green.") == 1
