"""The routes of REST that list, add, remove and restore documents."""

from typing import Annotated

from fastapi import APIRouter, HTTPException, Path, Query, Request, Response

from ui.api import calls
from ui.api.problems import declared
from ui.api.requests import DocumentId, DocumentsRequest, MarkRequest
from ui.api.responses import (
    DocumentMarked,
    DocumentNamed,
    Documents,
    DocumentText,
    FileAdded,
    FilesAdded,
)
from ui.api.rest_responses import MAY_WRITE, TAGGED, IfNoneMatch, json_response, tagged
from ui.dependencies import InService
from ui.disconnects import AttendedRoute

_BYTES = {
    "requestBody": {
        "required": True,
        "description": "The file's bytes.",
        "content": {
            "application/octet-stream": {
                "schema": {"type": "string", "format": "binary", "minLength": 1}
            }
        },
    }
}
_LISTING = {**TAGGED, **declared(400)}
_CHANGING = declared(401, 403, 404, 409, 422, 503, 507)
_MARKING = declared(400, 401, 403, 404, 422, 503, 507)
_ADDING = declared(401, 403, 409, 413, 415, 422, 503, 507)
_WATCHING = declared(401, 403, 404, 422, 503, 504)

FileId = Annotated[int, Path(ge=1, le=2**53)]
FileName = Annotated[
    str,
    Query(
        min_length=1,
        max_length=2_000,
        examples=["papers/notes.md"],
        description="The file's name; its folders are kept.",
    ),
]
Modified = Annotated[
    float, Query(ge=0, le=1e11, description="When it was last changed, in seconds since 1970.")
]

changing = APIRouter(tags=["documents"])  # completed even when the client has gone
reading = APIRouter(tags=["documents"], route_class=AttendedRoute)


@changing.post(
    "/documents",
    summary="Add a document",
    status_code=202,
    response_model=FileAdded,
    responses=_ADDING,
    openapi_extra=_BYTES,
    dependencies=[MAY_WRITE],
)
async def add_document(
    request: Request, service: InService, name: FileName, modified: Modified = 0
) -> Response:
    """Send a file as the body. It is read in its turn; `/adding/{file}` has its state.

    It replaces a file of the same name once it has been read.
    """
    if not (int(request.headers.get("content-length") or 0) or _is_chunked(request)):
        raise HTTPException(422, "The request has no body. Send the file's bytes as its body")
    file = await calls.add_document(service, request.stream(), name, modified)
    response = json_response(file, 202)
    response.headers["location"] = str(request.url_for("read_file", file=file["file"]).path)
    return response


def _is_chunked(request: Request) -> bool:
    return "chunked" in request.headers.get("transfer-encoding", "")


@changing.delete(
    "/documents/{id}",
    summary="Remove a document",
    response_model=DocumentNamed,
    responses=_CHANGING,
    dependencies=[MAY_WRITE],
)
async def remove_document(id: DocumentId, service: InService) -> Response:
    """Remove a document from the library. For ten minutes it can be restored.

    Its file is left alone, unless it was sent to this server.
    """
    return json_response(await calls.remove_document(service, id))


@changing.post(
    "/documents/{id}/restore",
    summary="Restore a document",
    response_model=DocumentNamed,
    responses=_CHANGING,
    dependencies=[MAY_WRITE],
)
async def restore_document(id: DocumentId, service: InService) -> Response:
    """Restore a document that was removed minutes ago."""
    return json_response(await calls.restore_document(service, id))


@reading.get("/documents", summary="List documents", response_model=Documents, responses=_LISTING)
async def list_documents(
    request: Annotated[DocumentsRequest, Query()],
    service: InService,
    if_none_match: IfNoneMatch = None,
) -> Response:
    """Return a part of the list of documents, by name or in another order."""
    return tagged(await calls.list_documents(service, request), if_none_match)


@changing.patch(
    "/documents/{id}",
    summary="Mark a document",
    response_model=DocumentMarked,
    responses=_MARKING,
    dependencies=[MAY_WRITE],
)
async def mark_document(id: DocumentId, request: MarkRequest, service: InService) -> Response:
    """Change a document's status, its tags, or both."""
    return json_response(await calls.mark_document(service, id, request))


@reading.get(
    "/documents/{id}", summary="Read a document", response_model=DocumentText, responses=TAGGED
)
async def read_document(
    id: DocumentId, service: InService, if_none_match: IfNoneMatch = None
) -> Response:
    """Return a document and its whole text, as it was read from its file."""
    return tagged(await calls.read_document(service, id), if_none_match)


@reading.get(
    "/adding",
    summary="List uploads",
    response_model=FilesAdded,
    responses=declared(401, 403, 503, 504),
)
async def list_files(service: InService) -> Response:
    """Return recent uploads and their states."""
    return json_response(await calls.list_uploads(service))


@reading.get(
    "/adding/{file}",
    summary="Read an upload's state",
    response_model=FileAdded,
    responses=_WATCHING,
)
async def read_file(file: FileId, service: InService) -> Response:
    """Return an upload and its state."""
    return json_response(await calls.read_upload(service, file))


@reading.post(
    "/adding/{file}/cancel",
    summary="Cancel an upload",
    response_model=FileAdded,
    responses=_WATCHING,
    dependencies=[MAY_WRITE],
)
async def cancel_file(file: FileId, service: InService) -> Response:
    """Cancel an upload that is waiting or being read; one in a final state stays as it is."""
    return json_response(await calls.cancel_upload(service, file))
