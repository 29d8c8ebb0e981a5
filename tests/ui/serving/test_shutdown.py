"""A server told to stop finishes the question it is at, and leaves everything closed."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from tests_support import PATIENCE, wait_until, write_files

from rag import Library

SLOW = """
import sys
from rag.cli.main import main
from ui import service

follow = service.follow

def slow_follow(library, question, *args, **options):
    if "harbour" in question:
        print("asking", flush=True)
        sys.stdin.readline()
    return follow(library, question, *args, **options)

service.follow = slow_follow
main()
"""
"""The program, but it answers a question about a harbour only when told to go on."""


@contextmanager
def quoth(
    home: Path, *arguments: str, program: tuple[str, str] = ("-m", "rag")
) -> Iterator[subprocess.Popen[str]]:
    """Run a command over the library in `home`, with a temporary folder of its own."""
    (home / "temporary").mkdir(exist_ok=True)
    environment = {**os.environ, "TMPDIR": str(home / "temporary"), "PYTHONUNBUFFERED": "1"}
    command = [sys.executable, *program, *arguments, "--library", str(home / "library")]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env=environment,
    ) as process:  # fmt: skip
        try:
            yield process
        finally:
            process.kill()


def small_library(home: Path) -> None:
    docs = write_files(home / "docs", {"a.txt": "The harbour of Basra is deep."})
    with Library.open(home / "library", model="hashing") as library:
        library.add(docs)


def ended(process: subprocess.Popen[str]) -> tuple[int, str]:
    """Wait for a process that was told to end; return its status and what it complained of."""
    _, errors = process.communicate(timeout=PATIENCE)
    return process.returncode, errors


def names_in_a_copy_alone(home: Path) -> set[str]:
    """Return the documents that a copy of the database's one file holds, with nothing beside it."""
    (home / "copy").mkdir()
    shutil.copy(home / "library" / "library.sqlite3", home / "copy")
    with Library.open(home / "copy", model="hashing") as library:
        return {Path(info.path).name for info in library.documents()}


def assert_closed(home: Path) -> None:
    """Check that no write is left outside of the database, and no temporary file."""
    log = home / "library" / "library.sqlite3-wal"
    assert not log.exists() or log.stat().st_size == 0
    left = (home / "temporary").rglob("*")
    assert [path for path in left if path.is_file() or path.name.startswith("quoth")] == []


def add_and_ask(address: str) -> None:
    where = f"{address}/api/documents?name=b.txt"
    added = httpx.post(where, content=b"The Tigris is long.", timeout=PATIENCE)
    assert added.status_code == 202, added.text
    wait_until(lambda: "done" in httpx.get(f"{address}/api/adding", timeout=PATIENCE).text)
    question = {"question": "Is the Tigris long?"}
    assert httpx.post(f"{address}/api/ask", json=question, timeout=PATIENCE).status_code == 200


def test_a_running_question_is_answered_and_all_is_in_the_database(tmp_path: Path) -> None:
    small_library(tmp_path)
    options = ("chat", "--port", "0", "--model", "hashing")
    with quoth(tmp_path, *options, program=("-c", SLOW)) as server:
        assert server.stdin is not None
        assert server.stdout is not None
        address = server.stdout.readline().split()[3]
        add_and_ask(address)
        answers = []

        def ask() -> None:
            question = {"question": "Is the harbour of Basra deep?"}
            answers.append(httpx.post(f"{address}/page/ask", json=question))

        person = threading.Thread(target=ask)
        person.start()
        assert server.stdout.readline() == "asking\n"
        server.terminate()
        wait_until(lambda: not _listens(address))
        server.stdin.write("go on\n")
        server.stdin.flush()
        person.join()
        assert ended(server) == (0, "")
    assert answers[0].status_code == 200
    assert answers[0].json()["answered"]
    assert_closed(tmp_path)
    assert names_in_a_copy_alone(tmp_path) == {"a.txt", "b.txt"}


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="no such signal")
def test_a_server_whose_terminal_closes_leaves_all_in_the_database(tmp_path: Path) -> None:
    small_library(tmp_path)
    with quoth(tmp_path, "chat", "--port", "0", "--model", "hashing") as server:
        assert server.stdout is not None
        address = server.stdout.readline().split()[3]
        add_and_ask(address)
        server.send_signal(signal.SIGHUP)
        assert ended(server) == (0, "")
    assert_closed(tmp_path)
    assert names_in_a_copy_alone(tmp_path) == {"a.txt", "b.txt"}


@pytest.mark.slow
def test_a_second_signal_ends_a_server_that_waits_and_still_closes(tmp_path: Path) -> None:
    small_library(tmp_path)
    with quoth(tmp_path, "chat", "--port", "0", "--model", "hashing") as server:
        assert server.stdout is not None
        address = server.stdout.readline().split()[3]
        add_and_ask(address)
        host, port = address.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port)), timeout=PATIENCE) as half:
            half.sendall(
                b"PUT /page/files?name=c.txt HTTP/1.1\r\nHost: 127.0.0.1\r\n"
                b"Content-Length: 9\r\n\r\nhalf"
            )  # waited for, until told again
            httpx.get(f"{address}/healthz", timeout=PATIENCE)
            server.send_signal(signal.SIGINT)
            time.sleep(0.5)
            server.send_signal(signal.SIGTERM)
            assert ended(server)[0] == 0
    assert_closed(tmp_path)
    assert names_in_a_copy_alone(tmp_path) == {"a.txt", "b.txt"}


def test_an_assistants_server_that_is_told_to_stop_closes_its_library(tmp_path: Path) -> None:
    small_library(tmp_path)
    with quoth(tmp_path, "mcp", "--model", "hashing") as server:
        assert server.stdin is not None
        assert server.stdout is not None
        called = {"name": "ask", "arguments": {"question": "Is the harbour of Basra deep?"}}
        for message in (
            {"id": 1, "method": "initialize", "params": {
                "protocolVersion": "2025-06-18", "capabilities": {},
                "clientInfo": {"name": "test", "version": "1"}}},
            {"method": "notifications/initialized"},
            {"id": 2, "method": "tools/call", "params": called},
        ):  # fmt: skip
            server.stdin.write(json.dumps({"jsonrpc": "2.0", **message}) + "\n")
            server.stdin.flush()
        assert "harbour" in server.stdout.readline() + server.stdout.readline()
        server.send_signal(signal.SIGTERM)
        assert ended(server) == (0, "")
    assert_closed(tmp_path)


def test_following_folders_ends_closed_when_told_to_stop(tmp_path: Path) -> None:
    small_library(tmp_path)
    write_files(tmp_path / "docs", {"b.txt": "The Tigris is long."})
    with quoth(tmp_path, "index", str(tmp_path / "docs"), "--watch") as following:
        assert following.stdout is not None
        while "Watching" not in following.stdout.readline():
            assert following.poll() is None
        following.send_signal(signal.SIGTERM)
        assert ended(following) == (0, "")
    assert_closed(tmp_path)
    assert names_in_a_copy_alone(tmp_path) == {"a.txt", "b.txt"}


@pytest.mark.skipif(sys.platform == "win32", reason="no such signals")
@pytest.mark.parametrize(("number", "status"), [("SIGTERM", 143), ("SIGHUP", 129)])
def test_indexing_that_is_told_to_stop_says_so_and_closes(
    tmp_path: Path, number: str, status: int
) -> None:
    small_library(tmp_path)
    files = {f"{n:04}.txt": f"The Tigris is long, {n}." for n in range(2_000)}
    write_files(tmp_path / "docs", files)
    with quoth(tmp_path, "index", str(tmp_path / "docs")) as indexing:
        deadline = time.monotonic() + PATIENCE
        log = tmp_path / "library" / "library.sqlite3-wal"
        while not (log.exists() and log.stat().st_size > 0):
            assert time.monotonic() < deadline
            time.sleep(0.01)
        indexing.send_signal(signal.Signals[number])
        returned, errors = ended(indexing)
    assert returned == status
    assert "run the same command again to continue" in errors
    assert_closed(tmp_path)


def test_signals_that_are_ignored_stay_so() -> None:
    said = (
        "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); "
        "from rag.cli.signals import interrupt_on_signals; interrupt_on_signals(); "
        "print(signal.getsignal(signal.SIGTERM) is signal.SIG_IGN)"
    )
    done = subprocess.run([sys.executable, "-c", said], capture_output=True, text=True, check=True)
    assert done.stdout == "True\n"


def _listens(address: str) -> bool:
    """Tell whether a server takes connections."""
    place = urlsplit(address)
    with socket.socket() as tried:
        return tried.connect_ex((place.hostname, place.port)) == 0
