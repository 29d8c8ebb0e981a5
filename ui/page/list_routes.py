"""The routes of the page that list: more passages, mentions of a text, rows of a table."""

from functools import partial
from typing import Any

from fastapi import APIRouter, HTTPException, Response
from fastapi.responses import JSONResponse

from rag.errors import QuestionError, QuothError
from rag.export.tables import table_csv
from rag.listing.cursors import ListChangedError
from rag.listing.records import Mentions, TableRow
from rag.query.syntax import parse
from rag.text.html_escaping import Html
from ui.api.lists.rest import csv_response
from ui.dependencies import InService
from ui.error_messages import sentence
from ui.html.lists import beyond, mention_list, question_list
from ui.html.translations import Wording
from ui.page.list_schemas import MentionsPageRequest, MorePageRequest, RowRequest
from ui.page.route_support import InWords, PageRoute, message_of, page_status_of

routes = APIRouter(prefix="/page", route_class=PageRoute)

_PAGE = 50
"""Mentions that are shown at once."""


@routes.post("/more")
async def more(request: MorePageRequest, service: InService, words: InWords) -> Response:
    """Return the passages after those shown, each once, and how many may answer."""
    try:
        search = parse(request.question).with_carried(tuple(request.carry))
        render = partial(beyond.more_cards, words=words, holds_words=search.is_phrases)
        part: dict[str, object] = await service.lists.more(
            search, render, k=beyond.SHOWN, cursor=request.cursor
        )
    except QuothError as error:
        return _refusal(error, words)
    return JSONResponse(part)


@routes.post("/mentions")
async def mentions(request: MentionsPageRequest, service: InService, words: InWords) -> Response:
    """Return a part of the list of mentions; with the first, the list that they belong in."""

    def render(part: Mentions) -> dict[str, Any]:
        return {
            "list": Html() if request.cursor else mention_list.mention_list(request.text, words),
            "html": mention_list.mention_rows(part, words),
            "counted": mention_list.counted(part, words),
            "complete": part.complete,
            "next": part.next,
            "message": "",
        }

    try:
        part = await service.lists.mentions(
            request.text,
            render,
            order=request.order,
            near=request.near,
            limit=_PAGE,
            cursor=request.cursor,
        )
    except QuothError as error:
        return _refusal(error, words)
    return JSONResponse(part)


@routes.post("/mentions/count")
async def count(request: MentionsPageRequest, service: InService, words: InWords) -> Response:
    """Return how many mentions there are, exactly."""
    try:
        counted = await service.lists.mentions(
            request.text, partial(mention_list.counted, words=words), limit=1, count=True
        )
    except QuothError as error:
        return _refusal(error, words)
    return JSONResponse({"counted": counted, "message": ""})


@routes.post("/mentions/csv")
async def mentions_file(request: MentionsPageRequest, service: InService) -> Response:
    """Return all mentions as a file."""
    try:
        file = await service.lists.mentions_file(
            request.text, order=request.order, near=request.near
        )
    except QuestionError as error:
        raise HTTPException(413, sentence(error)) from error
    return csv_response(file, "mentions")


@routes.get("/questions")
async def questions(words: InWords) -> dict[str, str]:
    """Return the form for a list of questions."""
    return {"html": question_list.question_list(words)}


@routes.post("/questions/row")
async def row(request: RowRequest, service: InService, words: InWords) -> Response:
    """Answer a question of a list; return its row, as HTML and as CSV under a header."""

    def render(answered: TableRow) -> dict[str, Any]:
        table = b"".join(table_csv([answered])).decode("utf-8-sig")
        return {"html": question_list.question_row(answered, words), "csv": table, "message": ""}

    try:
        shown = await service.lists.row(request.question, render)
    except QuothError as error:
        return _refusal(error, words)
    return JSONResponse(shown)


def _refusal(error: QuothError, words: Wording) -> Response:
    is_changed = isinstance(error, ListChangedError)
    message = words.say("list_changed") if is_changed else message_of(error, words)
    content = {"html": "", "message": message, "busy": page_status_of(error) == 503}
    return JSONResponse(content, page_status_of(error))
