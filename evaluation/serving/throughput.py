"""REST and MCP compared with calls in the same process.

    python -m evaluation.serving.throughput [--seconds 5] [--json FILE]

The seeds' questions, asked one after another without a pause by 1, 10 and 50 clients: by
`/api/ask`, by the `ask` tool at `/mcp`, and in process by as many threads, of which no more are
let in at once than the server lets in. All take turns in one run. Both kinds of HTTP client are
the same plain one, so that what differs is the server's.
"""

import argparse
import asyncio
import os
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from evaluation.datasets.labels import seed_questions
from evaluation.serving.server import serving
from evaluation.speed.timing import Spread, in_turns, spread, write_json
from rag.default_library import open_to_ask
from rag.library import Library

CLIENTS = (1, 10, 50)
Request = Callable[[str], tuple[str, dict[str, Any]]]
"""Makes the path and the body that ask a question."""


@dataclass(frozen=True, slots=True)
class Figures:
    """What one way of asking gave with so many clients."""

    way: str
    clients: int
    per_second: float
    """Answers a second, the mean of all turns."""
    milliseconds: Spread
    refused: int


def measure(seconds: float, rounds: int) -> list[Figures]:
    """Ask in every way, in turns of so many seconds."""
    questions = seed_questions()
    took: dict[str, list[float]] = defaultdict(list)
    refused: dict[str, int] = defaultdict(int)
    with ExitStack() as stack:
        library = stack.enter_context(open_to_ask(None, None).library)
        address, _ = stack.enter_context(serving())

        def turn(way: str, clients: int) -> float:
            name = f"{way}, {clients}"
            began = time.perf_counter()
            if way == "in process":
                found = _in_process(library, questions, clients, seconds)
            else:
                asked = _crowd(address, _REQUESTS[way], questions, clients, seconds)
                found, lost = asyncio.run(asked)
                refused[name] += lost
            took[name] += found
            return len(found) / (time.perf_counter() - began)

        ways = [(way, clients) for clients in CLIENTS for way in ("in process", *_REQUESTS)]
        for way, clients in ways[:3]:  # models and threads warm
            turn(way, clients)
        took.clear()
        turns = {f"{way}, {n}": lambda way=way, n=n: turn(way, n) for way, n in ways}
        rates = in_turns(turns, rounds)
    figures = []
    for way, clients in ways:
        name = f"{way}, {clients}"
        rate = round(sum(rates[name]) / rounds, 1)
        figures.append(Figures(way, clients, rate, spread(took[name]), refused[name]))
    return figures


def _by_rest(question: str) -> tuple[str, dict[str, Any]]:
    return "/api/ask", {"question": question}


def _by_mcp(question: str) -> tuple[str, dict[str, Any]]:
    call = {"name": "ask", "arguments": {"question": question}}
    return "/mcp", {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": call}


_REQUESTS: dict[str, Request] = {"REST": _by_rest, "MCP": _by_mcp}


async def _crowd(
    address: str, request: Request, questions: Sequence[str], clients: int, seconds: float
) -> tuple[list[float], int]:
    """Return how many seconds each answer took, and how many were refused."""
    took: list[float] = []
    refused = 0
    until = time.perf_counter() + seconds

    async def one(client: httpx.AsyncClient, at: int) -> None:
        nonlocal refused
        while time.perf_counter() < until:
            path, body = request(questions[at % len(questions)])
            began = time.perf_counter()
            answer = await client.post(address + path, json=body)
            if answer.status_code == 200 and '"answered"' in answer.text:
                took.append(time.perf_counter() - began)
            else:
                refused += 1
            at += 1

    accepted = {"accept": "application/json, text/event-stream"}  # as MCP asks of its clients
    limits = httpx.Limits(max_connections=clients, max_keepalive_connections=clients)
    async with httpx.AsyncClient(limits=limits, timeout=60, headers=accepted) as client:
        await asyncio.gather(*(one(client, number) for number in range(clients)))
    return took, refused


def _in_process(
    library: Library, questions: Sequence[str], clients: int, seconds: float
) -> list[float]:
    took: list[float] = []
    until = time.perf_counter() + seconds

    def one(at: int) -> None:
        while time.perf_counter() < until:
            began = time.perf_counter()
            inside.submit(library.ask, questions[at % len(questions)]).result()
            took.append(time.perf_counter() - began)
            at += 1

    with (
        ThreadPoolExecutor(os.cpu_count() or 2) as inside,  # first come, first served
        ThreadPoolExecutor(clients) as people,
    ):
        list(people.map(one, range(clients)))
    return took


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    options.add_argument("--seconds", type=float, default=5)
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--json", type=Path, metavar="FILE")
    chosen = options.parse_args()
    write_json(chosen.json, {"throughput": measure(chosen.seconds, chosen.rounds)})


if __name__ == "__main__":
    main()
