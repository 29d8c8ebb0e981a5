"""The routes of REST on cases, kept quotes and conversations."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response

from ui.api.casework import calls
from ui.api.casework.requests import (
    AbsenceRequest,
    CaseChangeRequest,
    CaseFormatName,
    CaseReadRequest,
    KeepRequest,
    NewCaseRequest,
    QuoteChangeRequest,
    TitleRequest,
)
from ui.api.casework.responses import (
    CaseEntry,
    CaseList,
    CaseRead,
    ConversationList,
    ConversationRead,
    QuoteInCase,
    RecordChanged,
)
from ui.api.problems import declared
from ui.api.rest_responses import MAY_WRITE, json_response
from ui.dependencies import InService
from ui.services.casework import export_name

_READING = declared(401, 403, 422, 503, 504, 507)
_ONE = declared(401, 403, 404, 422, 503, 504, 507)
_CHANGING = declared(400, 401, 403, 404, 409, 413, 422, 503, 504, 507)
_FILE: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The file.",
        "content": {"application/octet-stream": {"schema": {"type": "string"}}},
    },
    **_ONE,
}
_EXPORTED = {
    "requestBody": {
        "required": True,
        "description": "A case as `/cases/{id}/export?format=json` returned it.",
        "content": {"application/json": {"schema": {"type": "object"}}},
    }
}
_PATTERN = r"^[0-9A-Za-z]{8,64}$"

CaseId = Annotated[str, Path(alias="id", pattern=_PATTERN)]

routes = APIRouter(tags=["casework"])
_WRITING: dict[str, Any] = {"responses": _CHANGING, "dependencies": [MAY_WRITE]}


@routes.get("/cases", summary="List cases", response_model=CaseList, responses=_READING)
async def list_cases(service: InService) -> Response:
    """Return all cases, that made last first."""
    return json_response(await calls.list_cases(service))


@routes.post("/cases", summary="Make a case", status_code=201, response_model=CaseEntry, **_WRITING)
async def make_case(request: NewCaseRequest, service: InService) -> Response:
    """Make a case."""
    return json_response(await calls.make_case(service, request), 201)


@routes.post(
    "/imports",
    summary="Import a case",
    status_code=201,
    response_model=CaseEntry,
    openapi_extra=_EXPORTED,
    **_WRITING,
)
async def import_case(request: Request, service: InService) -> Response:
    """Make a case of one that was exported as JSON, from this library or another."""
    return json_response(await calls.import_case(service, await request.body()), 201)


@routes.get("/cases/{id}", summary="Read a case", response_model=CaseRead, responses=_ONE)
async def read_case(id: CaseId, service: InService) -> Response:
    """Return a case: its questions, and its quotes with the condition of their documents."""
    return json_response(await calls.read_case(service, CaseReadRequest(case=id)))


@routes.patch("/cases/{id}", summary="Change a case", response_model=RecordChanged, **_WRITING)
async def change_case(id: CaseId, request: CaseChangeRequest, service: InService) -> Response:
    """Rename a case, or set its note."""
    return json_response(await calls.change_case(service, id, request))


@routes.delete("/cases/{id}", summary="Delete a case", response_model=RecordChanged, **_WRITING)
async def delete_case(id: CaseId, service: InService) -> Response:
    """Move a case with its quotes to the bin, where it stays for thirty days."""
    return json_response(await calls.changed(service, id, lambda work: work.delete(id)))


@routes.post(
    "/cases/{id}/restore", summary="Restore a case", response_model=RecordChanged, **_WRITING
)
async def restore_case(id: CaseId, service: InService) -> Response:
    """Take a case back out of the bin."""
    return json_response(await calls.changed(service, id, lambda work: work.restore(id)))


@routes.get("/cases/{id}/export", summary="Export a case", responses=_FILE, response_class=Response)
async def export_case(
    id: CaseId, service: InService, format: Annotated[CaseFormatName, Query()] = "json"
) -> Response:
    """Return a case as a file. Only `json` is complete, and can be imported."""
    with service.export_turn():
        file = await service.casework.export(id, format)
    case = await service.casework.run(lambda casework: casework.case(id))
    headers = {"content-disposition": f'attachment; filename="{export_name(case, format)}"'}
    return Response(file, media_type="application/octet-stream", headers=headers)


@routes.post(
    "/cases/{id}/quotes",
    summary="Keep a passage",
    status_code=201,
    response_model=QuoteInCase,
    **_WRITING,
)
async def keep_passage(id: CaseId, request: KeepRequest, service: InService) -> Response:
    """Keep a passage at the end of a case. Kept again for the same question, it is the same."""
    return json_response(await calls.keep(service, id, request), 201)


@routes.post(
    "/cases/{id}/absences",
    summary="Keep that nothing was found",
    status_code=201,
    response_model=RecordChanged,
    **_WRITING,
)
async def keep_absence(id: CaseId, request: AbsenceRequest, service: InService) -> Response:
    """Search for a question, and keep the report that the documents do not answer it.

    400 when they do, or may.
    """
    return json_response(await calls.keep_absence(service, id, request), 201)


@routes.get("/quotes/{id}", summary="Read a kept quote", response_model=QuoteInCase, responses=_ONE)
async def read_quote(id: CaseId, service: InService) -> Response:
    """Return a kept quote, and what has become of its document."""
    return json_response(await calls.read_quote(service, id))


@routes.patch("/quotes/{id}", summary="Change a kept quote", response_model=QuoteInCase, **_WRITING)
async def change_quote(id: CaseId, request: QuoteChangeRequest, service: InService) -> Response:
    """Set a quote's note or tags, or move it within its case or to another."""
    return json_response(await calls.change_quote(service, id, request))


@routes.delete(
    "/quotes/{id}", summary="Delete a kept quote", response_model=RecordChanged, **_WRITING
)
async def delete_quote(id: CaseId, service: InService) -> Response:
    """Move a kept quote to the bin."""
    return json_response(await calls.changed(service, id, lambda work: work.delete_quote(id)))


@routes.post(
    "/quotes/{id}/restore", summary="Restore a kept quote", response_model=RecordChanged, **_WRITING
)
async def restore_quote(id: CaseId, service: InService) -> Response:
    """Take a kept quote back out of the bin, to its old place."""
    return json_response(await calls.changed(service, id, lambda work: work.restore_quote(id)))


@routes.get(
    "/conversations",
    summary="List conversations",
    response_model=ConversationList,
    responses=_READING,
)
async def list_conversations(
    service: InService, find: Annotated[str, Query(max_length=200)] = ""
) -> Response:
    """Return the conversations of the chat page, or those with a text in their questions."""
    return json_response(await calls.list_conversations(service, find))


@routes.get(
    "/conversations/{id}",
    summary="Read a conversation",
    response_model=ConversationRead,
    responses=_ONE,
)
async def read_conversation(id: CaseId, service: InService) -> Response:
    """Return a conversation with the answers that were given."""
    return json_response(await calls.read_conversation(service, id))


@routes.patch(
    "/conversations/{id}", summary="Rename a conversation", response_model=RecordChanged, **_WRITING
)
async def rename_conversation(id: CaseId, request: TitleRequest, service: InService) -> Response:
    """Give a conversation a title."""
    return json_response(
        await calls.changed(service, id, lambda work: work.conversations.rename(id, request.title))
    )


@routes.delete(
    "/conversations/{id}", summary="Delete a conversation", response_model=RecordChanged, **_WRITING
)
async def delete_conversation(id: CaseId, service: InService) -> Response:
    """Move a conversation to the bin."""
    return json_response(
        await calls.changed(service, id, lambda work: work.conversations.delete(id))
    )


@routes.post(
    "/conversations/{id}/restore",
    summary="Restore a conversation",
    response_model=RecordChanged,
    **_WRITING,
)
async def restore_conversation(id: CaseId, service: InService) -> Response:
    """Take a conversation back out of the bin."""
    return json_response(
        await calls.changed(service, id, lambda work: work.conversations.restore(id))
    )
