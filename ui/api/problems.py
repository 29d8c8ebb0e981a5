"""Refusals to programs: problem details (RFC 9457), and the HTTP status of each error."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import JSONResponse

from rag.errors import (
    CancelledWorkError,
    CaseworkError,
    DeadlineExceededError,
    NotFoundError,
    QuestionError,
    QuothError,
    SourceError,
    StoreBusyError,
    StoreUnwritableError,
    UnreadableFileError,
)
from ui.admission import BusyError
from ui.error_messages import BadNameError, DiskError, sentence
from ui.jobs.file_placement import NameTakenError
from ui.jobs.upload_receiver import NoRoomError, TooLargeError

MEDIA_TYPE = "application/problem+json"
RETRY_SECONDS = "2"

_STATUS: dict[type[QuothError], int] = {
    CaseworkError: 400,
    QuestionError: 400,
    NotFoundError: 404,
    SourceError: 409,
    StoreBusyError: 409,
    NameTakenError: 409,
    BadNameError: 409,
    TooLargeError: 413,
    UnreadableFileError: 415,
    BusyError: 503,
    CancelledWorkError: 503,
    NoRoomError: 503,
    DeadlineExceededError: 504,
    DiskError: 507,
    StoreUnwritableError: 507,
}
_MEANING = {
    400: "The question or the cursor cannot be parsed, or a case, note or tag is invalid.",
    401: "A key is missing or invalid.",
    403: "The key is read-only, or the request is for another host or comes from another site.",
    404: "There is no such document, passage, file, case, quote or conversation.",
    409: "The library does not allow it now: it is being changed, keeps no files, or the name is "
    "taken or cannot be stored.",
    413: "The file or the request is too large.",
    415: "Files of this kind cannot be read.",
    422: "The request does not match this description; `errors` says where.",
    500: "An error occurred on the server.",
    503: "Too many requests are waiting; `Retry-After` says when to try again.",
    504: "The request took too long; ask for less at once.",
    507: "The server's disk is full or not writable.",
}


class Fault(BaseModel):
    """One fault of a request."""

    where: str
    message: str


class Problem(BaseModel):
    """Why a request was refused, and what to do (RFC 9457)."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    type: str
    """The kind of problem: urn:quoth:problem: and the status."""
    title: str
    status: int
    detail: str
    """What is wrong with this request, and what to do."""
    errors: list[Fault] = []
    """Where the request does not match the description."""


def problem(status: int, detail: str, faults: Sequence[Fault] = ()) -> Response:
    """Return a refusal as problem details."""
    details = Problem(
        type=f"urn:quoth:problem:{status}",
        title=HTTPStatus(status).phrase,
        status=status,
        detail=detail,
        errors=list(faults),
    )
    headers = {}
    if status == 503:
        headers["retry-after"] = RETRY_SECONDS
    if status == 401:
        headers["www-authenticate"] = 'Bearer realm="Quoth"'
    content = details.model_dump(exclude_defaults=True)
    return JSONResponse(content, status, headers, media_type=MEDIA_TYPE)


def status_of(error: QuothError) -> int:
    """Return the HTTP status of an error: that of its nearest class in the table, else 500."""
    return next((_STATUS[kind] for kind in type(error).__mro__ if kind in _STATUS), 500)


def declared(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return the responses of the OpenAPI description for these statuses."""
    responses: dict[int | str, dict[str, Any]] = {}
    for status in sorted(statuses):
        example = {
            "type": f"urn:quoth:problem:{status}",
            "title": HTTPStatus(status).phrase,
            "status": status,
            "detail": _MEANING[status],
        }
        schema = {"$ref": "#/components/schemas/Problem"}
        responses[status] = {
            "description": _MEANING[status],
            "content": {MEDIA_TYPE: {"schema": schema, "example": example}},
        }
        if status == 503:
            seconds = {"schema": {"type": "integer"}, "description": "Seconds to wait."}
            responses[status]["headers"] = {"Retry-After": seconds}
    return responses


def answer_with_problems(app: FastAPI) -> None:
    """Answer every error of an application with problem details."""
    app.exception_handler(QuothError)(_refused)
    app.exception_handler(RequestValidationError)(_invalid)
    app.exception_handler(HTTPException)(_http_error)
    app.exception_handler(ClientDisconnect)(_disconnected)
    app.exception_handler(Exception)(_failed)


async def _refused(request: Request, error: QuothError) -> Response:
    return problem(status_of(error), sentence(error))


async def _invalid(request: Request, error: RequestValidationError) -> Response:
    faults = [
        Fault(where=".".join(map(str, fault["loc"])), message=fault["msg"])
        for fault in error.errors()
    ]
    return problem(422, "The request does not match openapi.json.", faults)


async def _http_error(request: Request, error: HTTPException) -> Response:
    response = problem(error.status_code, _detail(request, error))
    response.headers.update(error.headers or {})
    return response


async def _disconnected(request: Request, error: Exception) -> Response:
    return Response(status_code=400)  # nobody receives it


async def _failed(request: Request, error: Exception) -> Response:
    return problem(500, "An error occurred on the server. See its log.")


def _detail(request: Request, error: HTTPException) -> str:
    if error.status_code == 404:
        return f"There is nothing at {request.scope['path']}. See openapi.json for all paths."
    return str(error.detail)
