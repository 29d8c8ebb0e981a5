"""The routes of the page that read documents.

The browser is not trusted: it names a document by its id and a passage by its place, and both are
looked up again.
"""

from base64 import b64encode
from collections.abc import Awaitable, Sequence
from functools import partial
from pathlib import PurePosixPath
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from fastapi.responses import HTMLResponse, JSONResponse, StreamingResponse

from rag.documents.outline import OutlineEntry
from rag.documents.text_search import TextMatches
from rag.errors import DeadlineExceededError, NotFoundError, QuothError, UnreadableFileError
from rag.formats.pdf.rendering import Box, Sheet
from rag.marking.marks import Mark
from rag.text.html_escaping import Html
from ui.admission import BusyError
from ui.api.problems import RETRY_SECONDS, status_of
from ui.dependencies import InService
from ui.html import passages
from ui.html.document import CitedSpan, document_notice, document_page, document_text
from ui.html.reader.outline import outline_list
from ui.html.translations import Wording
from ui.page.content_disposition import attachment, displayed
from ui.page.route_support import InWords, PageRoute, mark_values, message_of
from ui.page.schemas import (
    PLACES,
    Digest,
    DocumentId,
    DocumentRequest,
    FindRequest,
    ParagraphRequest,
    SheetRequest,
    TextRequest,
    VersionRequest,
)
from ui.service import EdgeError
from ui.services.reader import ChangedError
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
    return document_page(contents, _cited(request), words, mark)


def _cited(request: DocumentRequest) -> CitedSpan | None:
    if request.start is None:
        return None
    highlights = passages.parse_highlights(request.marks, request.end - request.start)
    return CitedSpan(request.start, highlights)


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


@routes.post("/text")
async def text(request: TextRequest, service: InService, words: InWords) -> Response:
    """Return the part of a long document around a page or a place."""

    def render(contents: Contents) -> dict[str, Any]:
        starts, near = contents.document.page_starts, request.near
        if request.page is not None and request.page <= len(starts):
            near = starts[request.page - 1]
        part = document_text(contents, _cited(request), words, near=near)
        return {"html": part.html, "summary": part.summary}

    return await _answer(service.reader.contents(request.key, request.sha256, render), words)


@routes.post("/sheet")
async def sheet(request: SheetRequest, service: InService, words: InWords) -> Response:
    """Return a page of a PDF as a picture, and where places of the text stand on it.

    Boxes are left, top, width and height in shares of the picture's width and height.
    """

    async def drawn() -> dict[str, Any]:
        page = await service.reader.sheet(request.key, request.sha256, request.page, request.places)
        return {
            "image": f"data:image/png;base64,{b64encode(page.png).decode('ascii')}",
            "page": page.number,
            "pages": page.pages,
            "label": "" if page.label == str(page.number) else page.label,
            "width": page.width,
            "height": page.height,
            "marks": [[_shares(box, page) for box in boxes] for boxes in page.marks],
        }

    return await _answer(drawn(), words)


def _shares(box: Box, page: Sheet) -> tuple[float, float, float, float]:
    left, top, right, bottom = box
    return (
        left / page.width,
        top / page.height,
        (right - left) / page.width,
        (bottom - top) / page.height,
    )


@routes.post("/find")
async def find(request: FindRequest, service: InService, words: InWords) -> Response:
    """Find a text in a document: the start, end, first and last page of each match, and a count."""

    def render(matches: TextMatches) -> dict[str, Any]:
        listed = [(one.start, one.end, one.page, one.last_page) for one in matches.listed]
        return {"total": matches.total, "matches": listed}

    search = service.reader.find(request.key, request.sha256, request.query, render)
    return await _answer(search, words)


@routes.post("/outline")
async def outline(request: VersionRequest, service: InService, words: InWords) -> Response:
    """Return the outline of a document."""

    def render(entries: Sequence[OutlineEntry]) -> dict[str, Any]:
        return {"html": outline_list(entries, words)}

    return await _answer(service.reader.outline(request.key, request.sha256, render), words)


async def _answer(work: Awaitable[dict[str, Any]], words: Wording) -> Response:
    """Return what the reader asked for, or a message."""
    try:
        return JSONResponse(await work)
    except ChangedError:
        return JSONResponse({"message": words.say("changed")})
    except UnreadableFileError:
        return JSONResponse({"message": words.say("no_picture")})
    except NotFoundError:
        return JSONResponse({"message": words.say("gone")})


@routes.get("/picture")
async def picture(
    key: DocumentId,
    sha256: Digest,
    page: Annotated[int, Query(ge=1)],
    service: InService,
    words: InWords,
    places: Annotated[str, Query(pattern=PLACES, max_length=2_000)] = "",
) -> Response:
    """Return a picture of a page to save, with places such as "20-31,40-44" marked."""
    spans = [(int(one.split("-")[0]), int(one.split("-")[1])) for one in places.split(",") if one]
    try:
        drawn = await service.reader.sheet(key, sha256, page, spans, tinted=True)
        name = await service.reader.contents(key, sha256, lambda contents: contents.document.name)
    except (NotFoundError, UnreadableFileError) as error:
        return _message_page(error, "no_picture", words)
    file = f"{PurePosixPath(name).stem}, {words.say('page_n', n=page)}.png"
    return Response(drawn.png, media_type="image/png", headers=attachment(file))


@routes.get("/original")
async def original(
    key: DocumentId, sha256: Digest, service: InService, words: InWords, inline: bool = False
) -> Response:
    """Send a document's file as it lies on disk; a PDF opens in the browser if `inline`."""
    try:
        file = await service.reader.original(key, sha256)
    except (NotFoundError, UnreadableFileError) as error:
        return _message_page(error, "original_differs", words)
    shown = inline and file.name.lower().endswith(".pdf")
    return StreamingResponse(
        file.chunks,
        media_type="application/pdf" if shown else "application/octet-stream",
        headers={
            **(displayed(file.name) if shown else attachment(file.name)),
            "content-length": str(file.size),
        },
    )


def _message_page(error: QuothError, unreadable: str, words: Wording) -> Response:
    """Return a page with a message, for a link that opens in a window of its own."""
    key = unreadable if isinstance(error, UnreadableFileError) else "gone"
    message = words.say("changed" if isinstance(error, ChangedError) else key)
    page = Html(
        '<!doctype html><html lang="{}" dir="{}"><meta charset="utf-8"><title>Quoth</title>'
        "<body><p>{}</p></body></html>"
    ).format(words.language, words.direction, message)
    return HTMLResponse(page, 404)
