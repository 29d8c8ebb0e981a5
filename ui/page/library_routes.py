"""The routes of the page that list and change the documents of the library."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import JSONResponse

from rag.errors import DeadlineExceededError, QuothError
from rag.export import tables
from rag.models.registry import MULTILINGUAL
from ui.admission import BusyError
from ui.dependencies import InService
from ui.html.adding import switch_progress, upload_list
from ui.html.marks import mark_bar
from ui.html.sidebar import library_notes, unread_list
from ui.jobs.upload_counts import PAGE_REPORTS
from ui.page.route_support import (
    InWords,
    PageRoute,
    mark_values,
    message_of,
    page_status_of,
    refusal,
)
from ui.page.schemas import AddingRequest, CancelRequest, KeyRequest, MarkRequest
from ui.services.documents import DocumentList

routes = APIRouter(prefix="/page", route_class=PageRoute)
uploads = APIRouter(prefix="/page")  # completed even when the client has gone


@routes.get("/documents")
async def documents(service: InService, words: InWords) -> dict[str, Any]:
    """Return the version of the documents, what is to be said of them, and the recent uploads."""
    uploads, switch = service.state.uploads, service.state.model_switch

    def render(listed: DocumentList) -> dict[str, Any]:
        files = uploads.files()
        return {
            "version": listed.version,
            "removable": listed.can_remove,
            "notes": library_notes(listed.unread, listed.unknown_languages, listed.model, words),
            "adding": switch_progress(switch.status, words)
            + upload_list(
                files,
                uploads.counts(),
                words,
                is_blocked=uploads.is_blocked and not switch.is_running,
            ),
            "waiting": sum(file.is_pending for file in files)
            + uploads.is_working
            + switch.is_running,
        }

    return await service.document_list(render)


@routes.get("/documents/rows")
async def document_rows(request: Request, service: InService) -> Response:
    """Return all documents, one column for each property."""
    rows = await service.document_rows()
    headers = {"etag": rows.tag, "cache-control": "private, no-cache", "vary": "accept-encoding"}
    if rows.tag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    if "gzip" not in request.headers.get("accept-encoding", ""):
        return Response(rows.body, media_type="application/json", headers=headers)
    headers["content-encoding"] = "gzip"
    body = await service.read(lambda: rows.gzipped)
    return Response(body, media_type="application/json", headers=headers)


@routes.get("/unread")
async def unread(service: InService, words: InWords) -> dict[str, Any]:
    """Return the files that could not be read, grouped by the reason."""
    return {"html": await service.unread(lambda files: unread_list(files, words))}


@routes.get("/unread.csv")
async def unread_csv(service: InService) -> Response:
    """Return the files that could not be read, as CSV."""
    headers = {"content-disposition": 'attachment; filename="not-read.csv"'}
    file = await service.unread(lambda files: b"".join(tables.unread_csv(files)))
    return Response(file, media_type="text/csv", headers=headers)


@routes.post("/mark")
async def mark(request: MarkRequest, service: InService, words: InWords) -> Response:
    """Change the status or the tags of a document."""
    try:
        marked = await service.mark(request.key, request.change())
    except (BusyError, DeadlineExceededError):
        raise
    except QuothError as error:
        return refusal(error, words)
    bar = mark_bar(marked.key, marked.mark, words)
    return JSONResponse({"message": "", "marks": bar, **mark_values(marked)})


@uploads.put("/files")
async def upload(
    request: Request,
    service: InService,
    words: InWords,
    name: Annotated[str, Query(max_length=2_000)],
    modified: Annotated[float, Query(ge=0, le=1e11)] = 0,
    announced: bool = False,
) -> Response:
    """Store an uploaded file, to be read in its turn; `announced` if it was counted as chosen."""
    queue = service.state.uploads
    try:
        file = await service.receive(request.stream(), name, modified)
    except QuothError as error:
        if not announced:
            return refusal(error, words)
        queue.refuse(name, message_of(error, words))
        return JSONResponse({"refused": True}, page_status_of(error))
    if announced:
        queue.arrived()
    return JSONResponse({"file": file.id})


@uploads.post("/adding")
async def adding(request: AddingRequest, service: InService) -> dict[str, bool]:
    """Count files that the page will send, and those that it will not send after all."""
    queue = service.state.uploads
    if request.chosen:
        queue.announce(request.chosen)
    for state in PAGE_REPORTS:
        if number := getattr(request, state):
            queue.report(state, number)
    return {"done": True}


@routes.post("/cancel")
async def cancel(request: CancelRequest, service: InService) -> dict[str, bool]:
    """Cancel an upload, or all that are waiting."""
    await service.cancel_uploads(request.file)
    return {"done": True}


@routes.post("/dismiss")
async def dismiss(service: InService) -> dict[str, bool]:
    """Forget the uploads in a final state."""
    await service.dismiss_uploads()
    return {"done": True}


@routes.post("/switch")
async def switch(service: InService) -> dict[str, bool]:
    """Start to switch to the multilingual model."""
    await service.switch_model(MULTILINGUAL)
    return {"done": True}


@routes.post("/remove")
async def remove(request: KeyRequest, service: InService, words: InWords) -> Response:
    """Remove a document; its file is left alone, unless it was uploaded."""
    try:
        name = await service.remove(request.key)
        remaining = await service.casework.run(lambda work: work.count_quotes_of([request.key]))
    except BusyError:
        raise
    except QuothError as error:
        return refusal(error, words)
    message = words.say("removed", document=name)
    if remaining:
        message = f"{message} {words.count('quotes_remain', remaining)}"
    return JSONResponse({"message": message})


@routes.post("/undo")
async def undo(request: KeyRequest, service: InService, words: InWords) -> Response:
    """Restore a document that was removed minutes ago."""
    try:
        name = await service.restore(request.key)
    except BusyError:
        raise
    except QuothError as error:
        return refusal(error, words)
    return JSONResponse({"message": name})
