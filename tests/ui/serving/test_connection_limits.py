"""Connections that never end are ended; those beside them are answered."""

import select
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx
import pytest
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, StreamingResponse
from starlette.types import Receive, Scope, Send
from tests_support import PATIENCE

from ui.serving.connection_limits import Connection, Limits, close_late
from ui.serving.sockets import listen
from ui.serving.uvicorn_server import WebServer

HALF = b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n"
LARGE = 1 << 26  # bytes, more than the system's buffers of a connection hold


class Application:
    """Answers with the size of what was sent; at `/large`, with much."""

    def __init__(self) -> None:
        self.disconnected = threading.Event()
        """Set when a client went away in the middle of a request."""
        self.begun = threading.Semaphore(0)
        """Counts the requests whose bodies are being read."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            return
        request = Request(scope, receive)
        if request.url.path == "/large":
            await StreamingResponse(iter([b"x" * LARGE]))(scope, receive, send)
            return
        if request.url.path == "/refused":
            await PlainTextResponse("no", 413)(scope, receive, send)
            return
        self.begun.release()
        try:
            size = len(await request.body())
        except ClientDisconnect:
            self.disconnected.set()
            return
        await PlainTextResponse(str(size))(scope, receive, send)


class Served:
    """A server in a thread, whose clock the test moves on."""

    def __init__(self, limits: Limits) -> None:
        class Bounded(Connection):
            pass

        Bounded.limits = limits
        self.application = Application()
        self._sockets: list[socket.socket] = []
        self._server = WebServer(self.application, Bounded)
        self._server.config.lifespan = "off"
        self._bound = listen(0)
        self.port: int = self._bound.getsockname()[1]
        self._thread = threading.Thread(target=self._server.run, args=([self._bound],))
        self._thread.start()

    def connect(self, sent: bytes = b"") -> socket.socket:
        connection = socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE)
        self._sockets.append(connection)
        connection.sendall(sent)
        return connection

    def size_of(self, body: bytes) -> str:
        return httpx.post(f"http://127.0.0.1:{self.port}/", content=body, timeout=PATIENCE).text

    def pass_time(self, seconds: int) -> None:
        """Let every connection see seconds pass, one by one, as the server's own clock does."""
        self.size_of(b"")  # what was sent before has been read by then
        done = threading.Event()
        loop = self._server.servers[0].get_loop()

        def count() -> None:
            for _ in range(seconds):
                close_late(list(self._server.server_state.connections), 1.0)
            done.set()

        loop.call_soon_threadsafe(count)
        assert done.wait(PATIENCE)

    def stop(self) -> None:
        self._server.should_exit = self._server.force_exit = True
        self._thread.join(PATIENCE)
        for connection in self._sockets:
            connection.close()


@pytest.fixture
def serve() -> Iterator[Callable[..., Served]]:
    with ExitStack() as stack:

        def start(**limits: float) -> Served:
            served = Served(Limits(**{"connections": 50, **limits}))
            stack.callback(served.stop)
            return served

        yield start


def rest_of(connection: socket.socket) -> bytes:
    """Return what arrives until the other side ends the connection."""
    pieces = []
    try:
        while piece := connection.recv(1 << 16):
            pieces.append(piece)
    except ConnectionResetError:
        pass
    return b"".join(pieces)


def is_open(connection: socket.socket) -> bool:
    return not select.select([connection], [], [], 0)[0]


def test_half_a_header_is_ended_and_those_beside_it_are_answered(
    serve: Callable[..., Served],
) -> None:
    served = serve()
    half, silent = served.connect(HALF), served.connect()
    served.pass_time(15)
    assert is_open(half)
    assert is_open(silent)
    for _ in range(3):  # one byte now and then earns a header nothing
        half.sendall(b"X")
        served.pass_time(2)
    assert rest_of(half).startswith(b"HTTP/1.1 408 ")
    assert rest_of(silent) == b""
    assert served.size_of(b"12345") == "5"


def test_half_a_header_after_an_answer_is_ended(serve: Callable[..., Served]) -> None:
    served = serve()
    connection = served.connect(HALF + b"\r\n" + HALF)
    served.pass_time(25)
    answers = rest_of(connection)
    assert answers.startswith(b"HTTP/1.1 200 ")
    assert b"HTTP/1.1 408 " in answers


def test_a_body_that_stalls_is_ended_and_one_that_is_slow_is_not(
    serve: Callable[..., Served],
) -> None:
    served = serve()
    head = (
        b"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nContent-Length: 20000\r\n\r\n"
    )
    stalled, trickling, slow = (served.connect(head) for _ in range(3))
    for second in range(0, 40, 4):
        if second < 28:
            trickling.sendall(b"x")
        slow.sendall(b"x" * 2_000)
        served.pass_time(4)
    assert rest_of(stalled).startswith(b"HTTP/1.1 408 ")
    assert rest_of(trickling).startswith(b"HTTP/1.1 408 ")
    assert served.application.disconnected.wait(PATIENCE)
    assert rest_of(slow).endswith(b"\r\n\r\n20000")


def test_a_body_without_end_is_ended_once_it_has_been_refused(
    serve: Callable[..., Served],
) -> None:
    served = serve()
    head = b"POST /refused HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\n"
    endless = served.connect(head)
    ended = False
    for _ in range(20):
        try:
            endless.sendall(b"400\r\n" + b"x" * 1_024 + b"\r\n")
            served.pass_time(2)
        except (BrokenPipeError, ConnectionResetError):
            ended = True
            break
    assert ended


def test_an_answer_that_is_not_read_is_ended(serve: Callable[..., Served]) -> None:
    served = serve()
    deaf = served.connect(b"GET /large HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
    reader = served.connect(b"GET /large HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
    received = 0
    for _ in range(20):
        received += len(reader.recv(1 << 20))
        served.pass_time(2)
    received += len(rest_of(reader))
    assert received > LARGE
    assert len(rest_of(deaf)) < LARGE


def test_the_oldest_that_wait_give_way_to_new_connections(serve: Callable[..., Served]) -> None:
    served = serve(connections=10)
    halves = [served.connect(HALF) for _ in range(5)]
    served.pass_time(5)
    halves += [served.connect(HALF) for _ in range(40)]
    assert served.size_of(b"12345") == "5"
    assert [rest_of(half) for half in halves[:30]] == [b""] * 30
    halves[-1].sendall(b"Connection: close\r\n\r\n")
    assert rest_of(halves[-1]).endswith(b"\r\n\r\n0")


def test_connections_at_work_do_not_give_way(serve: Callable[..., Served]) -> None:
    served = serve(connections=3)
    head = b"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nContent-Length: 2\r\n\r\n"
    busy = [served.connect(head + b"x") for _ in range(3)]
    assert all(served.application.begun.acquire(timeout=PATIENCE) for _ in busy)
    refused = served.connect(HALF + b"\r\n")
    answer = rest_of(refused)
    assert answer.startswith(b"HTTP/1.1 503 ")
    assert b"Retry-After: " in answer
    for connection in busy:
        connection.sendall(b"x")
        assert rest_of(connection).endswith(b"\r\n\r\n2")
    assert served.size_of(b"12345") == "5"


def test_the_servers_own_clock_ends_connections(serve: Callable[..., Served]) -> None:
    served = serve(header=1.0)
    assert rest_of(served.connect(HALF)).startswith(b"HTTP/1.1 408 ")


@contextmanager
def chat(home: Path, files: int) -> Iterator[str]:
    """Run the page where a process may open so many files; give its address."""
    command = [sys.executable, "-m", "rag", "chat", "--port", "0", "--model", "hashing",
               "--library", str(home / "library"), str(home / "a.txt")]  # fmt: skip

    def limit() -> None:
        import resource

        resource.setrlimit(resource.RLIMIT_NOFILE, (files, files))

    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, preexec_fn=limit) as process:
        assert process.stdout is not None
        lines = iter(process.stdout.readline, "")
        ready = next(line for line in lines if "http://" in line)
        try:
            yield next(word for word in ready.split() if word.startswith("http://"))
        finally:
            process.terminate()


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="no such limit")
def test_half_requests_leave_the_page_files_to_open(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("The harbour of Basra is deep.")
    with chat(tmp_path, files=128) as address, ExitStack() as stack:
        port = int(address.rsplit(":", 1)[1])
        for _ in range(140):
            half = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
            stack.enter_context(half).sendall(HALF)
        question = {"question": "Is the harbour of Basra deep?"}
        answer = httpx.post(f"{address}/page/ask", json=question, timeout=PATIENCE)
        assert answer.json()["answered"]
