"""The route of the page that exports quotes as a file."""

from fastapi import APIRouter, HTTPException, Request, Response

from rag.errors import QuestionError
from rag.export.quotes import FORMATS
from ui.dependencies import InService, service_of
from ui.page.route_support import Handler, PageRoute
from ui.page.schemas import ExportRequest
from ui.quote_export import MOST_QUOTES

LARGEST_BODY = 1024 * 1024
"""Bytes of a request: 2,000 places take 300,000, questions the rest."""
TOO_MANY_QUOTES = f"Export {MOST_QUOTES:,} quotes at most at once."
"""The refusal of a larger one."""


class ExportRoute(PageRoute):
    """A route that reads the bodies of only a few requests at a time."""

    def get_route_handler(self) -> Handler:
        """Return the handler, which begins once the request counts as an export."""
        handler = super().get_route_handler()

        async def handle(request: Request) -> Response:
            with service_of(request).export_turn():
                return await handler(request)

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
