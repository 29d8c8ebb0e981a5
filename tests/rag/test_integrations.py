"""What every framework's retriever hands on, and what importing one without its framework says."""

import subprocess
import sys

import pytest
from tests_support import QOM, ROOT

from rag import Library
from rag.integrations.quotes import metadata, passages_of

ANSWERED = "What do Iranian media based in Qom feature?"
UNANSWERED = "How long is the Danube?"


@pytest.mark.parametrize(
    ("module", "package"),
    [("langchain", "langchain_core"), ("llamaindex", "llama_index"), ("haystack", "haystack")],
)
def test_without_the_framework_its_extra_is_named(module: str, package: str) -> None:
    code = (
        f"import sys; sys.modules[{package!r}] = None\n"
        "from rag import QuothError\n"
        f"try: import rag.integrations.{module}\n"
        "except ImportError as error: print(isinstance(error, QuothError), error)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert done.stdout == (
        f"True {package} is not installed. Install it with: pip install 'quoth[{module}]'\n"
    )


def test_without_an_answer_nothing_is_given_unless_misses_are_wanted(
    seeds_library: Library,
) -> None:
    answer, declined = seeds_library.ask(ANSWERED, k=3), seeds_library.ask(UNANSWERED, k=3)
    assert passages_of(answer, nearest_misses=False) == answer.passages
    assert len(answer.passages) == 3
    assert passages_of(declined, nearest_misses=False) == ()
    assert passages_of(declined, nearest_misses=True) == declined.passages
    assert len(declined.passages) == 3


def test_metadata_leads_to_the_very_place(seeds_library: Library) -> None:
    answer = seeds_library.ask(ANSWERED, k=3)
    for passage in answer.passages:
        told = metadata(answer, passage)
        assert seeds_library.passage(told["id"]).passage.text == passage.text
        assert told["answer_sentence"] in passage.text
    first = answer.passages[0]
    told = metadata(answer, first)
    assert told["cited"] == f"[1] {QOM}, paragraph 8"
    assert "path" not in told  # of this machine, and no one else's business
    assert told["answer_sentence"].startswith("Moreover, Iranian media based in Qom")
    assert (told["score"], told["answered"], told["state"]) == (first.score, True, "answered")
    assert told["confidence"] == answer.confidence
