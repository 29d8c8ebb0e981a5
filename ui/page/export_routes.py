"""The routes of the page that make files: quotes, and reports that nothing was found."""

from fastapi import APIRouter, HTTPException, Request, Response

from rag.errors import QuestionError
from rag.export.cases import CASE_FORMATS
from rag.export.quotes import FORMATS
from ui.dependencies import InService, service_of
from ui.error_messages import sentence
from ui.page.route_support import Handler, PageRoute
from ui.page.schemas import ExportRequest, ReportRequest
from ui.quote_export import MOST_QUOTES, QuestionToExport

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
reports = APIRouter(prefix="/page", route_class=PageRoute)  # they wait among the questions


@routes.post("/export")
async def export(request: ExportRequest, service: InService) -> Response:
    """Return quotes as a file. Passages that are no longer in their document are left out."""
    questions = [
        QuestionToExport(
            entry.question, entry.state, tuple(place.place() for place in entry.places)
        )
        for entry in request.questions
    ]
    try:
        file = await service.export(request.format, questions)
    except QuestionError as error:
        raise HTTPException(413, str(error)) from error
    return attachment(file, f"quotes.{FORMATS[request.format].suffix}", request.format)


@reports.post("/report")
async def report(request: ReportRequest, service: InService) -> Response:
    """Return a report that the documents do not answer a question, which is searched for again.

    409 when the documents answer it now, or may.
    """
    try:
        file = await service.report(request.question, request.format, request.carry)
    except QuestionError as error:
        raise HTTPException(409, sentence(error)) from error
    return attachment(file, f"report.{FORMATS[request.format].suffix}", request.format)


def attachment(file: bytes, name: str, format: str) -> Response:
    """Return a file to save under a name."""
    headers = {"content-disposition": f'attachment; filename="{name}"'}
    return Response(file, media_type=CASE_FORMATS[format].media_type, headers=headers)
