"""The calls of lists by REST and MCP: each takes a request and returns plain values or a file."""

import contextlib

import anyio

from rag.export.tables import table_csv
from rag.listing.records import AnswerList, Mentions, TableRow
from ui.admission import BusyError
from ui.api.calls import MOST_RETRIES, RETRY_SECONDS, Values
from ui.api.lists.requests import (
    AllAnswersRequest,
    MentionsFileRequest,
    MentionsRequest,
    MoreRequest,
)
from ui.api.requests import BatchRequest
from ui.service import Service


async def mentions(service: Service, request: MentionsRequest) -> Values:
    """List mentions of a text, a part at a time. Raises as `Library.mentions` does."""
    return await service.lists.mentions(
        request.text,
        Mentions.to_dict,
        order=request.order,
        near=request.near,
        where=request.where,
        limit=request.limit,
        cursor=request.cursor,
        count=request.count,
    )


async def mentions_file(service: Service, request: MentionsFileRequest) -> bytes:
    """List all mentions of a text as CSV. Raises as `ListService.mentions_file` does."""
    return await service.lists.mentions_file(
        request.text, order=request.order, near=request.near, where=request.where
    )


async def more(service: Service, request: MoreRequest) -> Values:
    """List the next passages for a question. Raises as `Library.more` does."""
    return await service.lists.more(
        request.question,
        AnswerList.to_dict,
        k=request.k,
        size=request.size,
        where=request.where,
        cursor=request.cursor,
    )


async def all_answers(service: Service, request: AllAnswersRequest) -> Values:
    """List every passage that may answer. Raises as `Library.ask_all` does."""
    return await service.lists.all_answers(
        request.question, AnswerList.to_dict, most_read=request.most_read, where=request.where
    )


async def all_answers_file(service: Service, request: AllAnswersRequest) -> bytes:
    """List every passage that may answer as CSV. Raises as `Library.ask_all` does."""
    return await service.lists.all_answers_file(
        request.question, most_read=request.most_read, where=request.where
    )


async def table_file(service: Service, request: BatchRequest) -> bytes:
    """Answer several questions in a table, as CSV; one that is refused has a row that says why."""
    rows = []
    for number, question in enumerate(request.questions, start=1):
        rows.append(await _row(service, question, request.where, is_first=number == 1))
    return b"".join(table_csv(rows))


async def _row(service: Service, question: str, where: list[str], *, is_first: bool) -> TableRow:
    """Answer a question; when the queue is full, only the first of a table is refused."""
    for _ in range(0 if is_first else MOST_RETRIES):
        with contextlib.suppress(BusyError):
            return await service.lists.row(question, lambda row: row, where=where)
        await anyio.sleep(RETRY_SECONDS)
    return await service.lists.row(question, lambda row: row, where=where)
