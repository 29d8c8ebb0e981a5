"""The routes that change the library: files sent by a browser, documents removed and put back."""

from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from starlette.requests import ClientDisconnect

from rag.errors import NotFoundError, QuothError, UnreadableFileError
from rag.models.registry import MULTILINGUAL
from ui.admission import BusyError
from ui.api.problems import status_of
from ui.app_state import AppState
from ui.error_messages import sentence
from ui.html.sidebar import document_list, switch_progress, upload_list
from ui.html.translations import Wording
from ui.jobs.upload_receiver import SIZE_LIMIT, NoRoomError, TooLargeError, receive
from ui.page.route_support import InWords, Key, PageRoute
from ui.serving.metrics import Metrics


class Named(BaseModel):
    """A document, by its key."""

    key: Key


class Cancelled(BaseModel):
    """A file that was sent, or, without a number, all."""

    file: int | None = None


def intake_routes(state: AppState, metrics: Metrics) -> APIRouter:
    """Return the routes that change the library of a served library."""
    routes = APIRouter(prefix="/page", route_class=PageRoute)

    @routes.get("/documents")
    async def documents(
        words: InWords, find: Annotated[str, Query(max_length=200)] = ""
    ) -> dict[str, Any]:
        """Return the documents and the files being added."""
        return await state.reading.run(partial(_shelf, state, find, words))

    @routes.post("/switch")
    async def switch() -> dict[str, bool]:
        """Begin to search by the multilingual model."""
        await state.changing.run(partial(state.model_switch.begin, MULTILINGUAL))
        return {"done": True}

    @routes.post("/cancel")
    async def cancel(wanted: Cancelled) -> dict[str, bool]:
        """Do not read a file, or any that waits."""
        await state.reading.run(partial(state.uploads.cancel, wanted.file))
        return {"done": True}

    @routes.post("/dismiss")
    async def dismiss() -> dict[str, bool]:
        """Forget the files whose fate is known."""
        await state.reading.run(state.uploads.dismiss)
        return {"done": True}

    _add_removing(routes, state)
    taking = APIRouter()  # a file that was sent whole is taken, though its sender has gone
    _add_taking(taking, state, metrics)
    routes.include_router(taking)
    return routes


def _shelf(state: AppState, find: str, words: Wording) -> dict[str, Any]:
    files, switching = state.uploads.files(), state.model_switch
    return {
        "documents": document_list(state.library, find, words, can_remove=not state.shows_examples),
        "adding": switch_progress(switching.status, words) + upload_list(files, words),
        "waiting": sum(file.is_pending for file in files)
        + state.uploads.is_working
        + switching.is_running,
    }


def _add_taking(routes: APIRouter, state: AppState, metrics: Metrics) -> None:
    @routes.put("/files")
    async def take(
        request: Request,
        words: InWords,
        name: Annotated[str, Query(max_length=2_000)],
        modified: Annotated[float, Query(ge=0, le=1e11)] = 0,
    ) -> Response:
        """Take one file in; it is read in its turn."""
        try:
            taken = await receive(
                state.uploads, state.files_folder, request.stream(), name, modified
            )
        except NoRoomError:
            return _refused(words.say("no_room"), 503)
        except UnreadableFileError as error:
            metrics.upload("refused")
            return _refused(str(error))
        except TooLargeError:
            metrics.upload("refused")
            return _refused(words.say("too_large", limit=SIZE_LIMIT), 413)
        except ClientDisconnect:
            return Response(status_code=400)
        except QuothError as error:
            metrics.upload("refused")
            return _refused(sentence(error), status_of(error))
        metrics.upload("taken")
        return JSONResponse({"file": taken.id})


def _add_removing(routes: APIRouter, state: AppState) -> None:
    @routes.post("/remove")
    async def remove(wanted: Named, words: InWords) -> Response:
        """Take a document out of the library; its file stays unless the page took it in."""
        try:
            name = await state.changing.run(partial(state.remove, wanted.key))
        except NotFoundError:
            return _refused(words.say("gone"))
        except BusyError:
            raise
        except QuothError as error:
            return _refused(sentence(error), status_of(error))
        return JSONResponse({"message": words.say("removed", document=name)})

    @routes.post("/undo")
    async def undo(wanted: Named, words: InWords) -> Response:
        """Put a document back that was removed some minutes ago."""
        try:
            name = await state.changing.run(partial(state.restore, wanted.key))
        except NotFoundError:
            return _refused(words.say("gone"))
        except BusyError:
            raise
        except QuothError as error:
            return _refused(sentence(error), status_of(error))
        return JSONResponse({"message": name})


# A file of a kind that is not read is no fault of the request: browsers would log it as an error.
def _refused(message: str, status: int = 200) -> Response:
    return JSONResponse({"message": message}, status)
