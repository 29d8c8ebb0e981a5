"""Who may ask by REST, MCP and gradio_client: keys, what they may do, and other sites."""

import json
import re
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest
from api_support import application
from click.testing import CliRunner
from starlette.testclient import TestClient
from tests_support import A_MOMENT

from ui.command import keys as keys_command
from ui.security.api_keys import Key, KeyFileError, Keys
from ui.security.passwords import hash_password

CALLS = (
    ("GET", "/api/status"), ("GET", "/api/openapi.json"), ("POST", "/api/ask"),
    ("DELETE", f"/api/documents/{'0' * 24}"), ("POST", "/mcp"), ("GET", "/gradio/config"),
    ("GET", "/gradio/gradio_api/info"), ("POST", "/gradio/gradio_api/queue/join"),
    ("GET", "/gradio/gradio_api/queue/data"), ("GET", "/gradio/gradio_api/heartbeat/x"),
)  # fmt: skip
ASKED = {"question": "What is red?"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("access")


@pytest.fixture(scope="module")
def client(folder: Path) -> Iterator[TestClient]:
    """Give a client of a server that asks for a password, and so for a key."""
    password = hash_password("correct horse")
    with application(folder, password=password, needs_key=True) as (made, _):
        yield made


@pytest.fixture
def keys(folder: Path) -> Keys:
    return Keys(folder / "keys")


def bearing(key: str) -> dict[str, str]:
    return {"authorization": f"Bearer {key}"}


@pytest.mark.parametrize(("method", "path"), CALLS)
def test_nothing_is_told_without_a_key(client: TestClient, method: str, path: str) -> None:
    for headers in ({}, bearing("quoth_wrong"), bearing(""), {"authorization": "Basic eDp5"}):
        response = client.request(method, path, headers=headers)
        assert response.status_code == 401
        assert response.headers["www-authenticate"].startswith("Bearer")
        assert response.headers["content-type"] == "application/problem+json"
        assert "quoth keys add" in response.json()["detail"]


def test_a_key_may_read_or_write_and_is_revoked_at_once(client: TestClient, keys: Keys) -> None:
    reading, writing = keys.add("reader", "read"), keys.add("writer", "write")
    assert client.post("/api/ask", json=ASKED, headers=bearing(reading)).json()["passages"]
    path = f"/api/documents/{'0' * 24}"
    for method, url in (("DELETE", path), ("POST", f"{path}/restore"),
                        ("POST", "/api/documents?name=a.txt"),
                        ("POST", "/api/adding/1/cancel")):  # fmt: skip
        refused = client.request(method, url, content=b"x", headers=bearing(reading))
        assert refused.status_code == 403
        assert "--write" in refused.json()["detail"]
    assert client.delete(path, headers=bearing(writing)).status_code == 404
    keys.revoke("writer")
    assert client.delete(path, headers=bearing(writing)).status_code == 401
    assert client.get("/api/status", headers=bearing(reading)).status_code == 200
    assert client.get("/page/start", headers=bearing(reading)).status_code == 401


def test_a_person_who_logged_in_needs_no_key(client: TestClient) -> None:
    entered = client.post("/login", data={"password": "correct horse"}, follow_redirects=False)
    assert entered.status_code == 303
    try:
        assert client.get("/api/status").status_code == 200
        foreign = client.get("/api/status", headers={"origin": "https://evil.example"})
        assert foreign.status_code == 403
    finally:
        client.cookies.clear()


def test_other_sites_and_hosts_are_refused_on_an_open_server(tmp_path: Path) -> None:
    with application(tmp_path) as (client, _):
        for method, path in CALLS:
            for headers in ({"host": "evil.example"}, {"origin": "https://evil.example"}):
                refused = client.request(method, path, headers=headers)
                assert refused.status_code == 403
                assert refused.headers["content-type"] == "application/problem+json"
        cross = client.post("/api/ask", json=ASKED, headers={"sec-fetch-site": "cross-site"})
        assert cross.status_code == 403
        assert client.post("/api/ask", json=ASKED).status_code == 200
        # A key that is sent counts, even where none is needed.
        assert client.get("/api/status", headers=bearing("quoth_wrong")).status_code == 401


_ROW = {"name": "one", "access": "read", "digest": "0" * 64, "made": "2026-01-31"}
DAMAGED = (
    "[{}]", "{}", "no JSON", "\xff", json.dumps([_ROW | {"digest": 5}]),
    json.dumps([_ROW | {"access": "all"}]), json.dumps([_ROW | {"name": None}]),
    json.dumps([_ROW | {"more": 1}]), json.dumps([_ROW | {"digest": "\u00e9"}]),
)  # fmt: skip


def test_a_damaged_file_of_keys_lets_nobody_in(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    def is_refused(saying: str) -> None:
        caplog.clear()
        refused = client.get("/api/status", headers=bearing("quoth_x"))
        assert (refused.status_code, saying in refused.json()["detail"]) == (500, True)
        assert str(tmp_path) not in refused.text
        assert str(tmp_path / "keys") in caplog.text

    with application(tmp_path, with_gradio=False, needs_key=True) as (client, _):
        for text in DAMAGED:
            (tmp_path / "keys").write_text(text, encoding="latin-1")
            is_refused("damaged")
        (tmp_path / "keys").unlink()
        (tmp_path / "keys").mkdir()
        is_refused("cannot be read")


def test_keys_made_at_one_time_are_all_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    both = threading.Barrier(2)
    write = Keys._write

    def slowly(keys: Keys, kept: tuple[Key, ...]) -> None:
        with suppress(threading.BrokenBarrierError):  # the other waits for the lock
            both.wait(A_MOMENT)
        write(keys, kept)

    monkeypatch.setattr(Keys, "_write", slowly)
    with ThreadPoolExecutor(2) as pool:  # each with a file of its own, as two processes have
        list(pool.map(lambda name: Keys(tmp_path / "keys").add(name, "read"), ("one", "two")))
    assert {key.name for key in Keys(tmp_path / "keys").all()} == {"one", "two"}
    assert {path.name for path in tmp_path.iterdir()} <= {"keys", "keys.lock"}


def test_only_a_hash_of_a_key_is_kept(tmp_path: Path) -> None:
    keys = Keys(tmp_path / "keys")
    told = keys.add("one", "read")
    assert re.fullmatch(r"quoth_[-\w]{43}", told)
    assert told[6:] not in (tmp_path / "keys").read_text()
    assert (tmp_path / "keys").stat().st_mode & 0o777 == 0o600
    [key] = keys.all()
    assert key == Key("one", "read", key.digest, key.made)
    assert keys.access_of(told) == "read"
    assert keys.access_of(told[:-1]) is None
    with pytest.raises(KeyFileError, match="already"):
        keys.add("one", "write")
    with pytest.raises(KeyFileError, match="1 to 64"):
        keys.add("-", "write")
    with pytest.raises(KeyFileError, match="quoth keys list"):
        keys.revoke("two")


def test_keys_are_made_listed_and_revoked_by_commands(tmp_path: Path) -> None:
    def run(*arguments: str) -> str:
        done = CliRunner().invoke(
            keys_command, [*arguments, "--library", str(tmp_path)], catch_exceptions=False
        )
        assert done.exit_code == 0
        return done.stdout

    told = run("add", "bot", "--write").strip()
    assert Keys(tmp_path / "keys").access_of(told) == "write"
    assert run("list").startswith("bot  write  20")
    run("revoke", "bot")
    assert run("list") == ""


def test_behind_a_proxy_everything_stands_below_its_path(tmp_path: Path) -> None:
    with application(tmp_path, root_path="/quoth") as (client, _):
        for below in ("/quoth", ""):  # whether the proxy takes its path off or not
            assert client.get(f"{below}/api/status").json()["model"] == "hashing"
            assert client.post(f"{below}/api/ask", json=ASKED).json()["passages"]
            told = client.get(f"{below}/api/openapi.json").json()
            assert told["servers"] == [{"url": "/quoth/api"}]
            sent = client.post(f"{below}/api/documents?name=a.txt", content=b"New.")
            assert sent.headers["location"] == f"/quoth/api/adding/{sent.json()['file']}"
            assert client.get(f"{below}/gradio/config").status_code == 200
            listing = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
            accepted = {"accept": "application/json, text/event-stream"}
            tools = client.post(f"{below}/mcp", json=listing, headers=accepted)
            assert len(tools.json()["result"]["tools"]) == 9
            assert client.get(f"{below}/gradio/gradio_api/upload").status_code == 404
