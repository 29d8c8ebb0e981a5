"""What the server does for a request is bounded, waits in a queue, and ends with its client."""

import asyncio
import inspect
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import anyio
import pytest
from api_support import application
from fastapi.routing import APIRoute
from starlette.testclient import TestClient

from rag import deadlines
from rag.deadlines import Deadline
from rag.errors import CancelledWorkError, DeadlineExceededError
from ui import app_state, quote_export
from ui.admission import AdmissionQueue, BusyError
from ui.api.rest import rest_app
from ui.app_state import AppState
from ui.disconnects import UntilDisconnect
from ui.page import ask_routes, document_routes, export_routes, library_routes, list_routes
from ui.service import Service
from ui.serving.metrics import Metrics

LONG = 30
"""Seconds to wait for what has to come."""
REFUSED = "harbour " + " ".join(f"-{chr(0x4E00 + i)}" for i in range(655))


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[TestClient, AppState]]:
    with application(tmp_path, with_gradio=False) as made:
        yield made


def place_of(client: TestClient, question: str) -> dict[str, Any]:
    [passage] = client.post("/api/ask", json={"question": question, "k": 1}).json()["passages"]
    cited = passage["citation"]
    return {
        "key": cited["document_id"],
        **{name: cited[name] for name in ("start", "end", "sha256")},
    }


def test_too_many_exclusions_are_refused_in_words(served: tuple[TestClient, AppState]) -> None:
    client, _ = served
    told = client.post("/page/ask", json={"question": REFUSED})
    assert "at most 32 are read" in told.json()["message"]
    assert (
        "at most 32 are read"
        in client.get("/page/understood", params={"q": REFUSED}).json()["message"]
    )
    answer = client.post("/api/ask", json={"question": REFUSED})
    assert answer.status_code == 400
    assert "has 655 exact phrases, exclusions and filters" in answer.json()["detail"]


def test_a_question_past_its_deadline_is_refused(
    served: tuple[TestClient, AppState], monkeypatch: pytest.MonkeyPatch
) -> None:
    client, state = served
    state.is_ready = True
    monkeypatch.setattr(state, "_seconds", 0.0)
    answer = client.post("/api/ask", json={"question": "Which fruit is red?"})
    assert answer.status_code == 504
    assert "was stopped. Ask for less at once" in answer.json()["detail"]
    told = client.post(
        "/page/ask", json={"question": "Which fruit?"}, headers={"accept-language": "fr"}
    )
    assert told.status_code == 504
    assert told.json()["message"].startswith("Cela prenait trop de temps")
    assert 'outcome="timed out"} 2.0' in client.get("/metrics").text


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_work_ends_when_its_client_goes(method: str) -> None:
    ended: list[type[Exception]] = []
    begun = threading.Event()

    def work() -> None:
        begun.set()
        try:
            while True:
                deadlines.check()
        except CancelledWorkError as error:
            ended.append(type(error))
            raise

    queue = AdmissionQueue(1, 1)

    async def main() -> None:
        async def receive() -> dict[str, Any]:
            if not messages:
                await asyncio.to_thread(begun.wait, LONG)
                return {"type": "http.disconnect"}
            return messages.pop()

        async def send(message: Any) -> None:
            ended.append(AssertionError)  # nobody is there to be answered

        async def answer(scope: Any, receive: Any, send: Any) -> None:
            if method == "POST":
                await receive()
            await queue.run(work)

        messages = [{"type": "http.request", "body": b"", "more_body": False}]
        await UntilDisconnect(answer)({"type": "http", "method": method}, receive, send)

    asyncio.run(asyncio.wait_for(main(), LONG))
    assert ended == [CancelledWorkError]
    assert queue.inside == 0


def test_what_waits_is_dropped_when_cancelled() -> None:
    ran: list[str] = []

    async def main() -> None:
        queue, free = AdmissionQueue(1, 5), anyio.Event()
        async with anyio.create_task_group() as group:
            group.start_soon(queue.run, lambda: anyio.from_thread.run(free.wait))
            async with anyio.create_task_group() as waiting:
                for _ in range(3):
                    waiting.start_soon(queue.run, lambda: ran.append("ran"))
                while queue.inside < 4:
                    await anyio.sleep(0.01)
                waiting.cancel_scope.cancel()
            assert queue.inside == 1
            free.set()

    anyio.run(main)
    assert ran == []


def test_the_clock_of_work_starts_when_it_is_its_turn() -> None:
    deadline = Deadline(0)
    deadline.check()
    deadline.start()
    with pytest.raises(DeadlineExceededError):
        deadline.check()


READING: dict[str, Callable[[TestClient], Any]] = {
    "/page/start": lambda c: c.get("/page/start"),
    "/page/understood": lambda c: c.get("/page/understood", params={"q": "a -b"}),
    "/page/documents": lambda c: c.get("/page/documents"),
    "/page/document": lambda c: c.post("/page/document", json={"key": "0" * 24}),
    "/page/neighbour": lambda c: c.post("/page/neighbour", json={"key": "0" * 24, "number": 1}),
    "/page/cancel": lambda c: c.post("/page/cancel", json={}),
    "/page/dismiss": lambda c: c.post("/page/dismiss"),
    "/api/adding": lambda c: c.get("/api/adding"),
    "/api/adding/1": lambda c: c.get("/api/adding/1"),
    "/api/status": lambda c: c.get("/api/status"),
    "/api/documents": lambda c: c.get("/api/documents"),
}
PLACE = {"key": "0" * 24, "start": 0, "end": 1, "sha256": ""}
CHANGING: dict[str, Callable[[TestClient], Any]] = {
    "/page/remove": lambda c: c.post("/page/remove", json={"key": "0" * 24}),
    "/page/undo": lambda c: c.post("/page/undo", json={"key": "0" * 24}),
    "/page/judge": lambda c: c.post(
        "/page/judge", json={"question": "x", "place": PLACE, "answers": True}
    ),
    "/api/documents/": lambda c: c.delete(f"/api/documents/{'0' * 24}"),
    "/api/restore": lambda c: c.post(f"/api/documents/{'0' * 24}/restore"),
}
EXPORTING = {
    "/page/export": lambda c: c.post("/page/export", json={"format": "json", "questions": []}),
}


def test_all_that_reads_or_changes_waits_in_a_queue(served: tuple[TestClient, AppState]) -> None:
    client, state = served
    for queue, calls in (
        (state.reading, READING), (state.changing, CHANGING), (state.exporting, EXPORTING),
    ):  # fmt: skip
        queue.inside += 1_000
        try:
            answers = {path: call(client) for path, call in calls.items()}
        finally:
            queue.inside -= 1_000
        assert {path: one.status_code for path, one in answers.items()} == dict.fromkeys(calls, 503)
        assert all(int(one.headers["retry-after"]) > 0 for one in answers.values())
    assert client.get("/page/documents").status_code == 200


def test_no_route_of_the_page_or_of_rest_runs_on_the_shared_threads(
    served: tuple[TestClient, AppState],
) -> None:
    _, state = served
    routers = (
        ask_routes.routes,
        document_routes.routes,
        export_routes.routes,
        export_routes.reports,
        library_routes.routes,
        list_routes.routes,
        library_routes.uploads,
        rest_app(Service(state, Metrics(state))),
    )
    endpoints = {route.path: route.endpoint for one in routers for route in routes_of(one)}
    assert len(endpoints) > 25
    assert [p for p, one in endpoints.items() if not inspect.iscoroutinefunction(one)] == []


def routes_of(router: Any) -> Iterator[APIRoute]:
    """Give the routes of an application or router, and of those that it includes."""
    for route in router.routes:
        if isinstance(route, APIRoute):
            yield route
        elif hasattr(route, "original_router"):
            yield from routes_of(route.original_router)


def test_each_quote_is_looked_up_once_for_an_export(
    served: tuple[TestClient, AppState], monkeypatch: pytest.MonkeyPatch
) -> None:
    client, state = served
    place, looked_up = place_of(client, "Which fruit is red?"), []
    passage_at = type(state.library).passage_at

    def noted(library: Any, *at: Any) -> Any:
        looked_up.append(at)
        return passage_at(library, *at)

    monkeypatch.setattr(type(state.library), "passage_at", noted)
    body = {"format": "json", "questions": [{"question": "Q", "places": [place] * 100}] * 3}
    exported = client.post("/page/export", json=body).json()
    assert [len(one["quotes"]) for one in exported] == [100, 100, 100]
    assert [quote["citation"]["number"] for quote in exported[0]["quotes"]] == list(range(1, 101))
    assert len(looked_up) == 1


def test_an_export_is_bounded(
    served: tuple[TestClient, AppState], monkeypatch: pytest.MonkeyPatch
) -> None:
    client, state = served
    place = place_of(client, "Which fruit is red?")
    many = {"format": "csv", "questions": [{"question": "Q", "places": [place] * 100}] * 21}
    answer = client.post("/page/export", json=many)
    assert answer.status_code == 413
    assert "2,000 quotes at most" in answer.json()["detail"]
    long = {"format": "csv", "questions": [{"question": "x" * 2_200, "places": []}] * 500}
    assert client.post("/page/export", json=long).status_code == 413
    monkeypatch.setattr(quote_export, "MOST_CHARACTERS", 10)
    few = {"format": "csv", "questions": [{"question": "Q", "places": [place]}]}
    assert "too long for one file" in client.post("/page/export", json=few).json()["detail"]
    monkeypatch.setattr(app_state, "_READING_SECONDS", 0.0)
    assert client.post("/page/export", json=few).status_code == 504
    assert state.exporting.inside == 0


def test_long_questions_are_asked_by_programs(served: tuple[TestClient, AppState]) -> None:
    client, _ = served
    text = "Which fruit is red? " + "Somebody wrote many more words here. " * 300
    for path in ("/api/ask", "/api/search"):
        found = client.post(path, json={"question": text}).json()
        assert 1_900 < found["truncated_at"] <= 2_560
        assert found["passages"][0]["text"] == "Apples are red."
    assert client.post("/api/ask", json={"question": "Which?"}).json()["truncated_at"] is None
    assert client.post("/api/ask", json={"question": "x" * 100_001}).status_code == 422


def test_work_that_waits_too_long_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ui.admission._PATIENCE_SECONDS", 0.1)

    async def main() -> None:
        queue, free = AdmissionQueue(1, 5), anyio.Event()
        async with anyio.create_task_group() as group:
            begun = anyio.Event()

            async def hold() -> None:
                begun.set()
                await free.wait()

            group.start_soon(queue.run, lambda: anyio.from_thread.run(hold))
            await begun.wait()
            with pytest.raises(BusyError):
                await queue.run(lambda: None)
            free.set()

    anyio.run(main)
