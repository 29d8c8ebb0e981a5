"""The routes of the page that read documents.

The browser is not trusted: it names a document by its id and a passage by its place, and both are
looked up again.
"""

from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from fastapi.responses import JSONResponse

from rag.errors import DeadlineExceededError, NotFoundError, UnreadableFileError
from rag.marking.marks import Mark
from rag.text.html_escaping import Html
from ui.admission import BusyError
from ui.api.problems import RETRY_SECONDS, status_of
from ui.dependencies import InService
from ui.html import passages
from ui.html.document import CitedSpan, document_notice, document_page
from ui.html.translations import Wording
from ui.page.route_support import InWords, PageRoute, mark_values, message_of
from ui.page.schemas import Digest, DocumentId, DocumentRequest, ParagraphRequest
from ui.quote_export import Place
from ui.service import EdgeError
from vector_store.records import Contents, DocumentInfo

routes = APIRouter(prefix="/page", route_class=PageRoute)


@routes.post("/document")
async def document(request: DocumentRequest, service: InService, words: InWords) -> Response:
    """Return a document, opened at the cited passage unless the file has changed since."""
    values: dict[str, Any] = {}
    try:
        marked = await service.opened(request.key)
        values = mark_values(marked)

        def render(info: DocumentInfo, contents: Contents) -> Html:
            return _page(request, contents, words, marked.mark)

        html = await service.document(request.key, render)
    except NotFoundError:
        html = document_notice("", words.say("gone"), words)
    except (BusyError, DeadlineExceededError) as error:
        html = document_notice("", message_of(error, words), words)
        return JSONResponse({"html": html}, status_of(error), {"retry-after": RETRY_SECONDS})
    return JSONResponse({"html": html, **values})


def _page(request: DocumentRequest, contents: Contents, words: Wording, mark: Mark) -> Html:
    if request.start is None:
        return document_page(contents, None, words, mark)
    if request.sha256 != contents.document.sha256:
        return document_notice(contents.document.name, words.say("changed"), words)
    highlights = passages.parse_highlights(request.marks, request.end - request.start)
    return document_page(contents, CitedSpan(request.start, highlights), words, mark)


@routes.post("/neighbour")
async def neighbour(
    request: ParagraphRequest, service: InService, words: InWords
) -> dict[str, Any]:
    """Return a paragraph of a document by its number, or a message that there is none."""
    render = partial(passages.neighbouring_paragraph, words=words)
    try:
        html = await service.paragraph(request.key, request.number, render)
    except EdgeError:
        return {"html": "", "message": words.say("at_edge")}
    except NotFoundError:
        return {"html": "", "message": words.say("gone")}
    return {"html": html, "message": ""}


@routes.get("/pdf")
async def pdf(
    key: DocumentId,
    sha256: Digest,
    start: Annotated[int, Query(ge=0)],
    end: Annotated[int, Query(ge=0)],
    service: InService,
) -> Response:
    """Return the page of a PDF where a passage begins, as a picture with the passage marked."""
    try:
        image = await service.page_image(Place(key, sha256, start, end))
    except (NotFoundError, UnreadableFileError):
        return Response(status_code=404)
    return Response(image, media_type="image/png")
