"""What the routes of the page share: wording, and refusals in the shape that its script expects."""

from collections.abc import Callable, Coroutine
from typing import Annotated, Any

from fastapi import Depends, Request, Response
from fastapi.responses import JSONResponse

from rag.errors import (
    CaseworkError,
    DeadlineExceededError,
    NotFoundError,
    QuestionError,
    QuothError,
    UnreadableFileError,
)
from ui.admission import BusyError
from ui.api.problems import RETRY_SECONDS, status_of
from ui.disconnects import AttendedRoute
from ui.documents.marking import Marked
from ui.error_messages import sentence
from ui.html.translations import Wording, wording
from ui.jobs.upload_receiver import SIZE_LIMIT, NoRoomError, TooLargeError

Handler = Callable[[Request], Coroutine[Any, Any, Response]]

_ORDINARY = (CaseworkError, QuestionError, NotFoundError, UnreadableFileError)
"""Errors of ordinary use. Their status is 200, since browsers log any other as an error."""


def words_of(request: Request) -> Wording:
    """Return the page's wording in the language that the browser asks for."""
    return wording(request.headers.get("accept-language", ""))


async def _words(request: Request) -> Wording:  # async: FastAPI runs others in a thread
    return words_of(request)


InWords = Annotated[Wording, Depends(_words)]


def message_of(error: QuothError, words: Wording) -> str:
    """Return the message of an error: the page's own wording where it has one."""
    if isinstance(error, BusyError):
        return words.say("busy")
    if isinstance(error, DeadlineExceededError):
        return words.say("timed_out")
    if isinstance(error, NoRoomError):
        return words.say("no_room")
    if isinstance(error, TooLargeError):
        return words.say("too_large", limit=SIZE_LIMIT)
    return words.say("gone") if isinstance(error, NotFoundError) else sentence(error)


def page_status_of(error: QuothError) -> int:
    """Return the HTTP status of an error on the page."""
    return 200 if isinstance(error, _ORDINARY) else status_of(error)


def mark_values(marked: Marked) -> dict[str, Any]:
    """Return a document's mark as the script takes it."""
    mark = marked.mark
    tags = list(mark.tags)
    return {"key": marked.key, "status": mark.status, "tags": tags, "version": marked.version}


def refusal(error: QuothError, words: Wording) -> Response:
    """Return the refusal of a change, as a message to show."""
    return JSONResponse({"message": message_of(error, words)}, page_status_of(error))


class PageRoute(AttendedRoute):
    """A route that is cancelled when its client goes, and refuses in words while it is busy."""

    def get_route_handler(self) -> Handler:
        """Return the handler; its refusals have the shape that the page's script expects."""
        handler = super().get_route_handler()

        async def handle(request: Request) -> Response:
            try:
                return await handler(request)
            except (BusyError, DeadlineExceededError) as error:
                content = {"html": "", "message": message_of(error, words_of(request))}
                headers = {"retry-after": RETRY_SECONDS}
                return JSONResponse(content, status_of(error), headers)

        return handle
