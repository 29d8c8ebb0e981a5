"""Compare the answers of all interfaces.

    python -m evaluation.serving.interfaces [SET] [--library DIR] [-k 5]

Asks each question in Python, on the command line, by REST, by MCP (over stdio, and over HTTP in
both versions of its protocol) and by gradio_client, and compares the whole JSON objects: passages,
scores, citations, highlights, reasons. SET is a BEIR folder or a file of labelled questions, of
which only the questions are used. Without one, the seed questions are asked of the seed documents.
"""

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

import click
import httpx
from anyio.from_thread import BlockingPortal, start_blocking_portal
from gradio_client import Client as GradioClient
from mcp import Client, StdioServerParameters

from evaluation.cli import run
from evaluation.datasets.beir import read_dataset
from evaluation.datasets.labels import read_labels
from evaluation.serving.server import library_options, serving
from rag.default_library import open_to_ask, seed_questions

Ask = Callable[[str], dict[str, Any]]
"""Takes a question and returns the JSON object of its answer."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A question that an interface answers differently from Python."""

    question: str
    interface: str
    expected: dict[str, Any]
    """The answer in Python."""
    actual: dict[str, Any]


@contextmanager
def interfaces(library: Path | None, k: int = 5) -> Iterator[dict[str, Ask]]:
    """Yield every interface to a library, or to the seed documents, by name; Python first."""
    with ExitStack() as stack:
        opened = stack.enter_context(open_to_ask(library, None).library)
        address, _ = stack.enter_context(serving(library))
        portal = stack.enter_context(start_blocking_portal())
        rest = stack.enter_context(httpx.Client(timeout=300))
        stdio = StdioServerParameters(
            command=sys.executable,
            args=["-m", "rag", "mcp", *library_options(library)],
            env=dict(os.environ),
        )
        mcp = {
            "MCP stdio": Client(stdio),
            "MCP HTTP": Client(f"{address}/mcp"),
            "MCP HTTP, handshake": Client(f"{address}/mcp", mode="legacy"),
        }
        asks: dict[str, Ask] = {
            "Python": lambda question: opened.ask(question, k=k).to_dict(),
            "command line": partial(_ask_command_line, library, k),
            "REST": partial(_ask_rest, rest, address, k),
            **{name: _mcp_ask(stack, portal, client, k) for name, client in mcp.items()},
        }
        gradio = GradioClient(
            f"{address}/gradio", verbose=False, analytics_enabled=False, download_files=False
        )
        stack.callback(gradio.close)
        asks["gradio_client"] = lambda question: dict(
            gradio.predict(question=question, k=k, api_name="/ask")
        )
        yield asks


def compare(asks: Mapping[str, Ask], questions: Sequence[str]) -> list[Difference]:
    """Return every answer that differs from the first interface's."""
    (_, reference), *others = asks.items()
    differences = []
    for question in questions:
        expected = json.loads(json.dumps(reference(question)))
        for name, ask in others:
            actual = ask(question)
            if actual != expected:
                differences.append(Difference(question, name, expected, actual))
    return differences


def read_questions(path: Path | None) -> list[str]:
    """Return the questions of a labelled set, unanswerable ones included; or the seed questions."""
    if path is None:
        return seed_questions()
    if path.is_dir():
        dataset = read_dataset(path)
        return [*dataset.queries.values(), *dataset.unanswerable.values()]
    return [label.question for label in read_labels(path)]


def _ask_command_line(library: Path | None, k: int, question: str) -> dict[str, Any]:
    command = [sys.executable, "-m", "rag", "ask", "--json", "-k", str(k)]
    process = subprocess.run(
        [*command, *library_options(library), "--", question],
        capture_output=True,
        text=True,
        check=False,
    )
    answer: dict[str, Any] = json.loads(process.stdout)
    return answer


def _ask_rest(client: httpx.Client, address: str, k: int, question: str) -> dict[str, Any]:
    response = client.post(f"{address}/api/ask", json={"question": question, "k": k})
    answer: dict[str, Any] = response.raise_for_status().json()
    return answer


def _mcp_ask(stack: ExitStack, portal: BlockingPortal, client: Client, k: int) -> Ask:
    stack.enter_context(portal.wrap_async_context_manager(client))

    def ask(question: str) -> dict[str, Any]:
        arguments = {"question": question, "k": k}
        result = portal.call(partial(client.call_tool, "ask", arguments))
        answer: dict[str, Any] = result.structured_content
        return answer

    return ask


@click.command()
@click.argument(
    "questions_path", metavar="[SET]", required=False, type=click.Path(exists=True, path_type=Path)
)
@click.option("--library", type=click.Path(path_type=Path), metavar="DIR", help="Ask this library.")
@click.option("-k", default=5, show_default=True, help="Passages per answer.")
def main(questions_path: Path | None, library: Path | None, k: int) -> None:
    """Ask every interface the same questions and print where the answers differ."""
    questions = read_questions(questions_path)
    with interfaces(library, k) as asks:
        differences = compare(asks, questions)
        print(f"{len(questions)} questions asked by {len(asks)} interfaces: {', '.join(asks)}.")
    for difference in differences:
        print(f"{difference.interface} differs: {difference.question}")
    print(f"{len(differences)} answers differ.")
    sys.exit(1 if differences else 0)


if __name__ == "__main__":
    run(main)
