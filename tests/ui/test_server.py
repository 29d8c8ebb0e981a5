"""The HTTP server: who is let in, what is closed, which headers go out, what it tells a watcher."""

import asyncio
import base64
import json
import os
import re
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import anyio
import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe
from click.testing import CliRunner
from page_support import ask, patient, serving, text_of
from playwright.sync_api import Browser
from tests_support import PATIENCE, wait_until

from ui.admission import AdmissionQueue, BusyError
from ui.command import chat
from ui.security import passwords
from ui.security.api_keys import Keys
from ui.security.password_checker import PasswordChecker
from ui.serving.sockets import PortError, is_this_machine_only, listen

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


OTHERS = (
    "evil.example", "127.0.0.1.evil.example", "", "[::1", "10.0.0.1", "evil.com@127.0.0.1",
    "127.0.0.1/evil.com", "127.0.0.1#@evil.com", "127.0.0.1?x", "127.0.0.1:80:80", "127.0.0.1:x",
    "127.0.0.1:99999", "127.0.0.1:", "127.0.0.1.", "localhost.", "localhost, evil.com",
    "127.0.0.1 evil.com", "[127.0.0.1]", "[::1]x", "[::1%25lo]", "::1", "127.1", "0x7f.1",
    "2130706433", "http://127.0.0.1", "127.0.0.1\\evil.com", "l\xf6calhost", "localhost\xad",
    "%6cocalhost", ".localhost", "local..host",
)  # fmt: skip


@pytest.mark.parametrize("host", OTHERS)
def test_requests_for_another_host_are_refused(server: str, host: str) -> None:
    assert status_of(server, f"GET /healthz HTTP/1.1\r\nHost: {host}") in (400, 403)


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "LOCALHOST:7860", "[::1]", "[0:0:0:0:0:0:0:1]:80", "localhost:1"]
)
def test_requests_for_this_machine_are_answered(server: str, host: str) -> None:
    assert status_of(server, f"GET /healthz HTTP/1.1\r\nHost: {host}") == 200
    assert (
        status_of(server, f"GET /healthz HTTP/1.1\r\nHost: {host}\r\nOrigin: http://{host}") == 200
    )


@pytest.mark.parametrize(
    "request_",
    [
        "GET /healthz HTTP/1.0",
        "GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nHost: evil.com",
        "GET /healthz HTTP/1.0\r\nHost: 127.0.0.1\r\nHost: evil.com",
        "GET http://evil.com/healthz HTTP/1.1\r\nHost: 127.0.0.1",
        "GET http://127.0.0.1/healthz HTTP/1.1\r\nHost: 127.0.0.1",
        "OPTIONS * HTTP/1.1\r\nHost: 127.0.0.1",
        "CONNECT evil.com:80 HTTP/1.1\r\nHost: 127.0.0.1",
        "GET //evil.com/healthz HTTP/1.1\r\nHost: 127.0.0.1",
    ],
)
def test_requests_that_name_two_hosts_or_none_are_refused(server: str, request_: str) -> None:
    assert status_of(server, request_) in (400, 403, 404)


def status_of(server: str, request: str) -> int:
    """Send a request as it stands, which a client's library would not; return its status."""
    host, port = server.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=30) as connection:
        connection.sendall(f"{request}\r\nConnection: close\r\n\r\n".encode("latin-1"))
        return int(connection.makefile("rb").readline().split()[1])


def test_requests_from_another_sites_page_are_refused(client: httpx.Client) -> None:
    body = {"question": "x"}
    host = client.base_url.netloc.decode()
    for origin in ("https://evil.example", "null", "http://localhost.evil.example", "http://[",
                   "http://127.0.0.1:1", "", f"http://{host}/", f"http://{host}/x",
                   f"http://evil.com@{host}", f"http://{host}#x", f"http://{host}?x", host,
                   f"//{host}", f"ftp://{host}", f"http:{host}", f"http://{host} http://x",
                   f"http://{host}, http://x"):  # fmt: skip
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


def test_nothing_of_gradios_is_reached_by_another_method(server: str) -> None:
    closed = [
        ("GET", "/logout"), ("HEAD", "/logout"), ("POST", "/login"), ("POST", "/login/"),
        ("GET", "/login"), ("OPTIONS", "/"), ("POST", "/"), ("PUT", "/"), ("DELETE", "/"),
        ("HEAD", "/page/ask"), ("GET", "/page/ask"), ("POST", "/page/start/"), ("GET", "/page/x"),
        ("POST", "/theme.css"), ("GET", "/theme.css/"), ("OPTIONS", "/theme.css"),
        ("POST", "/assets/x.js"), ("GET", "/assets/"), ("GET", "/assets//x"), ("GET", "/svelte/"),
        ("GET", "/assets/..%2f..%2fapp.py"), ("GET", "/static/..%2f..%2froutes.py"),
        ("GET", "/static/%2e%2e/%2e%2e/routes.py"), ("GET", "/static/..%5c..%5croutes.py"),
        ("GET", "/static/..\\..\\routes.py"), ("GET", "/static//etc/passwd"),
        ("GET", "/static/%2fetc/passwd"), ("GET", "/static/%252e%252e/x"), ("GET", "/static/.x"),
        ("GET", "/static/x%00.css"), ("GET", "/%2e%2e/config"), ("GET", "/page/../config"),
        ("GET", "/page/%2e%2e/config"), ("GET", "/static/../config"), ("POST", "/healthz"),
        ("PUT", "/mcp/"), ("POST", "/gradio/config"), ("GET", "/gradio/gradio_api/queue/join"),
        ("POST", "/gradio/gradio_api/queue/data"), ("GET", "/gradio/"), ("GET", "/gradio"),
        ("GET", "/gradio/gradio_api/heartbeat/../../config"),
    ]  # fmt: skip
    host = "Host: 127.0.0.1"
    answers = {
        (method, path): status_of(server, f"{method} {path} HTTP/1.1\r\n{host}")
        for method, path in closed
    }
    assert {one: status for one, status in answers.items() if status not in (404, 405)} == {}
    assert status_of(server, f"TRACE / HTTP/1.1\r\n{host}") == 404
    assert status_of(server, f"PUT /mcp HTTP/1.1\r\n{host}\r\nContent-Length: 0") == 405
    for method, path in (("GET", "/"), ("HEAD", "/"), ("GET", "/theme.css")):
        assert status_of(server, f"{method} {path} HTTP/1.1\r\n{host}") == 200


def test_what_the_page_loads_is_let_through(client: httpx.Client) -> None:
    page = client.get("/").text
    named = set(re.findall(r'(?:src|href)="[./]*((?:assets|static|svelte)/[^"]+)"', page))
    assert named
    for path in named:
        assert client.get(f"/{path}").status_code == 200, path


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
    assert exported.json() == [{"question": "Q", "state": None, "quotes": []}]
    said = client.post("/page/judge", json={"question": "Q", "place": place, "answers": True})
    assert "has changed" in said.json()["message"]


def test_too_many_questions_are_told_so() -> None:
    async def crowd() -> list[str]:
        door = AdmissionQueue(running=1, waiting=2)
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
    done = CliRunner().invoke(chat, ["--host", "0.0.0.0", "--library", str(tmp_path)])
    assert done.exit_code == 2
    assert "--set-password" in done.stderr


def test_passwords_are_kept_as_salted_hashes(tmp_path: Path) -> None:
    with pytest.raises(passwords.PasswordError, match="10 to 1,000"):
        passwords.hash_password("short")
    passwords.write_password(tmp_path / "password", "correct horse")
    kept = (tmp_path / "password").read_text()
    assert "correct" not in kept
    assert (tmp_path / "password").stat().st_mode & 0o077 == 0
    assert passwords.hash_password("correct horse") != kept
    assert passwords.matches("correct horse", kept)
    assert not passwords.matches("Correct horse", kept)
    with pytest.raises(passwords.PasswordError, match="damaged"):
        PasswordChecker("nonsense")
    with pytest.raises(passwords.PasswordError, match="10 to 1,000"):
        passwords.hash_password("x" * 1_001)


def test_secrets_are_written_whole_for_their_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "library" / "password"
    old = os.umask(0o022)
    try:
        passwords.write_password(path, "correct horse")
        assert path.parent.stat().st_mode & 0o777 == 0o700
        path.chmod(0o644)
        with path.open() as before:  # whoever has it open sees one password whole
            first = path.read_text()
            passwords.write_password(path, "another horse")
            assert before.read() == first
        Keys(tmp_path / "other" / "keys").add("assistant", "read")
    finally:
        os.umask(old)
    assert passwords.matches("another horse", passwords.read_password(path))
    assert path.stat().st_mode & 0o777 == 0o600
    assert [one.name for one in path.parent.iterdir()] == ["password"]
    assert (tmp_path / "other").stat().st_mode & 0o777 == 0o700
    for file in (tmp_path / "other").iterdir():
        assert file.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("name", ["evil.example/x", "a@b", "a:b", "x y", "http://x"])
def test_a_name_that_is_no_host_is_refused(name: str) -> None:
    done = CliRunner().invoke(chat, ["--name", name])
    assert done.exit_code == 2
    assert "is not a host" in done.output


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
        form = {"content-type": "application/x-www-form-urlencoded"}
        large = client.post(f"{address}/login", content=b"x" * 20_000, headers=form)
        assert large.status_code == 413
        wrong = client.post(f"{address}/login", data={"password": "<b>no</b>"})
        assert wrong.status_code == 401
        assert "password is wrong" in wrong.text
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
