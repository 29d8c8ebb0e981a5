"""What a question, a file or a request costs at worst: python -m evaluation.serving.worst_cases.

With `--against FOLDER`, another checkout is measured beside this one, taking turns, so that both
meet the same machine. Each measurement runs in a process of its own:

    question    two questions of 655 exclusions at once over 5,000 passages, then two of 32, the
                most that are read; ordinary ones beside
    line        a text of one line (`--mebibytes`): memory above what the process had before, time
    unchanged   `quoth index` over 2,700 unchanged texts beside 2,000 files of a kind not read
    citation    opening a citation among 4,000 documents
    export      20 exports at once of 2,000 passages each from a document of 260 kB
"""

import argparse
import json
import os
import re
import resource
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx

from evaluation.serving.server import serving
from rag import Library

_SENTENCE = "The clerk of the harbour wrote a letter to the council about the price of salt. "
_PATIENCE = 60.0
"""Seconds after which a request counts as never answered."""
_ENDING = 3.0
"""Seconds in which a server may end by itself."""
Figures = dict[str, float]


def question(folder: Path, _: float) -> Figures:
    """Return the seconds of hostile questions, and the most of ordinary ones beside them."""
    lines = (f"Harbour note {n}: {_SENTENCE * 8}" for n in range(5_000))
    library = _library(folder, {"notes.txt": "\n\n".join(lines)})
    ordinary = {"question": "What did the clerk write?"}
    figures = {}
    for count in (32, 655):
        exclusions = " ".join(f"-{chr(code)}" for code in range(0x4E00, 0x4E00 + count))
        hostile = {"question": f"harbour {exclusions}", "k": 100}
        with _served(library) as client, ThreadPoolExecutor(2) as pool:
            _timed_post(client, "/api/ask", ordinary)  # the model is loaded
            hostiles = [pool.submit(_timed_post, client, "/api/ask", hostile) for _ in range(2)]
            beside = list(_beside(hostiles, lambda: _timed_post(client, "/api/ask", ordinary)))
            figures[f"{count}_s"] = max(one.result() for one in hostiles)
            figures[f"beside_{count}_s"] = max(beside)
    return figures


def line(folder: Path, mebibytes: float) -> Figures:
    """Return what indexing one line takes: MiB above the start, and CPU seconds for each MiB."""
    length = int(mebibytes * (1 << 20))
    text = (_SENTENCE * (length // len(_SENTENCE) + 1))[:length]
    (folder / "docs").mkdir()
    (folder / "docs" / "line.txt").write_text(text)
    with Library.open(folder / "library") as library:
        library.add_readings([])
        library.warm_up()
        start = _memory("VmRSS")
        began = time.process_time()
        library.add(folder / "docs")
        seconds = time.process_time() - began
    return {"mib_above_start": _memory("VmHWM") - start, "cpu_s_per_mib": seconds / mebibytes}


def unchanged(folder: Path, _: float) -> Figures:
    """Return the CPU seconds of a run that finds nothing new."""
    texts = {f"{n % 30}/note {n}.txt": f"Note {n}. {_SENTENCE}" for n in range(2_700)}
    others = {f"{n % 30}/picture {n}.jpg": "x" for n in range(2_000)}
    _library(folder, texts | others)
    time.sleep(2)  # a file that was written to just now might be written to again
    command = ("index", "--library", str(folder / "library"), str(folder / "docs"))
    _quoth(*command)
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    _quoth(*command)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return {"cpu_s": after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime}


def citation(folder: Path, _: float) -> Figures:
    """Return the least milliseconds that a passage takes by its id, of 50."""
    path = _library(folder, {f"{n}.txt": f"Note {n}. {_SENTENCE}" for n in range(4_000)})
    with Library.open(path) as library:
        identity = library.ask("What did the clerk write?").passages[0].citation.id
        seconds = [_timed(lambda: library.passage(identity)) for _ in range(50)]
    return {"ms": 1000 * min(seconds)}


def export(folder: Path, _: float) -> Figures:
    """Return the seconds of 20 exports at once, and the most that the sidebar took meanwhile."""
    path = _library(folder, {"long.txt": "\n\n".join(f"{n}. {_SENTENCE}" for n in range(3_000))})
    with Library.open(path) as library:
        [info] = library.documents()
        contents = library.contents(info.path)
        key = library.ask("What did the clerk write?").passages[0].citation.document_id
    places = [
        {"key": key, "sha256": contents.document.sha256,
         "start": passage.paragraph.start, "end": passage.paragraph.end}
        for passage in contents.passages[:100]
    ]  # fmt: skip
    body = {"format": "csv", "questions": [{"question": "Q?", "places": places}] * 20}
    with _served(path) as client, ThreadPoolExecutor(20) as pool:
        exports = [pool.submit(_timed_post, client, "/page/export", body) for _ in range(20)]
        beside = list(_beside(exports, lambda: _timed(lambda: client.get("/page/documents"))))
    return {"exports_s": max(one.result() for one in exports), "sidebar_most_s": max(beside)}


def _library(folder: Path, texts: dict[str, str]) -> Path:
    """Index texts by the quick embedder; return the library's folder."""
    for name, text in texts.items():
        path = folder / "docs" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    with Library.open(folder / "library", model="hashing") as library:
        library.add(folder / "docs")
    return folder / "library"


@contextmanager
def _served(library: Path) -> Iterator[httpx.Client]:
    with (
        suppress(subprocess.TimeoutExpired),  # told to end, it computes on
        serving(library) as (address, process),
        httpx.Client(base_url=address, timeout=_PATIENCE) as client,
    ):
        try:
            yield client
        finally:
            process.send_signal(signal.SIGTERM)
            time.sleep(_ENDING)
            process.kill()


def _beside(others: list["Future[float]"], action: Callable[[], float]) -> Iterator[float]:
    """Repeat an action until the others are done, once at least."""
    while True:
        yield action()
        if all(other.done() for other in others):
            return
        time.sleep(0.05)


def _timed(action: Callable[[], object]) -> float:
    began = time.perf_counter()
    action()
    return time.perf_counter() - began


def _timed_post(client: httpx.Client, path: str, body: dict[str, Any]) -> float:
    """Return the seconds until an answer or a refusal, at most `_PATIENCE`."""

    def post() -> None:
        with suppress(httpx.TimeoutException):  # counts as long as was waited
            client.post(path, json=body)

    return _timed(post)


def _quoth(*arguments: str) -> None:
    code = "import sys; from rag.cli.main import run; sys.exit(run(sys.argv[1:]))"
    command = (sys.executable, "-P", "-c", code, *arguments)
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def _memory(key: str) -> int:
    """Return a figure of this process's memory in MiB, as Linux says it."""
    status = Path("/proc/self/status").read_text()
    match = re.search(rf"{key}:\s+(\d+)", status)
    return int(match[1]) >> 10 if match else 0


MEASUREMENTS = {one.__name__: one for one in (question, line, unchanged, citation, export)}


def main() -> None:
    """Measure what the command line names."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help="; ".join(MEASUREMENTS))
    parser.add_argument("--against", type=Path, help="another checkout")
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--mebibytes", type=float, default=4)
    parser.add_argument("--once", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    names = given.names or list(MEASUREMENTS)
    if given.once:
        with tempfile.TemporaryDirectory(prefix="quoth-worst-") as folder:
            print(json.dumps(MEASUREMENTS[names[0]](Path(folder), given.mebibytes)))
        return
    here = Path(__file__).resolve().parents[2]
    checkouts = [here] if given.against is None else [given.against.resolve(), here]
    for name in names:
        for _ in range(given.rounds):
            for checkout in checkouts:
                figures = _measured(name, given.mebibytes, checkout)
                shown = "  ".join(f"{key} {value:.3g}" for key, value in figures.items())
                print(f"{name:10} {checkout}  {shown}", flush=True)


def _measured(name: str, mebibytes: float, checkout: Path) -> Figures:
    """Measure with another checkout's code, in a process of its own."""
    command = [sys.executable, "-P", __file__, name, "--once", "--mebibytes", str(mebibytes)]
    done = subprocess.run(
        command,
        check=True,
        stdout=subprocess.PIPE,
        cwd=checkout,  # where `python -m` looks first
        env={**os.environ, "PYTHONPATH": str(checkout)},
    )
    figures: Figures = json.loads(done.stdout.splitlines()[-1])
    return figures


if __name__ == "__main__":
    main()
