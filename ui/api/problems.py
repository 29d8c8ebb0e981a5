"""What a program is told when something is refused: problem details (RFC 9457), with what to do."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse
from starlette.types import Scope

from rag.errors import (
    CancelledWorkError,
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
    400: "The question or the cursor cannot be made sense of.",
    401: "A key is needed, or the one given is not known.",
    403: "The key may read only, or the request came by another site or for another host.",
    404: "There is no such document, passage or file.",
    409: "The library does not allow it now: it is being changed, keeps no files, or the name is "
    "taken or cannot be kept.",
    413: "The file or the request is too large.",
    415: "Files of this kind are not read.",
    422: "The request is not as described here; `errors` tells where.",
    500: "Something went wrong on the server.",
    503: "Too much waits already; `Retry-After` tells when to try again.",
    504: "It took longer than it may; ask for less at once.",
    507: "The server's disk is full, or cannot be written to.",
}


class Fault(BaseModel):
    """One thing wrong with a request."""

    where: str
    message: str


class Problem(BaseModel):
    """Why a request was refused, and what to do (RFC 9457)."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    type: str
    """Names the kind of problem: urn:quoth:problem: and the status."""
    title: str
    status: int
    detail: str
    """What is wrong with this request, and what to do."""
    errors: list[Fault] = []
    """Where the request is not as described."""


def problem(status: int, detail: str, faults: Sequence[Fault] = ()) -> Response:
    """Return a refusal as problem details."""
    told = Problem(
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
    content = told.model_dump(exclude_defaults=True)
    return JSONResponse(content, status, headers, media_type=MEDIA_TYPE)


def status_of(error: QuothError) -> int:
    """Return the HTTP status that tells best of a refusal."""
    return next((_STATUS[kind] for kind in type(error).__mro__ if kind in _STATUS), 500)


def declared(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return what the OpenAPI description says of refusals with these statuses."""
    told: dict[int | str, dict[str, Any]] = {}
    for status in sorted(statuses):
        example = {
            "type": f"urn:quoth:problem:{status}",
            "title": HTTPStatus(status).phrase,
            "status": status,
            "detail": _MEANING[status],
        }
        schema = {"$ref": "#/components/schemas/Problem"}
        told[status] = {
            "description": _MEANING[status],
            "content": {MEDIA_TYPE: {"schema": schema, "example": example}},
        }
        if status == 503:
            seconds = {"schema": {"type": "integer"}, "description": "Seconds to wait."}
            told[status]["headers"] = {"Retry-After": seconds}
    return told


def tell_problems(app: FastAPI) -> None:
    """Answer every refusal of an application with problem details."""

    @app.exception_handler(QuothError)
    async def refused(request: Request, error: QuothError) -> Response:
        return problem(status_of(error), sentence(error))

    @app.exception_handler(RequestValidationError)
    async def invalid(request: Request, error: RequestValidationError) -> Response:
        faults = [
            Fault(where=".".join(map(str, one["loc"])), message=one["msg"])
            for one in error.errors()
        ]
        return problem(422, "The request is not as described in openapi.json.", faults)

    @app.exception_handler(HTTPException)
    async def other(request: Request, error: HTTPException) -> Response:
        response = problem(error.status_code, _detail(request.scope, error))
        response.headers.update(error.headers or {})
        return response

    @app.exception_handler(Exception)
    async def failed(request: Request, error: Exception) -> Response:
        return problem(500, "Something went wrong on the server; its log tells more.")


def _detail(scope: Scope, error: HTTPException) -> str:
    if error.status_code == 404:
        return f"There is nothing at {scope['path']}. See openapi.json for what there is."
    return str(error.detail)
