"""The routes of the page that list and change the documents of the library."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import JSONResponse

from rag.errors import QuothError
from rag.models.registry import MULTILINGUAL
from ui.admission import BusyError
from ui.dependencies import InService
from ui.html.adding import switch_progress, upload_list
from ui.html.sidebar import document_list
from ui.jobs.upload_counts import PAGE_REPORTS
from ui.page.route_support import InWords, PageRoute, message_of, page_status_of, refusal
from ui.page.schemas import AddingRequest, CancelRequest, KeyRequest
from ui.service import Shelf

routes = APIRouter(prefix="/page", route_class=PageRoute)
uploads = APIRouter(prefix="/page")  # completed even when the client has gone


@routes.get("/documents")
async def documents(
    service: InService, words: InWords, find: Annotated[str, Query(max_length=200)] = ""
) -> dict[str, Any]:
    """Return the documents, the recent uploads and how far they are."""
    uploads, switch = service.state.uploads, service.state.model_switch

    def render(shelf: Shelf) -> dict[str, Any]:
        files = uploads.files()
        return {
            "documents": document_list(
                shelf.documents,
                find,
                words,
                model=shelf.model,
                unread=shelf.unread,
                can_remove=shelf.can_remove,
            ),
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

    return await service.shelf(render)


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
    except BusyError:
        raise
    except QuothError as error:
        return refusal(error, words)
    return JSONResponse({"message": words.say("removed", document=name)})


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
