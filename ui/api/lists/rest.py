"""The routes of REST that list: mentions, all that answers, and tables of questions, as CSV too."""

from typing import Any

from fastapi import APIRouter, Response

from rag.listing.records import AnswerList, Mentions
from ui.api.lists import calls
from ui.api.lists.requests import (
    AllAnswersRequest,
    MentionsFileRequest,
    MentionsRequest,
    MoreRequest,
)
from ui.api.problems import declared
from ui.api.requests import BatchRequest
from ui.api.rest_responses import json_response
from ui.dependencies import InService
from ui.disconnects import AttendedRoute

MEDIA_TYPE = "text/csv; charset=utf-8"
_LISTING = declared(400, 401, 403, 413, 422, 500, 503, 504)
_FILE: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "A spreadsheet in UTF-8, one row each, under a header.",
        "content": {"text/csv": {"schema": {"type": "string"}}},
    },
    **_LISTING,
}

listing = APIRouter(tags=["lists"], route_class=AttendedRoute)


@listing.post("/mentions", summary="List mentions", response_model=Mentions, responses=_LISTING)
async def list_mentions(request: MentionsRequest, service: InService) -> Response:
    """List every passage that holds a text word for word, a part at a time.

    `count` and `documents` are exact if `complete`, and otherwise lower bounds.
    """
    return json_response(await calls.mentions(service, request))


@listing.post(
    "/mentions/csv", summary="List mentions as CSV", response_class=Response, responses=_FILE
)
async def mentions_as_csv(request: MentionsFileRequest, service: InService) -> Response:
    """List every passage that holds a text word for word, all in one file of up to 64 MB."""
    return csv_response(await calls.mentions_file(service, request), "mentions")


@listing.post(
    "/ask/more", summary="List more passages", response_model=AnswerList, responses=_LISTING
)
async def list_more(request: MoreRequest, service: InService) -> Response:
    """Return the next passages for a question after the best `k`, each read and with its score.

    `may_answer` counts those of all that were `read` so far.
    """
    return json_response(await calls.more(service, request))


@listing.post("/ask/all", summary="List all answers", response_model=AnswerList, responses=_LISTING)
async def list_answers(request: AllAnswersRequest, service: InService) -> Response:
    """Return every passage that may answer a question, the likeliest first.

    Reading ends at `most_read` passages, or once 40 in a row may not answer.
    """
    return json_response(await calls.all_answers(service, request))


@listing.post(
    "/ask/all/csv", summary="List all answers as CSV", response_class=Response, responses=_FILE
)
async def answers_as_csv(request: AllAnswersRequest, service: InService) -> Response:
    """Return every passage that may answer a question as a spreadsheet."""
    return csv_response(await calls.all_answers_file(service, request), "answers")


@listing.post(
    "/ask/batch/csv", summary="Answer questions as CSV", response_class=Response, responses=_FILE
)
async def table_as_csv(request: BatchRequest, service: InService) -> Response:
    """Answer several questions: a table of their states, best quotes and citations."""
    return csv_response(await calls.table_file(service, request), "questions")


def csv_response(file: bytes, stem: str) -> Response:
    """Return a CSV as a file to save."""
    headers = {"content-disposition": f'attachment; filename="{stem}.csv"'}
    return Response(file, media_type=MEDIA_TYPE, headers=headers)
