"""The part of REST that lists, adds and removes documents."""

from dataclasses import asdict
from functools import partial
from typing import Annotated

from fastapi import APIRouter, HTTPException, Path, Query, Request, Response
from starlette.requests import ClientDisconnect

from rag.errors import NotFoundError, QuothError
from ui.api.problems import declared
from ui.api.rest_responses import MAY_WRITE, TAGGED, IfNoneMatch, tagged, told
from ui.api.schemas import (
    DocumentId,
    DocumentNamed,
    Documents,
    DocumentsWanted,
    DocumentText,
    FileAdded,
    FilesAdded,
)
from ui.api.service import Service
from ui.app_state import AppState
from ui.disconnects import AttendedRoute
from ui.jobs.upload_receiver import receive
from ui.jobs.upload_states import Upload
from ui.serving.metrics import Metrics

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
_LISTED = {**TAGGED, **declared(400)}
_CHANGING = declared(401, 403, 404, 409, 422, 503, 507)
_ADDING = declared(401, 403, 409, 413, 415, 422, 503, 507)
_WATCHING = declared(401, 403, 404, 422, 503, 504)
FileId = Annotated[int, Path(ge=1, le=2**53)]


def document_routes(state: AppState, calls: Service, metrics: Metrics) -> APIRouter:
    """Return the routes of documents, and of files on their way to become some."""
    routes = APIRouter(tags=["documents"])
    _add_taking(routes, state, metrics)
    _add_changing(routes, state)
    attended = APIRouter(tags=["documents"], route_class=AttendedRoute)
    _add_listing(attended, calls)
    _add_watching(attended, state)
    routes.include_router(attended)
    return routes


def _add_listing(routes: APIRouter, calls: Service) -> None:
    @routes.get("/documents", summary="List documents", response_model=Documents, responses=_LISTED)
    async def list_documents(
        wanted: Annotated[DocumentsWanted, Query()], if_none_match: IfNoneMatch = None
    ) -> Response:
        """Return a part of the list of documents, by name."""
        return tagged(asdict(await calls.documents(wanted)), if_none_match)

    @routes.get(
        "/documents/{id}", summary="Read a document", response_model=DocumentText, responses=TAGGED
    )
    async def read_document(id: DocumentId, if_none_match: IfNoneMatch = None) -> Response:
        """Return a document and its whole text, as it was read from its file."""
        return tagged(asdict(await calls.document(id)), if_none_match)


def _add_taking(routes: APIRouter, state: AppState, metrics: Metrics) -> None:
    @routes.post(
        "/documents",
        summary="Add a document",
        status_code=202,
        response_model=FileAdded,
        responses=_ADDING,
        openapi_extra=_BYTES,
        dependencies=[MAY_WRITE],
    )
    async def add_document(
        request: Request,
        name: Annotated[
            str,
            Query(
                min_length=1,
                max_length=2_000,
                examples=["papers/notes.md"],
                description="The file's name; folders before it are kept.",
            ),
        ],
        modified: Annotated[
            float,
            Query(ge=0, le=1e11, description="When it was last changed, in seconds since 1970."),
        ] = 0,
    ) -> Response:
        """Send a file, as the body. It is read in its turn: `/adding/{file}` tells how it went.

        A file of the same name is replaced once this one has been read.
        """
        if not (int(request.headers.get("content-length") or 0) or _is_chunked(request)):
            raise HTTPException(422, "The request has no body. Send the file's bytes as its body")
        try:
            taken = await receive(
                state.uploads, state.files_folder, request.stream(), name, modified
            )
        except ClientDisconnect:
            return Response(status_code=400)
        except QuothError:
            metrics.upload("refused")
            raise
        metrics.upload("taken")
        response = told(asdict(FileAdded.of(taken)), 202)
        response.headers["location"] = str(request.url_for("read_file", file=taken.id).path)
        return response


def _is_chunked(request: Request) -> bool:
    return "chunked" in request.headers.get("transfer-encoding", "")


def _add_watching(routes: APIRouter, state: AppState) -> None:
    @routes.get(
        "/adding",
        summary="List files sent",
        response_model=FilesAdded,
        responses=declared(401, 403, 503, 504),
    )
    async def list_files() -> Response:
        """Return the files that were sent lately, and what became of each."""
        return told(asdict(await state.reading.run(partial(_all_sent, state))))

    @routes.get(
        "/adding/{file}", summary="See a file sent", response_model=FileAdded, responses=_WATCHING
    )
    async def read_file(file: FileId) -> Response:
        """Return what became of a file that was sent."""
        return told(asdict(FileAdded.of(await state.reading.run(partial(_sent, state, file)))))

    @routes.post(
        "/adding/{file}/cancel",
        summary="Do not read a file",
        response_model=FileAdded,
        responses=_WATCHING,
        dependencies=[MAY_WRITE],
    )
    async def cancel_file(file: FileId) -> Response:
        """Cancel a file that waits or is being read; one whose fate is known stays as it is."""
        return told(asdict(FileAdded.of(await state.reading.run(partial(_cancelled, state, file)))))


def _all_sent(state: AppState) -> FilesAdded:
    return FilesAdded(tuple(map(FileAdded.of, state.uploads.files())), state.uploads.pending())


def _cancelled(state: AppState, file: int) -> Upload:
    state.uploads.cancel(_sent(state, file).id)
    return _sent(state, file)


def _sent(state: AppState, file: int) -> Upload:
    for one in state.uploads.files():
        if one.id == file:
            return one
    raise NotFoundError(f"No file {file} was sent lately. See /adding for those that were.")


def _add_changing(routes: APIRouter, state: AppState) -> None:
    @routes.delete(
        "/documents/{id}",
        summary="Remove a document",
        response_model=DocumentNamed,
        responses=_CHANGING,
        dependencies=[MAY_WRITE],
    )
    async def remove_document(id: DocumentId) -> Response:
        """Take a document out of the library. For ten minutes it can be restored.

        Its file stays where it is, unless it was sent to this server.
        """
        name = await state.changing.run(partial(state.remove, id))
        return told(asdict(DocumentNamed(id, name)))

    @routes.post(
        "/documents/{id}/restore",
        summary="Restore a document",
        response_model=DocumentNamed,
        responses=_CHANGING,
        dependencies=[MAY_WRITE],
    )
    async def restore_document(id: DocumentId) -> Response:
        """Put a document back that was removed some minutes ago."""
        name = await state.changing.run(partial(state.restore, id))
        return told(asdict(DocumentNamed(id, name)))
