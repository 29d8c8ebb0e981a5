"""Many people asking at once: python -m evaluation.load [--people 50] [--seconds 60] [--json FILE].

Starts `quoth chat` over the seed documents and asks their questions through its own route, each
person one after another without a pause; then the same questions in process. Told are the times,
their ratio, every refusal, and the server's memory before and after.
"""

import argparse
import asyncio
import json
import re
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import httpx
import numpy as np

from evaluation.serving import serving
from rag.opening import open_to_ask, seed_documents


@dataclass(frozen=True, slots=True)
class Figures:
    """What was measured."""

    people: int
    seconds: float
    questions: int
    busy: int
    """Questions turned away since too many waited."""
    errors: int
    per_second: float
    p50_ms: float
    p95_ms: float
    p99_ms: float
    in_process_per_second: float
    in_process_p50_ms: float
    ratio: float
    """Questions a second through the page's route, over those in process."""
    memory_before_mb: float
    memory_after_mb: float


def measure(people: int, seconds: float) -> Figures:
    """Ask for so long, in a crowd and then alone."""
    questions = _questions()
    alone = _in_process(questions, min(seconds, 20) / 2)
    with serving() as (address, process):
        asyncio.run(_crowd(address, questions, 4, 5))  # the model and the threads warm
        before = _memory(process.pid)
        took, busy, errors = asyncio.run(_crowd(address, questions, people, seconds))
        after = _memory(process.pid)
    # Before and after, so that what else the machine does weighs on both alike.
    alone += _in_process(questions, min(seconds, 20) / 2)
    p50, p95, p99 = (float(np.percentile(took, p)) for p in (50, 95, 99))
    per_second = len(took) / seconds
    alone_per_second = 1_000 / float(np.mean(alone))
    return Figures(
        people,
        seconds,
        len(took),
        busy,
        errors,
        per_second,
        p50,
        p95,
        p99,
        alone_per_second,
        float(np.percentile(alone, 50)),
        per_second / alone_per_second,
        before,
        after,
    )


async def _crowd(
    address: str, questions: Sequence[str], people: int, seconds: float
) -> tuple[list[float], int, int]:
    took: list[float] = []
    refused = {"busy": 0, "errors": 0}
    until = time.perf_counter() + seconds

    async def person(client: httpx.AsyncClient, number: int) -> None:
        at = number
        while time.perf_counter() < until:
            began = time.perf_counter()
            asked = {"question": questions[at % len(questions)]}
            answer = await client.post(f"{address}/page/ask", json=asked)
            if answer.status_code == 200:
                took.append((time.perf_counter() - began) * 1_000)
            else:
                refused["busy" if answer.status_code == 503 else "errors"] += 1
            at += 1

    limits = httpx.Limits(max_connections=people, max_keepalive_connections=people)
    async with httpx.AsyncClient(limits=limits, timeout=60) as client:
        await asyncio.gather(*(person(client, number) for number in range(people)))
    return took, refused["busy"], refused["errors"]


def _in_process(questions: Sequence[str], seconds: float) -> list[float]:
    took: list[float] = []
    with open_to_ask(None, None).library as library:
        for question in questions:
            library.ask(question)
        until = time.perf_counter() + seconds
        while time.perf_counter() < until:
            for question in questions:
                began = time.perf_counter()
                library.ask(question)
                took.append((time.perf_counter() - began) * 1_000)
    return took


def _memory(process: int) -> float:
    """Return a process's resident memory in megabytes, where the system tells it."""
    try:
        status = Path(f"/proc/{process}/status").read_text()
    except OSError:
        return float("nan")
    return int(re.findall(r"VmRSS:\s+(\d+)", status)[0]) / 1024


def _questions() -> list[str]:
    path = seed_documents()[0].parent / "questions.jsonl"
    return [json.loads(line)["question"] for line in path.read_text("utf-8").splitlines()]


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    options.add_argument("--people", type=int, default=50)
    options.add_argument("--seconds", type=float, default=60)
    options.add_argument("--json", type=Path, metavar="FILE")
    chosen = options.parse_args()
    figures = asdict(measure(chosen.people, chosen.seconds))
    for name, figure in figures.items():
        print(f"{name:24} {figure:,.2f}" if isinstance(figure, float) else f"{name:24} {figure:,}")
    if chosen.json:
        chosen.json.write_text(json.dumps(figures, indent=2))


if __name__ == "__main__":
    main()
