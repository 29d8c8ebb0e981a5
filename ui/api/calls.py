"""The calls of REST, MCP and gradio_client: each takes a request and returns plain values."""

import contextlib
from base64 import urlsafe_b64decode, urlsafe_b64encode
from bisect import bisect_right
from collections.abc import AsyncIterator, Sequence
from dataclasses import asdict
from importlib.metadata import version
from typing import Any

import anyio

from rag.documents.listing import ListedDocument
from rag.documents.lookup import PassageInContext
from rag.documents.status import Status
from rag.errors import QuestionError
from rag.ids import DIGITS
from ui.admission import BusyError
from ui.api.requests import (
    AnswerRequest,
    BatchRequest,
    DocumentsRequest,
    MarkRequest,
    PassageRequest,
    SearchRequest,
)
from ui.api.responses import (
    DocumentEntry,
    DocumentMarked,
    DocumentNamed,
    Documents,
    DocumentText,
    FileAdded,
    FilesAdded,
    FoundPassage,
    SearchResult,
    ServerStatus,
    Unread,
)
from ui.documents.marking import MarkChange
from ui.service import SearchHits, Service

Values = dict[str, Any]
"""Plain values, ready for JSON."""

_MOST_UNREAD = 100
RETRY_SECONDS = 0.1
MOST_RETRIES = 600
"""How often a question of a batch is tried again: for a minute, and as long as it waits."""


async def ask(service: Service, request: AnswerRequest) -> Values:
    """Answer a question. Raises as `Service.ask` does."""
    return await service.ask(
        request.question,
        lambda followed: followed.answer.to_dict(),
        k=request.k,
        where=request.where,
        earlier=request.earlier,
    )


async def ask_all(service: Service, request: BatchRequest) -> Values:
    """Answer several questions, one after the other. Raises as `Service.ask` does."""
    answers = []
    for number, question in enumerate(request.questions, start=1):
        single = AnswerRequest(question=question, k=request.k, where=request.where)
        try:
            answers.append(await _ask_patiently(service, single, is_first=number == 1))
        except QuestionError as error:
            raise QuestionError(f"Question {number}: {error}") from error
    return {"answers": answers}


async def _ask_patiently(service: Service, request: AnswerRequest, *, is_first: bool) -> Values:
    """Answer a question; when the queue is full, only the first of a batch is refused."""
    for _ in range(0 if is_first else MOST_RETRIES):
        with contextlib.suppress(BusyError):
            return await ask(service, request)
        await anyio.sleep(RETRY_SECONDS)
    return await ask(service, request)


async def search(service: Service, request: SearchRequest) -> Values:
    """Find passages, whether they answer or not. Raises as `Service.search` does."""

    def render(result: SearchHits) -> Values:
        passages = (FoundPassage.of(hit, rank) for rank, hit in enumerate(result.hits, start=1))
        return SearchResult(result.question, tuple(passages), result.truncated_at).to_dict()

    return await service.search(request.question, render, k=request.k, where=request.where)


async def read_passage(service: Service, request: PassageRequest) -> Values:
    """Read a passage and its context. Raises NotFoundError."""
    return await service.passage(request.id, PassageInContext.to_dict, around=request.around)


async def list_documents(service: Service, request: DocumentsRequest) -> Values:
    """List documents, a part at a time. Raises QuestionError for an invalid cursor or filter."""

    def render(documents: Sequence[ListedDocument]) -> Values:
        return asdict(_part(documents, request))

    return await service.list_documents(
        render, request.filter, find=request.find, order=request.order, reverse=request.reverse
    )


async def read_document(service: Service, id: str) -> Values:
    """Read a document. Raises NotFoundError."""
    return await service.document(
        id,
        lambda info, contents: asdict(
            DocumentText(DocumentEntry.of(service.listed(info)), contents.document.text)
        ),
    )


async def mark_document(service: Service, id: str, request: MarkRequest) -> Values:
    """Change the status and tags of a document. Raises as `Service.mark` does."""
    change = MarkChange(request.status, tuple(request.add_tags), tuple(request.remove_tags))
    mark = (await service.mark(id, change)).mark
    return asdict(DocumentMarked(id, mark.status, mark.tags))


async def status(service: Service) -> Values:
    """Describe the library and how it is searched."""

    def render(status: Status) -> Values:
        return asdict(
            ServerStatus(
                version("quoth"),
                service.state.is_ready,
                status.model,
                status.runtime,
                status.counts,
                service.state.uploads.pending(),
                status.unknown_languages,
                tuple(map(Unread.of, status.unread[:_MOST_UNREAD])),
                status.dense_search,
            )
        )

    return await service.status(render)


async def add_document(
    service: Service, chunks: AsyncIterator[bytes], name: str, modified: float
) -> Values:
    """Store an uploaded file, to be read in its turn. Raises as `Service.receive` does."""
    return asdict(FileAdded.of(await service.receive(chunks, name, modified)))


async def list_uploads(service: Service) -> Values:
    """List recent uploads."""
    files = tuple(map(FileAdded.of, await service.uploads()))
    return asdict(FilesAdded(files, service.state.uploads.pending()))


async def read_upload(service: Service, number: int) -> Values:
    """Return a recent upload. Raises NotFoundError."""
    return asdict(FileAdded.of(await service.upload(number)))


async def cancel_upload(service: Service, number: int) -> Values:
    """Cancel an upload unless it is in its final state. Raises NotFoundError."""
    return asdict(FileAdded.of(await service.cancel_upload(number)))


async def remove_document(service: Service, id: str) -> Values:
    """Remove a document. Raises as `Service.remove` does."""
    return asdict(DocumentNamed(id, await service.remove(id)))


async def restore_document(service: Service, id: str) -> Values:
    """Restore a removed document. Raises as `Service.restore` does."""
    return asdict(DocumentNamed(id, await service.restore(id)))


def _part(documents: Sequence[ListedDocument], request: DocumentsRequest) -> Documents:
    """Return the part of a list after a request's cursor. Raises QuestionError."""
    entries = list(map(DocumentEntry.of, documents))
    name, id = _decoded(request.cursor)
    # The cursor names a document, not a number, so that no change of the list shifts the parts.
    if request.order == "name" and not request.reverse:
        entries.sort(key=_order)
        start = bisect_right(entries, (name, id), key=_order)
    else:
        start = next((at for at, one in enumerate(entries, start=1) if one.id == id), 0)
        if id and not start:
            raise QuestionError(
                "The document that the cursor names is no longer in the list. Begin again without."
            )
    end = start + request.limit
    cursor = _cursor(entries[end - 1]) if end < len(entries) else None
    return Documents(tuple(entries[start:end]), len(entries), cursor)


def _order(entry: DocumentEntry) -> tuple[str, str]:
    return entry.name, entry.id


def _cursor(entry: DocumentEntry) -> str:
    return urlsafe_b64encode((entry.id + entry.name).encode("utf-8", "replace")).decode()


def _decoded(cursor: str) -> tuple[str, str]:
    """Return the place in the order that a cursor stands for. Raises QuestionError."""
    try:
        text = urlsafe_b64decode(cursor).decode()
    except ValueError as error:
        raise QuestionError(
            "Invalid cursor. Use the `next` value of the previous response."
        ) from error
    return text[DIGITS:], text[:DIGITS]
