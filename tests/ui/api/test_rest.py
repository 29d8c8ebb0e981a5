"""REST: what each route gives, what it refuses and how, tags, adding and removing."""

import errno
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from api_support import TEXTS, application
from jsonschema import Draft202012Validator
from starlette.testclient import TestClient
from tests_support import SEEDS, wait_until

from rag import Library
from rag.ids import document_id
from ui.api.responses import FoundPassage
from ui.app_state import AppState
from ui.jobs import upload_receiver


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[TestClient, AppState]]:
    """Give a server that tests do not change."""
    with application(tmp_path_factory.mktemp("rest")) as made:
        yield made


@pytest.fixture
def client(served: tuple[TestClient, AppState]) -> TestClient:
    return served[0]


@pytest.fixture
def library(served: tuple[TestClient, AppState]) -> Library:
    return served[1].library


@pytest.fixture
def own(tmp_path: Path) -> Iterator[tuple[TestClient, AppState]]:
    """Give a server of the test's own."""
    with application(tmp_path, with_gradio=False) as made:
        yield made


def is_problem(response: Any, status: int, detail: str) -> None:
    assert response.status_code == status
    assert response.headers["content-type"] == "application/problem+json"
    told = response.json()
    assert (told["status"], told["type"]) == (status, f"urn:quoth:problem:{status}")
    assert told["title"]
    assert detail in told["detail"]


def test_ask_gives_the_very_answer_of_the_library(client: TestClient, library: Library) -> None:
    told = client.post("/api/ask", json={"question": '"Pears are green"', "k": 2}).json()
    assert told == _plain(library.ask('"Pears are green"', k=2).to_dict())
    assert told["answered"]
    [passage] = told["passages"]
    assert passage["text"] == "Pears are green."
    assert "path" not in passage["citation"]


def _plain(value: Any) -> Any:
    """Return a value as it comes back from JSON."""
    if isinstance(value, dict):
        return {key: _plain(one) for key, one in value.items()}
    return [_plain(one) for one in value] if isinstance(value, list | tuple) else value


def test_where_and_signs_are_kept_to(client: TestClient) -> None:
    def names(question: str, *where: str) -> set[str]:
        wanted = {"question": question, "k": 10, "where": list(where)}
        told = client.post("/api/search", json=wanted).json()
        return {passage["citation"]["document"] for passage in told["passages"]}

    assert names("grow", "*.md") == {"sea.md"}
    assert names("type:md what swims") == {"sea.md"}
    assert names("grow", "fruit/nuts.txt", "sea.md") == {"fruit/nuts.txt", "sea.md"}
    texts = client.post("/api/search", json={"question": "grow -trees", "k": 10}).json()["passages"]
    assert all("trees" not in passage["text"] for passage in texts)


def test_search_gives_the_hits_of_the_library(client: TestClient, library: Library) -> None:
    told = client.post("/api/search", json={"question": "What grows?", "k": 3}).json()
    hits = library.search("What grows?", k=3)
    assert [one["text"] for one in told["passages"]] == [hit.passage.text for hit in hits]
    assert [one["score"] for one in told["passages"]] == [hit.score for hit in hits]
    found = [FoundPassage.of(hit, number) for number, hit in enumerate(hits, start=1)]
    assert [one["citation"] for one in told["passages"]] == [
        _plain(one.citation.to_dict()) for one in found
    ]


def test_an_earlier_question_is_leant_on(client: TestClient) -> None:
    wanted = {"question": "And in the ground?", "earlier": "What grows on trees?"}
    assert client.post("/api/ask", json=wanted).json()["carried"] == ["grows", "trees"]


def test_several_questions_are_answered_in_order(client: TestClient, library: Library) -> None:
    questions = ["What is red?", "What swims?"]
    told = client.post("/api/ask/batch", json={"questions": questions, "k": 1}).json()
    assert told["answers"] == [_plain(library.ask(one, k=1).to_dict()) for one in questions]
    wrong = client.post("/api/ask/batch", json={"questions": ["What is red?", "after:nonsense"]})
    is_problem(wrong, 400, "Question 2: ")
    assert client.post("/api/ask/batch", json={"questions": ["x"] * 33}).status_code == 422


@pytest.mark.parametrize(
    ("body", "where"),
    [
        ({}, "body.question"),
        ({"question": " "}, "body.question"),
        ({"question": "x", "k": 0}, "body.k"),
        ({"question": "x", "k": 101}, "body.k"),
        ({"question": "x", "K": 1}, "body.K"),
        ({"question": "x" * 100_001}, "body.question"),
        ({"question": "x", "where": "a"}, "body.where"),
    ],
)
def test_a_request_that_is_not_as_described_is_refused(
    client: TestClient, body: dict[str, Any], where: str
) -> None:
    response = client.post("/api/ask", json=body)
    is_problem(response, 422, "does not match")
    assert [fault["where"] for fault in response.json()["errors"]] == [where]


def test_refusals_are_problems_that_say_what_to_do(client: TestClient) -> None:
    nowhere = client.post("/api/ask", json={"question": "x", "where": ["*.pdf"]})
    is_problem(nowhere, 400, "Give a document's name")
    is_problem(client.get("/api/documents", params={"cursor": "abc"}), 400, "`next`")
    is_problem(client.get(f"/api/documents/{'0' * 24}"), 404, "No document has the id")
    is_problem(client.get(f"/api/passages/{'0' * 24}-{'0' * 12}-0-1"), 404, "No document")
    is_problem(client.get("/api/adding/9"), 404, "/adding")
    is_problem(client.get("/api/nothing"), 404, "openapi.json")
    is_problem(client.get("/api/a%0Ab"), 404, "openapi.json")
    wrong = client.put("/api/documents")
    is_problem(wrong, 405, "openapi.json")
    assert wrong.headers["allow"] == "GET, POST"


def test_a_request_without_end_is_refused(client: TestClient) -> None:
    def pieces() -> Iterator[bytes]:
        yield b'{"question": "'
        for _ in range(5 << 10):
            yield b"x" * 1_024

    headers = {"content-type": "application/json"}
    is_problem(client.post("/api/ask", content=pieces(), headers=headers), 413, "4 MiB at most")
    assert client.post("/page/ask", content=pieces(), headers=headers).status_code == 413


def test_too_many_questions_are_told_to_wait(served: tuple[TestClient, AppState]) -> None:
    client, state = served
    state.questions.inside += 1_000
    try:
        busy = client.post("/api/ask", json={"question": "What is red?"})
    finally:
        state.questions.inside -= 1_000
    is_problem(busy, 503, "Try again")
    assert busy.headers["retry-after"] == "2"


def test_a_passage_is_read_with_its_neighbours(client: TestClient, library: Library) -> None:
    [passage] = client.post("/api/ask", json={"question": '"Pears are green"'}).json()["passages"]
    named = passage["citation"]["id"]
    told = client.get(f"/api/passages/{named}").json()
    assert told == _plain(library.passage(named, around=1).to_dict())
    assert told["text"] == "Pears are green."
    assert [one["text"] for one in told["before"]] == ["Apples are red."]
    assert [one["text"] for one in told["after"]] == ["Plums are blue."]
    alone = client.get(f"/api/passages/{named}", params={"around": 0}).json()
    assert alone["before"] == alone["after"] == []


def test_the_list_of_documents_goes_on_where_it_ended(client: TestClient, library: Library) -> None:
    names, cursor = [], ""
    while cursor is not None:
        part = client.get("/api/documents", params={"limit": 1, "cursor": cursor}).json()
        assert part["total"] == 3
        names += [entry["name"] for entry in part["documents"]]
        cursor = part["next"]
    assert names == sorted(TEXTS)
    found = client.get("/api/documents", params={"find": "NUTS"}).json()
    [entry] = found["documents"]
    [info] = [info for info in library.documents() if info.name == "fruit/nuts.txt"]
    assert (entry["id"], entry["sha256"]) == (document_id(info.path), info.sha256)


def test_a_documents_text_is_what_citations_count_in(client: TestClient) -> None:
    [passage] = client.post("/api/ask", json={"question": '"Pears are green"'}).json()["passages"]
    citation = passage["citation"]
    told = client.get(f"/api/documents/{citation['document_id']}").json()
    assert told["text"] == TEXTS["fruit/apples.txt"]
    assert told["text"][citation["start"] : citation["end"]] == passage["text"]


def test_what_is_known_is_not_sent_again(own: tuple[TestClient, AppState]) -> None:
    client, _ = own
    [passage] = client.post("/api/ask", json={"question": '"Pears are green"'}).json()["passages"]
    citation = passage["citation"]
    for path in ("documents", f"documents/{citation['document_id']}", f"passages/{citation['id']}"):
        first = client.get(f"/api/{path}")
        assert first.headers["cache-control"] == "private, no-cache"
        for known in (first.headers["etag"], f'"x", W/{first.headers["etag"]}', "*"):
            again = client.get(f"/api/{path}", headers={"if-none-match": known})
            assert (again.status_code, again.content) == (304, b"")
            assert again.headers["etag"] == first.headers["etag"]
        other = client.get(f"/api/{path}", headers={"if-none-match": '"x"'})
        assert other.json() == first.json()
    tag = client.get("/api/documents").headers["etag"]
    assert client.delete(f"/api/documents/{citation['document_id']}").status_code == 200
    changed = client.get("/api/documents", headers={"if-none-match": tag})
    assert (changed.status_code, changed.json()["total"]) == (200, 2)


def _settled(client: TestClient, location: str) -> dict[str, Any]:
    wait_until(lambda: client.get(location).json()["state"] not in ("waiting", "reading"))
    return client.get(location).json()


def test_a_document_is_added_found_removed_and_restored(own: tuple[TestClient, AppState]) -> None:
    client, state = own
    sent = client.post(
        "/api/documents",
        params={"name": "notes/moon.txt", "modified": 1_600_000_000},
        content=b"The moon is made of rock.\n",
    )
    assert sent.status_code == 202
    told = _settled(client, sent.headers["location"])
    assert told == {"file": sent.json()["file"], "name": "notes/moon.txt", "state": "done",
                    "reason": ""}  # fmt: skip
    assert client.get("/api/adding").json() == {"files": [told], "waiting": 0}
    asked = {"question": '"made of rock"'}
    [passage] = client.post("/api/ask", json=asked).json()["passages"]
    kept = Path(state.library.folder) / "files" / "notes" / "moon.txt"
    assert kept.stat().st_mtime == 1_600_000_000

    named = passage["citation"]["document_id"]
    removed = client.delete(f"/api/documents/{named}")
    assert removed.json() == {"id": named, "name": "notes/moon.txt"}
    assert not kept.exists()
    is_problem(client.get(f"/api/passages/{passage['citation']['id']}"), 404, "No document")
    is_problem(client.delete(f"/api/documents/{named}"), 404, "No document")
    assert client.post(f"/api/documents/{named}/restore").json() == removed.json()
    assert client.post("/api/ask", json=asked).json()["passages"] == [passage]
    assert kept.exists()
    is_problem(client.post(f"/api/documents/{named}/restore"), 404, "Add its file again")


def test_files_that_cannot_be_taken_are_refused(
    own: tuple[TestClient, AppState], monkeypatch: pytest.MonkeyPatch
) -> None:
    client, state = own

    def send(name: str, content: bytes) -> Any:
        return client.post("/api/documents", params={"name": name}, content=content)

    is_problem(send("program.exe", b"x"), 415, ".exe")
    is_problem(send("empty.txt", b""), 422, "no body")
    monkeypatch.setattr(upload_receiver, "LARGEST_FILE", 10)
    is_problem(send("large.txt", b"x" * 11), 413, "Split it")
    monkeypatch.setattr(upload_receiver, "MOST_PENDING", 0)
    is_problem(send("one-more.txt", b"x"), 503, "queue is full")
    assert state.uploads.files() == []
    assert list((Path(state.library.folder) / "files").iterdir()) == []


@pytest.mark.parametrize(("first", "second"), [("x.txt", "x.txt/y.txt"), ("d.txt/k.md", "d.txt")])
def test_a_file_and_a_folder_cannot_have_one_name(
    own: tuple[TestClient, AppState], first: str, second: str
) -> None:
    client, state = own
    sent = client.post("/api/documents", params={"name": first}, content=b"The moon is rock.")
    assert _settled(client, sent.headers["location"])["state"] == "done"
    refused = client.post("/api/documents", params={"name": second}, content=b"The sun is hot.")
    is_problem(refused, 409, "the same name")
    page = client.put("/page/files", params={"name": second}, content=b"The sun is hot.")
    assert (page.status_code, "the same name" in page.json()["message"]) == (409, True)
    removed = document_id(str(state.served.files_folder() / first))
    assert client.delete(f"/api/documents/{removed}").status_code == 200
    sent = client.post("/api/documents", params={"name": second}, content=b"The sun is hot.")
    assert _settled(client, sent.headers["location"])["state"] == "done"
    is_problem(client.post(f"/api/documents/{removed}/restore"), 409, "name")


def test_a_full_disk_is_told(
    own: tuple[TestClient, AppState], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(folder: Path, suffix: str) -> tuple[int, Path]:
        raise OSError(errno.ENOSPC, "No space left on device")

    client, _ = own
    monkeypatch.setattr(upload_receiver, "create_part", full)
    sent = {"params": {"name": "a.txt"}, "content": b"The moon is rock."}
    is_problem(client.post("/api/documents", **sent), 507, "no space left")
    page = client.put("/page/files", **sent)
    assert (page.status_code, "no space left" in page.json()["message"]) == (507, True)


def test_a_restore_over_a_newer_document_is_refused(own: tuple[TestClient, AppState]) -> None:
    client, state = own
    for text in (b"The moon is rock.", b"The moon is cheese."):
        sent = client.post("/api/documents", params={"name": "a.txt"}, content=text)
        assert _settled(client, sent.headers["location"])["state"] == "done"
        named = document_id(str(state.served.files_folder() / "a.txt"))
        if b"rock" in text:
            assert client.delete(f"/api/documents/{named}").status_code == 200
    is_problem(client.post(f"/api/documents/{named}/restore"), 409, "added since")


def test_examples_cannot_be_removed(own: tuple[TestClient, AppState]) -> None:
    client, state = own
    state.served._own = lambda: pytest.fail("the examples are not given up for a removal")
    named = client.get("/api/documents").json()["documents"][0]["id"]
    is_problem(client.delete(f"/api/documents/{named}"), 409, "examples")


def test_the_status_tells_what_is_searched(client: TestClient, library: Library) -> None:
    told = client.get("/api/status").json()
    assert told["model"] == "hashing"
    assert (told["counts"]["documents"], told["counts"]["passages"]) == (3, 6)
    assert library.folder not in str(told)


def test_the_description_is_whole(client: TestClient) -> None:
    told = client.get("/api/openapi.json").json()
    assert told["openapi"].startswith("3.1")
    assert told["servers"] == [{"url": "/api"}]
    operations = [one for path in told["paths"].values() for one in path.values()]
    assert len(operations) == 39
    for one in operations:
        assert one["summary"]
        assert one["description"]
        for status, response in one["responses"].items():
            if status >= "400":
                [(kind, content)] = response["content"].items()
                assert kind == "application/problem+json"
                assert content["schema"] == {"$ref": "#/components/schemas/Problem"}
                assert content["example"]["status"] == int(status)
            elif status != "304" and "application/octet-stream" not in response["content"]:
                [(kind, content)] = response["content"].items()
                if kind == "text/csv":
                    continue
                reference = content["schema"]["$ref"]
                validator = Draft202012Validator({"$ref": reference, **told})
                validator.validate(content["example"])
    assert "path" not in told["components"]["schemas"]["Citation"]["properties"]


def test_the_example_of_an_answer_is_a_quote_of_the_seeds(client: TestClient) -> None:
    told = client.get("/api/openapi.json").json()
    content = told["paths"]["/ask"]["post"]["responses"]["200"]["content"]["application/json"]
    [passage] = content["example"]["passages"]
    citation = passage["citation"]
    text = (SEEDS / citation["document"]).read_text(encoding="utf-8")
    assert text[citation["start"] : citation["end"]] == passage["text"]
