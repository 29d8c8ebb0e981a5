"""A server told to stop finishes the question it is at."""

import subprocess
import sys
import threading
from pathlib import Path

import httpx
from tests_support import write_files

SLOW = """
import sys, time
from rag import Library
from ui.desk import Desk
from ui.ports import listen
from ui.server import serve

class Slow(Desk):
    def ask(self, *given):
        print("asking", flush=True)
        time.sleep(2)
        return super().ask(*given)

with Library.open(sys.argv[1], model="hashing") as library:
    library.add(sys.argv[2])
    serve(Slow(library), listen(0), lambda url: print(url, flush=True))
"""


def test_a_running_question_is_answered_before_the_server_stops(tmp_path: Path) -> None:
    docs = write_files(tmp_path / "docs", {"a.txt": "The harbour of Basra is deep."})
    command = [sys.executable, "-c", SLOW, str(tmp_path / "library"), str(docs)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        address = server.stdout.readline().strip()
        answers = []

        def ask() -> None:
            asked = {"question": "Is the harbour of Basra deep?"}
            answers.append(httpx.post(f"{address}/page/ask", json=asked, timeout=20))

        person = threading.Thread(target=ask)
        person.start()
        assert server.stdout.readline() == "asking\n"
        server.terminate()
        person.join()
        server.wait(timeout=15)
    assert answers[0].status_code == 200
    assert answers[0].json()["answered"]
