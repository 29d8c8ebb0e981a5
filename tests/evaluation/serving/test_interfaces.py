"""The contract of all interfaces: the same question gets the same object."""

from pathlib import Path
from typing import Any

import pytest
from tests_support import BASRA, QOM, SEEDS

from evaluation.serving.interfaces import compare, interfaces, read_questions
from rag import Library


@pytest.fixture
def seeds(tmp_path: Path) -> Path:
    """Return a library of the seed documents, for use with the real model."""
    with Library.open(tmp_path / "library") as library:
        library.add([SEEDS / BASRA, SEEDS / QOM])
    return tmp_path / "library"


@pytest.mark.slow
def test_every_interface_gives_the_same_answers(seeds: Path) -> None:
    questions = read_questions(None)
    assert len(questions) == 16
    with interfaces(seeds, k=3) as asks:
        assert list(asks) == ["Python", "command line", "REST", "MCP stdio", "MCP HTTP",
                              "MCP HTTP, handshake", "gradio_client"]  # fmt: skip
        assert compare(asks, questions) == []


def test_the_smallest_difference_is_reported() -> None:
    def answer(score: float) -> dict[str, Any]:
        return {"passages": [{"text": "x", "score": score}]}

    asks = {
        "Python": lambda q: {"passages": tuple(answer(0.5)["passages"])},
        "same": lambda q: answer(0.5),
        "other": lambda q: answer(0.5 if q == "A?" else 0.51),
    }
    [difference] = compare(asks, ["A?", "B?"])
    assert (difference.question, difference.interface) == ("B?", "other")
    assert (difference.expected, difference.actual) == (answer(0.5), answer(0.51))
