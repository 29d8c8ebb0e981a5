"""Named endpoints for gradio_client, in a Gradio application of their own at /gradio.

It draws nothing, and of its routes the guard opens only those that gradio_client needs; all of
the page's own Gradio stays closed.
"""

import contextlib
import json
import os

os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"  # Gradio reads it when imported

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

import gradio as gr
from gradio.events import api
from pydantic import ValidationError

from rag.errors import QuothError
from ui.api.schemas import (
    AnswerWanted,
    DocumentsWanted,
    PassageWanted,
    SearchWanted,
    faults,
    to_json,
)
from ui.api.service import Service
from ui.app_state import WAITING_QUESTIONS
from ui.error_messages import sentence


def gradio_endpoints(calls: Service) -> gr.Blocks:
    """Return Gradio's endpoints /ask, /search, /read_passage and /documents."""

    async def ask(
        question: str, k: int = 5, where: list[str] | None = None, earlier: str = ""
    ) -> dict[str, Any]:
        """Answer a question with passages quoted word for word, as /api/ask does."""
        with _refusals_told():
            wanted = AnswerWanted(question=question, k=k, where=where or [], earlier=earlier)
            return _plain((await calls.ask(wanted)).to_dict())

    async def search(question: str, k: int = 5, where: list[str] | None = None) -> dict[str, Any]:
        """Find passages, answering or not, as /api/search does."""
        with _refusals_told():
            wanted = SearchWanted(question=question, k=k, where=where or [])
            return _plain((await calls.search(wanted)).to_dict())

    async def read_passage(id: str, around: int = 1) -> dict[str, Any]:
        """Read a passage with its neighbours, as /api/passages does."""
        with _refusals_told():
            found = await calls.passage(PassageWanted(id=id, around=around))
            return _plain(found.to_dict())

    async def documents(find: str = "", limit: int = 50, cursor: str = "") -> dict[str, Any]:
        """List documents, as /api/documents does."""
        with _refusals_told():
            wanted = DocumentsWanted(find=find, limit=limit, cursor=cursor)
            return _plain(asdict(await calls.documents(wanted)))

    endpoints = gr.Blocks(title="Quoth", analytics_enabled=False)
    with endpoints:
        for call in (ask, search, read_passage, documents):
            api(call, concurrency_limit=None)  # the queue of questions bounds them
    endpoints.queue(max_size=WAITING_QUESTIONS)
    return endpoints


def _plain(told: dict[str, Any]) -> dict[str, Any]:
    plain: dict[str, Any] = json.loads(to_json(told))
    return plain


@contextlib.contextmanager
def _refusals_told() -> Iterator[None]:
    """Tell the client why something is refused: Gradio tells of its own errors only."""
    try:
        yield
    except ValidationError as error:
        raise gr.Error(faults(error), print_exception=False) from error
    except QuothError as error:
        raise gr.Error(sentence(error), print_exception=False) from error
