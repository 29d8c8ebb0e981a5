"""The route of the page that exports quotes as a file."""

from fastapi import APIRouter, HTTPException, Request, Response
from starlette.types import Message, Receive

from rag.errors import QuestionError
from rag.export.quotes import FORMATS
from ui.dependencies import InService, service_of
from ui.page.route_support import Handler, PageRoute
from ui.page.schemas import ExportRequest
from ui.quote_export import MOST_QUOTES

_LARGEST_BODY = 1024 * 1024
"""Bytes: 2,000 places take 300,000, questions the rest."""


class ExportRoute(PageRoute):
    """A route that reads the bodies of a few requests only at a time, of limited size."""

    def get_route_handler(self) -> Handler:
        """Return the handler, which begins once the request counts as an export."""
        handler = super().get_route_handler()

        async def handle(request: Request) -> Response:
            with service_of(request).export_turn():
                return await handler(Request(request.scope, _limited(request.receive)))

        return handle


routes = APIRouter(prefix="/page", route_class=ExportRoute)


@routes.post("/export")
async def export(request: ExportRequest, service: InService) -> Response:
    """Return quotes as a file. Passages that are no longer in their document are left out."""
    questions = [
        (entry.question, [place.place() for place in entry.places]) for entry in request.questions
    ]
    try:
        file = await service.export(request.format, questions)
    except QuestionError as error:
        raise HTTPException(413, str(error)) from error
    format = FORMATS[request.format]
    headers = {"content-disposition": f'attachment; filename="quotes.{format.suffix}"'}
    return Response(file, media_type=format.media_type, headers=headers)


def _limited(receive: Receive) -> Receive:
    """Return a `receive` that raises HTTPException when the body is too large for an export."""
    size = 0

    async def receive_limited() -> Message:
        nonlocal size
        message = await receive()
        size += len(message.get("body", b""))
        if size > _LARGEST_BODY:
            raise HTTPException(413, f"Export {MOST_QUOTES:,} quotes at most at once.")
        return message

    return receive_limited
