"""The HTTP server: who is let in, what is closed, which headers go out, what it tells a watcher."""

import asyncio
import base64
import json
import socket
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import anyio
import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe
from page_support import ask, patient, serving, text_of
from playwright.sync_api import Browser
from tests_support import PATIENCE, wait_until

from ui import passwords
from ui.doorway import BusyError, Doorway
from ui.ports import PortError, is_this_machine_only, listen

GRADIOS = (
    "/config", "/gradio_api/info", "/gradio_api/openapi.json", "/gradio_api/startup-events",
    "/gradio_api/heartbeat/x", "/gradio_api/queue/data", "/gradio_api/file=/etc/passwd",
    "/gradio_api/proxy=http://127.0.0.1/", "/gradio_api/app_id", "/monitoring", "/token", "/user",
    "/docs", "/openapi.json", "/redoc", "/manifest.json", "/custom_component/x/y/z/w.js",
)  # fmt: skip


@pytest.fixture
def client(server: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=server) as made:
        yield made


def test_the_page_health_readiness_and_figures_answer(client: httpx.Client) -> None:
    assert client.get("/healthz").json() == {"status": "ok"}
    assert client.get("/readyz").status_code in (200, 503)
    client.post("/page/ask", json={"question": "Which university offers scholarships?"})
    wait_until(lambda: client.get("/readyz").json() == {"status": "ready"})
    figures = client.get("/metrics").text
    assert 'quoth_questions_total{outcome="answered"}' in figures
    assert "quoth_passages 19.0" in figures
    assert "scholarships" not in figures
    page = client.get("/")
    policy = page.headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert page.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "", "[::1", "10.0.0.1"])
def test_requests_for_another_host_are_refused(client: httpx.Client, host: str) -> None:
    assert client.get("/healthz", headers={"host": host}).status_code == 403


def test_requests_from_another_sites_page_are_refused(client: httpx.Client) -> None:
    body = {"question": "x"}
    for origin in ("https://evil.example", "null", "http://localhost.evil.example", "http://[",
                   "http://127.0.0.1:1"):  # fmt: skip
        assert client.post("/page/ask", json=body, headers={"origin": origin}).status_code == 403
    cross = {"sec-fetch-site": "cross-site"}
    assert client.post("/page/ask", json=body, headers=cross).status_code == 403
    own = {"origin": "http://localhost:7860", "host": "localhost:7860"}
    assert client.get("/healthz", headers=own).status_code == 200
    form = client.post(
        "/page/ask", content='{"question": "x"}', headers={"content-type": "text/plain"}
    )
    assert form.status_code == 422


@pytest.mark.parametrize("path", GRADIOS)
def test_gradios_own_routes_are_closed(client: httpx.Client, path: str) -> None:
    for answer in (client.get(path), client.post(path), client.get(f"{path}/")):
        assert answer.status_code == 404


def test_nothing_can_be_sent_to_gradio(client: httpx.Client) -> None:
    assert client.post("/gradio_api/run/predict", json={"data": []}).status_code == 404
    assert client.post("/gradio_api/queue/join", json={"data": []}).status_code == 404
    assert client.post("/gradio_api/upload", files={"files": b"x"}).status_code == 404
    assert client.get("/assets/../../../../etc/passwd").status_code == 404
    assert client.get("/static/%2e%2e/%2e%2e/%2e%2e/etc/passwd").status_code in (400, 403, 404)


def test_the_proxys_host_is_not_taken_from_anyone(client: httpx.Client) -> None:
    page = client.get("/", headers={"x-forwarded-host": "evil.example"})
    assert "evil.example" not in page.text


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"question": 5},
        {"question": "x" * 5_000},
        {"question": "x", "carry": ["y"] * 100},
        {"question": "x", "carry": "y"},
    ],
)
def test_questions_of_a_wrong_kind_are_refused(client: httpx.Client, body: dict) -> None:
    assert client.post("/page/ask", json=body).status_code == 422


def test_documents_and_passages_are_looked_up_again(client: httpx.Client) -> None:
    for key in ("../../etc/passwd", "0" * 23, "g" * 24):
        assert client.post("/page/document", json={"key": key}).status_code == 422
    unknown = client.post("/page/document", json={"key": "0" * 24}).json()["html"]
    assert "has been removed" in unknown
    place = {"key": "0" * 24, "start": 0, "end": 5}
    kept = [{"question": "Q", "places": [place]}]
    exported = client.post("/page/export", json={"format": "json", "questions": kept})
    assert exported.json() == [{"question": "Q", "quotes": []}]
    said = client.post("/page/judge", json={"question": "Q", "place": place, "answers": True})
    assert "has changed" in said.json()["message"]


def test_too_many_questions_are_told_so() -> None:
    async def crowd() -> list[str]:
        door = Doorway(running=1, waiting=2)
        started, told = anyio.Event(), []

        async def one() -> None:
            try:
                await door.run(lambda: anyio.from_thread.run(started.wait))
                told.append("answered")
            except BusyError:
                told.append("busy")

        async with anyio.create_task_group() as group:
            for _ in range(5):
                group.start_soon(one)
            while told.count("busy") < 2:
                await anyio.sleep(0.01)
            started.set()
        assert door.inside == 0
        return told

    with ThreadPoolExecutor(1) as apart:  # the browser's own loop runs in this thread
        told = apart.submit(anyio.run, crowd).result()
    assert told == ["busy", "busy", "answered", "answered", "answered"]


def test_a_port_in_use_is_named() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(PortError, match="Choose another with --port"):
            listen(taken.getsockname()[1])
    with listen(0) as free:
        assert free.getsockname()[0] == "127.0.0.1"


def test_addresses_that_others_reach_are_told_apart() -> None:
    assert all(map(is_this_machine_only, ("127.0.0.1", "127.9.9.9", "::1", "localhost")))
    assert not any(map(is_this_machine_only, ("0.0.0.0", "::", "192.168.1.2", "quoth.example")))


def test_others_are_let_in_only_with_a_password(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "rag", "chat", "--host", "0.0.0.0", "--library", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "--set-password" in done.stderr


def test_passwords_are_kept_as_salted_hashes(tmp_path: Path) -> None:
    with pytest.raises(passwords.PasswordError, match="at least 10"):
        passwords.hashed("short")
    passwords.write_password(tmp_path / "password", "correct horse")
    kept = (tmp_path / "password").read_text()
    assert "correct" not in kept
    assert (tmp_path / "password").stat().st_mode & 0o077 == 0
    assert passwords.hashed("correct horse") != kept
    assert passwords.matches("correct horse", kept)
    assert not passwords.matches("Correct horse", kept)
    with pytest.raises(passwords.PasswordError, match="damaged"):
        passwords.Door("nonsense")


def test_the_door_locks_after_wrong_guesses(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [1_000.0]
    monkeypatch.setattr(passwords.time, "monotonic", lambda: now[0])
    door = passwords.Door(passwords.hashed("correct horse"))
    assert [door.enter("1.2.3.4", "wrong guess") for _ in range(5)] == [None] * 5
    assert door.is_locked("1.2.3.4")
    assert door.enter("1.2.3.4", "correct horse") is None
    assert door.enter("5.6.7.8", "correct horse") is not None
    now[0] += 301
    token = door.enter("1.2.3.4", "correct horse")
    assert token is not None
    assert door.knows(token)
    assert not door.knows(token + "x")
    now[0] += passwords.SESSION_SECONDS + 1
    assert not door.knows(token)


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """Serve a small library under a path, with a password and a log."""
    home = tmp_path_factory.mktemp("home")
    (home / "a.txt").write_text("The harbour of Basra is deep.")
    passwords.write_password(home / "library" / "password", "correct horse")
    options = ("--library", str(home / "library"), "--model", "hashing", "--root-path", "/quoth",
               "--log", str(home / "events"))  # fmt: skip
    with serving(home, str(home / "a.txt"), *options) as address:
        yield address, home / "events"


def test_a_password_is_asked_for_under_a_path(guarded: tuple[str, Path]) -> None:
    address, _ = guarded
    with httpx.Client() as client:
        assert client.get(f"{address}/").headers["location"] == "/quoth/login"
        assert client.get(f"{address}/page/start").status_code == 401
        assert client.get(f"{address}/metrics").status_code == 401
        assert client.get(f"{address}/healthz").status_code == 200
        basic = base64.b64encode(b"any:correct horse").decode()
        figures = client.get(f"{address}/metrics", headers={"authorization": f"Basic {basic}"})
        assert figures.status_code == 200
        wrong = client.post(f"{address}/login", data={"password": "<b>no</b>"})
        assert wrong.status_code == 401
        assert "not the password" in wrong.text
        entered = client.post(f"{address}/login", data={"password": "correct horse"})
        assert entered.status_code == 303
        cookie = entered.headers["set-cookie"].lower()
        assert "httponly" in cookie
        assert "samesite=strict" in cookie
        assert client.get(f"{address}/page/start").status_code == 200
        assert client.get(f"{address}/").status_code == 200
        stripped = address.removesuffix("/quoth")  # as a proxy asks that takes the path off
        assert client.get(f"{stripped}/healthz").status_code == 200
        client.post(f"{address}/logout")
        assert client.get(f"{address}/page/start").status_code == 401


@pytest.mark.browser
def test_a_person_logs_in_and_asks_under_the_path(
    guarded: tuple[str, Path], chromium: Browser
) -> None:
    address, _ = guarded
    context = patient(chromium)
    page = context.new_page()
    troubles: list[str] = []
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.on("console", lambda m: m.type == "error" and troubles.append(m.text))
    page.goto(address)
    assert Axe().run(page).violations_count == 0
    page.fill("input", "correct horse")
    page.click("button")
    page.wait_for_selector("body.ready")
    ask(page, "Is the harbour of Basra deep?")
    assert text_of(page, ".quotes > blockquote") == "The harbour of Basra is deep."
    assert page.url.startswith(f"{address}/?q=")
    context.close()
    assert troubles == []


def test_questions_are_not_in_the_log(guarded: tuple[str, Path]) -> None:
    address, events = guarded
    with httpx.Client() as client:
        client.post(f"{address}/login", data={"password": "correct horse"})
        client.post(f"{address}/page/ask", json={"question": "Is the secret harbour deep?"})
    lines = [json.loads(line) for line in events.read_text().splitlines()]
    asked = [line for line in lines if line["event"] == "asked"]
    assert asked
    assert asked[0]["answered"] in (True, False)
    assert "secret" not in events.read_text()


def test_small_answers_are_sent_at_once() -> None:
    async def delays() -> int:
        accepted: asyncio.Queue[int] = asyncio.Queue()

        async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            socket_ = writer.get_extra_info("socket")
            await accepted.put(socket_.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
            writer.close()

        bound = listen(0)
        server = await asyncio.start_server(accept, sock=bound)
        async with server:
            _, writer = await asyncio.open_connection(*bound.getsockname())
            writer.close()
            return await accepted.get()

    with ThreadPoolExecutor(1) as apart:  # the browser's own loop runs in this thread
        assert apart.submit(asyncio.run, delays()).result(PATIENCE) == 1
