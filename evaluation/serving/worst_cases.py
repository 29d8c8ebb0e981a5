"""Measure the worst case of a question, a file and a request.

    python -m evaluation.serving.worst_cases [NAME...] [--against FOLDER]

With `--against FOLDER`, another checkout is measured too, the two taking turns, so that both run
under the same load. Each measurement runs in a separate process:

    question    two questions of 655 exclusions at once over 5,000 passages, then two of 32, the
                most that are read; ordinary questions meanwhile
    line        a text of one line (`--mebibytes`): memory above the process's own, and time
    unchanged   `quoth index` over 2,700 unchanged texts next to 2,000 files of an unread kind
    citation    opening a citation among 4,000 documents
    export      20 exports at once of 2,000 passages each from a document of 260 kB
"""

import json
import os
import re
import resource
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import click
import httpx

from evaluation.serving.server import serving  # nothing that an older checkout lacks
from rag import Library

_SENTENCE = "The clerk of the harbour wrote a letter to the council about the price of salt. "
_REQUEST_SECONDS = 60.0
"""After which a request counts as never answered."""
_STOP_SECONDS = 3.0
"""In which a server may stop of its own accord."""
Figures = dict[str, float]


def question(folder: Path, _: float) -> Figures:
    """Return the seconds of hostile questions, and the longest of ordinary ones meanwhile."""
    lines = (f"Harbour note {n}: {_SENTENCE * 8}" for n in range(5_000))
    library = _make_library(folder, {"notes.txt": "\n\n".join(lines)})
    ordinary = {"question": "What did the clerk write?"}
    figures = {}
    for count in (32, 655):
        exclusions = " ".join(f"-{chr(code)}" for code in range(0x4E00, 0x4E00 + count))
        hostile = {"question": f"harbour {exclusions}", "k": 100}
        with _serving(library) as client, ThreadPoolExecutor(2) as pool:
            _time_post(client, "/api/ask", ordinary)  # loads the model
            running = [pool.submit(_time_post, client, "/api/ask", hostile) for _ in range(2)]
            meanwhile = list(
                _repeat_during(running, lambda: _time_post(client, "/api/ask", ordinary))
            )
            figures[f"{count}_s"] = max(future.result() for future in running)
            figures[f"beside_{count}_s"] = max(meanwhile)
    return figures


def line(folder: Path, mebibytes: float) -> Figures:
    """Return what indexing one line takes: MiB above the start, and CPU seconds per MiB."""
    length = int(mebibytes * (1 << 20))
    text = (_SENTENCE * (length // len(_SENTENCE) + 1))[:length]
    (folder / "docs").mkdir()
    (folder / "docs" / "line.txt").write_text(text)
    with Library.open(folder / "library") as library:
        library.add_readings([])
        library.warm_up()
        start_mib = _memory_mib("VmRSS")
        start = time.process_time()
        library.add(folder / "docs")
        seconds = time.process_time() - start
    return {
        "mib_above_start": _memory_mib("VmHWM") - start_mib,
        "cpu_s_per_mib": seconds / mebibytes,
    }


def unchanged(folder: Path, _: float) -> Figures:
    """Return the CPU seconds of an indexing run that finds nothing new."""
    texts = {f"{n % 30}/note {n}.txt": f"Note {n}. {_SENTENCE}" for n in range(2_700)}
    others = {f"{n % 30}/picture {n}.jpg": "x" for n in range(2_000)}
    _make_library(folder, texts | others)
    time.sleep(2)  # a file written a moment ago is read again, as it may still be changing
    command = ("index", "--library", str(folder / "library"), str(folder / "docs"))
    _run_quoth(*command)
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    _run_quoth(*command)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return {"cpu_s": after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime}


def citation(folder: Path, _: float) -> Figures:
    """Return the shortest of 50 look-ups of a passage by its id, in milliseconds."""
    path = _make_library(folder, {f"{n}.txt": f"Note {n}. {_SENTENCE}" for n in range(4_000)})
    with Library.open(path) as library:
        passage_id = library.ask("What did the clerk write?").passages[0].citation.id
        seconds = [_time(lambda: library.passage(passage_id)) for _ in range(50)]
    return {"ms": 1000 * min(seconds)}


def export(folder: Path, _: float) -> Figures:
    """Return the seconds of 20 exports at once, and the longest of the sidebar's meanwhile."""
    paragraphs = "\n\n".join(f"{n}. {_SENTENCE}" for n in range(3_000))
    path = _make_library(folder, {"long.txt": paragraphs})
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
    with _serving(path) as client, ThreadPoolExecutor(20) as pool:
        running = [pool.submit(_time_post, client, "/page/export", body) for _ in range(20)]
        meanwhile = list(
            _repeat_during(running, lambda: _time(lambda: client.get("/page/documents")))
        )
    return {
        "exports_s": max(future.result() for future in running),
        "sidebar_most_s": max(meanwhile),
    }


def _make_library(folder: Path, texts: dict[str, str]) -> Path:
    """Index texts with the hashing embedder; return the library's folder."""
    for name, text in texts.items():
        path = folder / "docs" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    with Library.open(folder / "library", model="hashing") as library:
        library.add(folder / "docs")
    return folder / "library"


@contextmanager
def _serving(library: Path) -> Iterator[httpx.Client]:
    with (
        suppress(subprocess.TimeoutExpired),  # a busy server does not stop when told to
        serving(library) as (address, process),
        httpx.Client(base_url=address, timeout=_REQUEST_SECONDS) as client,
    ):
        try:
            yield client
        finally:
            process.send_signal(signal.SIGTERM)
            time.sleep(_STOP_SECONDS)
            process.kill()


def _repeat_during(
    running: Sequence["Future[float]"], action: Callable[[], float]
) -> Iterator[float]:
    """Repeat an action until others are done, at least once; yield its results."""
    while True:
        yield action()
        if all(future.done() for future in running):
            return
        time.sleep(0.05)


def _time(action: Callable[[], object]) -> float:
    start = time.perf_counter()
    action()
    return time.perf_counter() - start


def _time_post(client: httpx.Client, path: str, body: dict[str, Any]) -> float:
    """Return the seconds until an answer or a refusal, `_REQUEST_SECONDS` at most."""

    def post() -> None:
        with suppress(httpx.TimeoutException):  # the wait counts as the time
            client.post(path, json=body)

    return _time(post)


def _run_quoth(*arguments: str) -> None:
    code = "import sys; from rag.cli.main import run; sys.exit(run(sys.argv[1:]))"
    command = (sys.executable, "-P", "-c", code, *arguments)
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def _memory_mib(key: str) -> int:
    """Return a figure of this process's memory as Linux reports it in /proc/self/status."""
    status = Path("/proc/self/status").read_text()
    match = re.search(rf"{key}:\s+(\d+)", status)
    return int(match[1]) >> 10 if match else 0


MEASUREMENTS = {
    measurement.__name__: measurement
    for measurement in (question, line, unchanged, citation, export)
}


@click.command(help=f"Run measurements of worst cases; by default all: {', '.join(MEASUREMENTS)}.")
@click.argument("names", nargs=-1, metavar="[NAME]...", type=click.Choice([*MEASUREMENTS]))
@click.option("--against", type=click.Path(exists=True, file_okay=False, path_type=Path),
              metavar="FOLDER", help="Another checkout to compare with.")  # fmt: skip
@click.option("--rounds", default=1, show_default=True, help="How often each is run.")
@click.option("--mebibytes", default=4.0, show_default=True, help="Length of the line.")
@click.option("--once", is_flag=True, hidden=True)
def main(
    names: Sequence[str], against: Path | None, rounds: int, mebibytes: float, once: bool
) -> None:
    """Run the measurements and print their figures."""
    if once:
        with tempfile.TemporaryDirectory(prefix="quoth-worst-") as folder:
            print(json.dumps(MEASUREMENTS[names[0]](Path(folder), mebibytes)))
        return
    here = Path(__file__).resolve().parents[2]
    checkouts = [here] if against is None else [against.resolve(), here]
    for name in names or MEASUREMENTS:
        for _ in range(rounds):
            for checkout in checkouts:
                figures = _measure_checkout(name, mebibytes, checkout)
                text = "  ".join(f"{key} {value:.3g}" for key, value in figures.items())
                print(f"{name:10} {checkout}  {text}", flush=True)


def _measure_checkout(name: str, mebibytes: float, checkout: Path) -> Figures:
    """Run a measurement with another checkout's code, in a separate process."""
    command = [sys.executable, "-P", __file__, name, "--once", "--mebibytes", str(mebibytes)]
    process = subprocess.run(
        command,
        check=True,
        stdout=subprocess.PIPE,
        cwd=checkout,  # where `python -m` looks first
        env={**os.environ, "PYTHONPATH": str(checkout)},
    )
    figures: Figures = json.loads(process.stdout.splitlines()[-1])
    return figures


if __name__ == "__main__":
    main()
