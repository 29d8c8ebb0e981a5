"""All interfaces asked the same questions.

    python -m evaluation.serving.interfaces [SET] [--library DIR] [-k 5]

Asks each question in Python, on the command line, by REST, by MCP (over stdio, and over HTTP in
both versions of its protocol) and by gradio_client, and compares the JSON objects whole: passages,
scores, citations, highlights, reasons. SET is a BEIR folder or a file of labelled questions; of
it only the questions are taken. Without one, the seeds' own are asked of the seeds.
"""

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import httpx
from anyio.from_thread import BlockingPortal, start_blocking_portal
from gradio_client import Client as GradioClient
from mcp import Client, StdioServerParameters

from evaluation.datasets.beir import read_dataset
from evaluation.datasets.labels import read_labels, seed_questions
from evaluation.serving.server import of_library, serving
from rag.default_library import open_to_ask

Ask = Callable[[str], dict[str, Any]]
"""Gives the JSON object of a question's answer."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A question that two interfaces answer differently."""

    question: str
    interface: str
    expected: dict[str, Any]
    """What Python gives."""
    got: dict[str, Any]


@contextmanager
def interfaces(library: Path | None, k: int = 5) -> Iterator[dict[str, Ask]]:
    """Give every interface over a library, or the seeds, by name; Python first."""
    with ExitStack() as stack:
        opened = stack.enter_context(open_to_ask(library, None).library)
        address, _ = stack.enter_context(serving(library))
        portal = stack.enter_context(start_blocking_portal())
        rest = stack.enter_context(httpx.Client(timeout=300))
        stdio = StdioServerParameters(
            command=sys.executable,
            args=["-m", "rag", "mcp", *of_library(library)],
            env=dict(os.environ),
        )
        mcp = {
            "MCP stdio": Client(stdio),
            "MCP HTTP": Client(f"{address}/mcp"),
            "MCP HTTP, handshake": Client(f"{address}/mcp", mode="legacy"),
        }
        asks: dict[str, Ask] = {
            "Python": lambda question: opened.ask(question, k=k).to_dict(),
            "command line": partial(_by_command, library, k),
            "REST": partial(_by_rest, rest, address, k),
            **{name: _by_mcp(stack, portal, client, k) for name, client in mcp.items()},
        }
        gradio = GradioClient(
            f"{address}/gradio", verbose=False, analytics_enabled=False, download_files=False
        )
        stack.callback(gradio.close)
        asks["gradio_client"] = lambda q: dict(gradio.predict(question=q, k=k, api_name="/ask"))
        yield asks


def compare(asks: Mapping[str, Ask], questions: Sequence[str]) -> list[Difference]:
    """Return every answer that is not what the first interface gives."""
    (_, first), *others = asks.items()
    found = []
    for question in questions:
        expected = json.loads(json.dumps(first(question)))
        for name, ask in others:
            got = ask(question)
            if got != expected:
                found.append(Difference(question, name, expected, got))
    return found


def questions_of(given: Path | None) -> list[str]:
    """Return the questions of a labelled set, those without an answer as well; or the seeds'."""
    if given is None:
        return seed_questions()
    if given.is_dir():
        dataset = read_dataset(given)
        return [*dataset.queries.values(), *dataset.unanswerable.values()]
    return [label.question for label in read_labels(given)]


def _by_command(library: Path | None, k: int, question: str) -> dict[str, Any]:
    command = [sys.executable, "-m", "rag", "ask", "--json", "-k", str(k), *of_library(library)]
    done = subprocess.run([*command, "--", question], capture_output=True, text=True, check=False)
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def _by_rest(client: httpx.Client, address: str, k: int, question: str) -> dict[str, Any]:
    response = client.post(f"{address}/api/ask", json={"question": question, "k": k})
    told: dict[str, Any] = response.raise_for_status().json()
    return told


def _by_mcp(stack: ExitStack, portal: BlockingPortal, client: Client, k: int) -> Ask:
    stack.enter_context(portal.wrap_async_context_manager(client))

    def ask(question: str) -> dict[str, Any]:
        given = {"question": question, "k": k}
        result = portal.call(partial(client.call_tool, "ask", given))
        told: dict[str, Any] = result.structured_content
        return told

    return ask


def main() -> None:
    """Ask, compare, and print what differs."""
    options = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    options.add_argument("set", nargs="?", type=Path)
    options.add_argument("--library", type=Path, metavar="DIR")
    options.add_argument("-k", type=int, default=5)
    chosen = options.parse_args()
    questions = questions_of(chosen.set)
    with interfaces(chosen.library, chosen.k) as asks:
        found = compare(asks, questions)
        print(f"{len(questions)} questions asked by {len(asks)} interfaces: {', '.join(asks)}.")
    for one in found:
        print(f"{one.interface} differs: {one.question}")
    print(f"{len(found)} answers differ.")
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
