"""gradio_client: its four named endpoints, and that no other route of Gradio is opened."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from api_support import TEXTS, serving_here
from gradio_client import Client
from gradio_client.exceptions import AppError
from tests_support import write_files

from rag import Library

# Gradio's figures of its requests are made by what Pandas will drop.
pytestmark = pytest.mark.filterwarnings("ignore::pandas.errors.Pandas4Warning")

CLOSED = (
    "/gradio/", "/gradio/gradio_api/upload", "/gradio/gradio_api/call/ask",
    "/gradio/gradio_api/run/ask", "/gradio/gradio_api/file=/etc/passwd",
    "/gradio/gradio_api/proxy=http://127.0.0.1/", "/gradio/gradio_api/openapi.json",
    "/gradio/gradio_api/startup-events", "/gradio/gradio_api/component_server",
    "/gradio/monitoring", "/gradio/gradio_api/queue/status", "/gradio/theme.css",
)  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("gradio")
    with Library.open(made / "library", model="hashing") as library:
        library.add(write_files(made / "texts", TEXTS))
    return made


@pytest.fixture(scope="module")
def address(folder: Path) -> Iterator[str]:
    with serving_here(folder / "library") as address:
        yield address


@pytest.fixture(scope="module")
def client(address: str) -> Iterator[Client]:
    made = Client(
        f"{address}/gradio", verbose=False, analytics_enabled=False, download_files=False,
    )  # fmt: skip
    yield made
    made.close()


def test_there_are_four_endpoints(client: Client) -> None:
    told = client.view_api(return_format="dict")
    assert set(told["named_endpoints"]) == {"/ask", "/search", "/read_passage", "/documents"}
    assert told["unnamed_endpoints"] == {}
    names = [one["parameter_name"] for one in told["named_endpoints"]["/ask"]["parameters"]]
    assert names == ["question", "k", "where", "earlier"]


def test_they_tell_what_the_library_tells(client: Client, address: str, folder: Path) -> None:
    with Library.open(folder / "library") as library:
        question = '"Pears are green"'
        answer = client.predict(question=question, k=2, api_name="/ask")
        assert answer == json.loads(json.dumps(library.ask(question, k=2).to_dict()))
        [passage] = answer["passages"]
        named = passage["citation"]["id"]
        read = client.predict(id=named, api_name="/read_passage")
        assert read == json.loads(json.dumps(library.passage(named).to_dict()))
    wanted = {"question": "What grows?", "k": 3, "where": ["*.txt"]}
    found = client.predict(**wanted, api_name="/search")
    assert found == httpx.post(f"{address}/api/search", json=wanted).json()
    assert len(found["passages"]) == 3
    listed = client.predict(find="nuts", api_name="/documents")
    assert [entry["name"] for entry in listed["documents"]] == ["fruit/nuts.txt"]


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"question": " "}, "question: "),
        ({"question": "x", "k": "many"}, "k: "),
        ({"question": "x", "where": ["*.pdf"]}, "Give a document's name"),
    ],
)
def test_refusals_say_what_to_do(client: Client, given: dict[str, Any], told: str) -> None:
    with pytest.raises(AppError, match=told):
        client.predict(**given, api_name="/ask")


@pytest.mark.parametrize("path", CLOSED)
def test_gradios_other_routes_stay_closed(address: str, path: str) -> None:
    for method in ("GET", "POST"):
        answer = httpx.request(method, address + path)
        assert answer.status_code == 404
