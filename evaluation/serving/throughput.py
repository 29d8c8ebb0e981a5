"""Measure the throughput of REST and MCP against calls in the same process.

    python -m evaluation.serving.throughput [--seconds 5] [--json FILE]

The seed questions are asked one after another without a pause by 1, 10 and 50 clients: through
`/api/ask`, through the `ask` tool at `/mcp`, and in process by as many threads, of which no more
run at once than the server admits. All take turns in one run. REST and MCP share one plain HTTP
client, so that any difference is the server's.
"""

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

import click
import httpx

from evaluation.cli import JSON_OPTION, print_json, run
from evaluation.serving.server import serving
from evaluation.speed.timing import Spread, in_turns, spread
from rag.default_library import open_to_ask, seed_questions
from rag.library import Library

CLIENTS = (1, 10, 50)
Request = Callable[[str], tuple[str, dict[str, Any]]]
"""Takes a question and returns the path and the JSON body of the request that asks it."""


@dataclass(frozen=True, slots=True)
class Figures:
    """The results of one way of asking with one number of clients."""

    way: str
    clients: int
    per_second: float
    """Answers per second, averaged over all turns."""
    milliseconds: Spread
    refused: int


def measure(seconds: float, rounds: int) -> list[Figures]:
    """Ask in every way, in turns of some seconds each."""
    questions = seed_questions()
    answer_seconds: dict[str, list[float]] = defaultdict(list)
    refused: dict[str, int] = defaultdict(int)
    with ExitStack() as stack:
        library = stack.enter_context(open_to_ask(None, None).library)
        address, _ = stack.enter_context(serving())

        def take_turn(way: str, clients: int) -> float:
            name = f"{way}, {clients}"
            start = time.perf_counter()
            if way == "in process":
                times, refusals = _ask_in_process(library, questions, clients, seconds), 0
            else:
                asking = _ask_server(address, _REQUESTS[way], questions, clients, seconds)
                times, refusals = asyncio.run(asking)
            answer_seconds[name] += times
            refused[name] += refusals
            return len(times) / (time.perf_counter() - start)

        ways = [(way, clients) for clients in CLIENTS for way in ("in process", *_REQUESTS)]
        for way, clients in ways[:3]:  # warms up models and threads
            take_turn(way, clients)
        answer_seconds.clear()
        turns = {f"{way}, {n}": lambda way=way, n=n: take_turn(way, n) for way, n in ways}
        rates = in_turns(turns, rounds)
    figures = []
    for way, clients in ways:
        name = f"{way}, {clients}"
        rate = round(sum(rates[name]) / rounds, 1)
        figures.append(Figures(way, clients, rate, spread(answer_seconds[name]), refused[name]))
    return figures


def _rest_request(question: str) -> tuple[str, dict[str, Any]]:
    return "/api/ask", {"question": question}


def _mcp_request(question: str) -> tuple[str, dict[str, Any]]:
    call = {"name": "ask", "arguments": {"question": question}}
    return "/mcp", {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": call}


_REQUESTS: dict[str, Request] = {"REST": _rest_request, "MCP": _mcp_request}


async def _ask_server(
    address: str, request: Request, questions: Sequence[str], clients: int, seconds: float
) -> tuple[list[float], int]:
    """Return the seconds of each answer, and the number of refusals."""
    answer_seconds: list[float] = []
    refused = 0
    end = time.perf_counter() + seconds

    async def ask_repeatedly(client: httpx.AsyncClient, number: int) -> None:
        nonlocal refused
        while time.perf_counter() < end:
            path, body = request(questions[number % len(questions)])
            start = time.perf_counter()
            response = await client.post(address + path, json=body)
            if response.status_code == 200 and '"answered"' in response.text:
                answer_seconds.append(time.perf_counter() - start)
            else:
                refused += 1
            number += 1

    headers = {"accept": "application/json, text/event-stream"}  # which MCP requires of clients
    limits = httpx.Limits(max_connections=clients, max_keepalive_connections=clients)
    async with httpx.AsyncClient(limits=limits, timeout=60, headers=headers) as client:
        await asyncio.gather(*(ask_repeatedly(client, number) for number in range(clients)))
    return answer_seconds, refused


def _ask_in_process(
    library: Library, questions: Sequence[str], clients: int, seconds: float
) -> list[float]:
    """Return the seconds of each answer, waiting for a free thread included."""
    answer_seconds: list[float] = []
    end = time.perf_counter() + seconds

    def ask_repeatedly(number: int) -> None:
        while time.perf_counter() < end:
            start = time.perf_counter()
            admitted.submit(library.ask, questions[number % len(questions)]).result()
            answer_seconds.append(time.perf_counter() - start)
            number += 1

    with (
        ThreadPoolExecutor(os.cpu_count() or 2) as admitted,  # first come, first served
        ThreadPoolExecutor(clients) as people,
    ):
        list(people.map(ask_repeatedly, range(clients)))
    return answer_seconds


@click.command()
@click.option("--seconds", default=5.0, show_default=True, help="Length of a turn.")
@click.option("--rounds", default=3, show_default=True, help="Turns of each way of asking.")
@JSON_OPTION
def main(seconds: float, rounds: int, json_file: Path | None) -> None:
    """Measure REST and MCP against calls in process and print the figures as JSON."""
    print_json(json_file, {"throughput": measure(seconds, rounds)})


if __name__ == "__main__":
    run(main)
