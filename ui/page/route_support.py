"""What all routes of the page share: types, words, and how they say that they cannot answer now."""

from collections.abc import Callable, Coroutine
from typing import Annotated, Any

from fastapi import Depends, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from rag.errors import DeadlineExceededError, QuothError
from rag.query.syntax import LONGEST_QUESTION
from ui.admission import BusyError
from ui.api.problems import RETRY_SECONDS, status_of
from ui.disconnects import AttendedRoute
from ui.html.translations import Wording, wording

Text = Annotated[str, Field(max_length=LONGEST_QUESTION + 200)]
Key = Annotated[str, Field(pattern=r"^[0-9a-f]{24}$")]
Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{0,64}$")]


class Place(BaseModel):
    """A passage: its document and its span."""

    key: Key
    start: Annotated[int, Field(ge=0)]
    end: Annotated[int, Field(ge=0)]
    sha256: Digest = ""


def words_of(request: Request) -> Wording:
    """Return the page's words in the language the browser asks for."""
    return wording(request.headers.get("accept-language", ""))


InWords = Annotated[Wording, Depends(words_of)]


def told_of(error: QuothError, words: Wording) -> str:
    """Return, in the page's words, that too much waits or that something took too long."""
    if isinstance(error, BusyError):
        return words.say("busy")
    return words.say("timed_out") if isinstance(error, DeadlineExceededError) else str(error)


class PageRoute(AttendedRoute):
    """A route of the page: it ends with its client, and says so when it is busy."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return the handler, whose refusals have the shape that the page's script expects."""
        handler = super().get_route_handler()

        async def handle(request: Request) -> Response:
            try:
                return await handler(request)
            except (BusyError, DeadlineExceededError) as error:
                message = told_of(error, words_of(request))
                headers = {"retry-after": RETRY_SECONDS}
                return JSONResponse({"html": "", "message": message}, status_of(error), headers)

        return handle
