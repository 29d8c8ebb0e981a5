"""Quotes as a file, for the page: each looked up once, and no more than a server can bear."""

from collections.abc import Callable, Coroutine
from dataclasses import replace
from functools import partial
from typing import Annotated, Any, Literal

from fastapi import APIRouter, HTTPException, Request, Response
from pydantic import BaseModel, Field
from starlette.types import Message, Receive

from rag import deadlines
from rag.answers import Quoted
from rag.errors import NotFoundError, QuestionError
from rag.export.quotes import FORMATS, QuotedQuestion
from rag.library import Library
from ui.app_state import AppState
from ui.page.route_support import PageRoute, Place, Text

MOST_QUOTES = 2_000
"""In one file, that is a book of some 500 pages."""
MOST_LETTERS = 4_000_000
"""Of all quotes in one file: that many passages of the longest kind."""
_LARGEST_BODY = 1024 * 1024
"""Bytes: 2,000 places have 300,000, the rest is questions."""


class KeptQuote(BaseModel):
    """A question and the passages to export."""

    question: Text
    places: Annotated[list[Place], Field(max_length=100)] = []


class Export(BaseModel):
    """Questions to export, and how."""

    format: Literal["markdown", "docx", "csv", "bibtex", "csl", "json"]
    questions: Annotated[list[KeptQuote], Field(max_length=500)]


def export_routes(state: AppState) -> APIRouter:
    """Return the route that exports, whose bodies are read for a few at a time only."""

    class _Admitted(PageRoute):
        def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
            handler = super().get_route_handler()

            async def admitted(request: Request) -> Response:
                with state.exporting.entered():
                    return await handler(Request(request.scope, _bounded(request.receive)))

            return admitted

    routes = APIRouter(route_class=_Admitted)

    @routes.post("/export")
    async def export(wanted: Export) -> Response:
        """Return quotes as a file. A passage that no longer stands in its document is left out."""
        chosen = FORMATS[wanted.format]
        try:
            written = await state.exporting.run_entered(partial(_written, state.library, wanted))
        except QuestionError as error:
            raise HTTPException(413, str(error)) from error
        headers = {"content-disposition": f'attachment; filename="quotes.{chosen.suffix}"'}
        return Response(written, media_type=chosen.media_type, headers=headers)

    return routes


def _written(library: Library, wanted: Export) -> bytes:
    """Return a file of quotes. Raises QuestionError for too many, DeadlineExceededError."""
    number = sum(len(kept.places) for kept in wanted.questions)
    if number > MOST_QUOTES:
        raise QuestionError(f"Export {MOST_QUOTES:,} quotes at most at once; these are {number:,}.")
    lookup = _Lookup(library)
    asked = [QuotedQuestion(kept.question, lookup.quotes(kept.places)) for kept in wanted.questions]
    return FORMATS[wanted.format].write(asked)


class _Lookup:
    """Passages at places, each looked up once."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._at: dict[tuple[str, str, int, int], Quoted | None] = {}
        self._letters = 0

    def quotes(self, places: list[Place]) -> tuple[Quoted, ...]:
        """Return the passages at places, numbered as these are; those that are gone left out."""
        quotes = []
        for number, place in enumerate(places, start=1):
            deadlines.check()
            quoted = self._quoted(place)
            if quoted is not None:
                self._letters += len(quoted.text)
                quotes.append(replace(quoted, citation=replace(quoted.citation, number=number)))
            if self._letters > MOST_LETTERS:
                raise QuestionError("These quotes are too long for one file. Export fewer at once.")
        return tuple(quotes)

    def _quoted(self, place: Place) -> Quoted | None:
        key = (place.key, place.sha256, place.start, place.end)
        if key not in self._at:
            try:
                self._at[key] = self._library.passage_at(*key)
            except NotFoundError:
                self._at[key] = None
        return self._at[key]


def _bounded(receive: Receive) -> Receive:
    """Return what raises HTTPException when the body is larger than any export's."""
    size = 0

    async def receive_bounded() -> Message:
        nonlocal size
        message = await receive()
        size += len(message.get("body", b""))
        if size > _LARGEST_BODY:
            raise HTTPException(413, f"Export {MOST_QUOTES:,} quotes at most at once.")
        return message

    return receive_bounded
