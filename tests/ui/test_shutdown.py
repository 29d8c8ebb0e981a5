"""A server told to stop finishes the question it is at."""

import socket
import sys
import threading
from pathlib import Path
from subprocess import PIPE, Popen
from urllib.parse import urlsplit

import httpx
from tests_support import PATIENCE, wait_until, write_files

SLOW = """
import sys
from rag import Library
from ui.desk import Desk
from ui.ports import listen
from ui.server import serve

class Slow(Desk):
    def ask(self, *given):
        print("asking", flush=True)
        sys.stdin.readline()
        return super().ask(*given)

with Library.open(sys.argv[1], model="hashing") as library:
    library.add(sys.argv[2])
    serve(Slow(library), listen(0), lambda url: print(url, flush=True))
"""


def test_a_running_question_is_answered_before_the_server_stops(tmp_path: Path) -> None:
    docs = write_files(tmp_path / "docs", {"a.txt": "The harbour of Basra is deep."})
    command = [sys.executable, "-c", SLOW, str(tmp_path / "library"), str(docs)]
    with Popen(command, stdin=PIPE, stdout=PIPE, text=True) as server:
        assert server.stdin is not None
        assert server.stdout is not None
        address = server.stdout.readline().strip()
        answers = []

        def ask() -> None:
            asked = {"question": "Is the harbour of Basra deep?"}
            answers.append(httpx.post(f"{address}/page/ask", json=asked))

        person = threading.Thread(target=ask)
        person.start()
        assert server.stdout.readline() == "asking\n"
        server.terminate()
        wait_until(lambda: not _listens(address))
        server.stdin.write("go on\n")
        server.stdin.flush()
        person.join()
        server.wait(timeout=PATIENCE)
    assert answers[0].status_code == 200
    assert answers[0].json()["answered"]


def _listens(address: str) -> bool:
    """Tell whether a server takes connections."""
    place = urlsplit(address)
    with socket.socket() as tried:
        return tried.connect_ex((place.hostname, place.port)) == 0
