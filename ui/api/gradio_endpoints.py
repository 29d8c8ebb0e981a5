"""Named endpoints for gradio_client, in a separate Gradio application at /gradio.

It draws nothing. The guard opens only those of its routes that gradio_client needs, and closes all
of the page's own Gradio.
"""

import contextlib
import json
import os

os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"  # Gradio reads it when imported

from collections.abc import Iterator
from typing import Any

import gradio as gr
from gradio.events import api
from pydantic import ValidationError

from rag.errors import QuothError
from ui.api import calls
from ui.api.requests import (
    AnswerRequest,
    DocumentsRequest,
    PassageRequest,
    SearchRequest,
    faults,
)
from ui.api.responses import to_json
from ui.app_state import WAITING_QUESTIONS
from ui.error_messages import sentence
from ui.service import Service


def gradio_endpoints(service: Service) -> gr.Blocks:
    """Return Gradio's endpoints /ask, /search, /read_passage and /documents."""
    endpoints = _Endpoints(service)
    blocks = gr.Blocks(title="Quoth", analytics_enabled=False)
    with blocks:
        for call in (
            endpoints.ask,
            endpoints.search,
            endpoints.read_passage,
            endpoints.documents,
        ):
            api(call, concurrency_limit=None)  # the service's queues bound them
    blocks.queue(max_size=WAITING_QUESTIONS)
    return blocks


class _Endpoints:
    """The endpoints; Gradio reads the name, the arguments and the description of each method."""

    def __init__(self, service: Service) -> None:
        self._service = service

    async def ask(
        self, question: str, k: int = 5, where: list[str] | None = None, earlier: str = ""
    ) -> dict[str, Any]:
        """Answer a question with passages quoted word for word, as /api/ask does."""
        with _gradio_errors():
            request = AnswerRequest(question=question, k=k, where=where or [], earlier=earlier)
            return _encodable(await calls.ask(self._service, request))

    async def search(
        self, question: str, k: int = 5, where: list[str] | None = None
    ) -> dict[str, Any]:
        """Find passages, whether they answer or not, as /api/search does."""
        with _gradio_errors():
            request = SearchRequest(question=question, k=k, where=where or [])
            return _encodable(await calls.search(self._service, request))

    async def read_passage(self, id: str, around: int = 1) -> dict[str, Any]:
        """Read a passage with its neighbours, as /api/passages does."""
        with _gradio_errors():
            request = PassageRequest(id=id, around=around)
            return _encodable(await calls.read_passage(self._service, request))

    async def documents(self, find: str = "", limit: int = 50, cursor: str = "") -> dict[str, Any]:
        """List documents, as /api/documents does."""
        with _gradio_errors():
            request = DocumentsRequest(find=find, limit=limit, cursor=cursor)
            return _encodable(await calls.list_documents(self._service, request))


def _encodable(values: dict[str, Any]) -> dict[str, Any]:
    """Return values whose text UTF-8 can encode, as `to_json` does."""
    encodable: dict[str, Any] = json.loads(to_json(values))
    return encodable


@contextlib.contextmanager
def _gradio_errors() -> Iterator[None]:
    """Raise gr.Error in place of a refusal: Gradio sends its client no other error's message."""
    try:
        yield
    except ValidationError as error:
        raise gr.Error(faults(error), print_exception=False) from error
    except QuothError as error:
        raise gr.Error(sentence(error), print_exception=False) from error
