"""Each framework's retriever, and one way to ask them all."""

import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import pytest
from tests_support import SEEDS

os.environ.setdefault("HAYSTACK_TELEMETRY_ENABLED", "False")

Found = list[tuple[str, float, Mapping[str, Any]]]
"""Texts, scores and metadata, best first."""


@dataclass(frozen=True, slots=True)
class Framework:
    """How to make a framework's retriever, and what it gives for a question."""

    make: Callable[..., Any]
    """Takes a library, `k`, `where` and `nearest_misses`."""
    ask: Callable[[Any, str], Found]


def langchain() -> Framework:
    from rag.integrations.langchain import QuothRetriever

    return Framework(
        lambda library, **options: QuothRetriever(library=library, **options),
        lambda retriever, question: [
            (one.page_content, one.metadata["score"], one.metadata)
            for one in retriever.invoke(question)
        ],
    )


def llamaindex() -> Framework:
    from rag.integrations.llamaindex import QuothRetriever

    return Framework(
        QuothRetriever,
        lambda retriever, question: [
            (one.text, one.score, one.metadata) for one in retriever.retrieve(question)
        ],
    )


def haystack() -> Framework:
    from rag.integrations.haystack import QuothRetriever

    return Framework(
        lambda library, k=5, **options: QuothRetriever(library, top_k=k, **options),
        lambda retriever, question: [
            (one.content, one.score, one.meta) for one in retriever.run(question)["documents"]
        ],
    )


FRAMEWORKS = {
    "langchain_core": langchain,
    "llama_index.core": llamaindex,
    "haystack": haystack,
}


@pytest.fixture
def anyio_backend() -> str:
    """Run asynchronous tests on what every framework runs on."""
    return "asyncio"


@pytest.fixture(params=FRAMEWORKS)
def framework(request: pytest.FixtureRequest) -> Framework:
    """Give each framework that is installed."""
    pytest.importorskip(request.param, reason="run python -m tests.frameworks")
    return FRAMEWORKS[request.param]()


@pytest.fixture(scope="session")
def seed_questions() -> list[str]:
    """Give every labelled question about the seeds, those without an answer too."""
    lines = (SEEDS / "questions.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line)["question"] for line in lines]
