"""What the page asks of the server: answers, paragraphs, documents. Everything is typed.

What a browser sends is not trusted: a document is named by a key, a passage by its place, and
both are looked up again.
"""

from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from rag.errors import (
    DeadlineExceededError,
    NotFoundError,
    QuestionError,
    QuothError,
    UnreadableFileError,
)
from rag.indexing.source_files import LARGEST_FILE
from ui.admission import BusyError
from ui.api.problems import RETRY_SECONDS, status_of
from ui.app_state import AppState
from ui.error_messages import sentence
from ui.html import answers as turns, passages
from ui.html.document import Cited, reader, reader_notice
from ui.html.sidebar import shelf
from ui.html.toolbar import bar, search_help
from ui.html.translations import Wording
from ui.page.exports import export_routes
from ui.page.route_support import Digest, InWords, Key, PageRoute, Place, Text, told_of
from ui.question_runner import QuestionRunner

Words = Annotated[list[Annotated[str, Field(max_length=200)]], Field(max_length=40)]


class QuestionRequest(BaseModel):
    """A question, and the one before it."""

    question: Text
    earlier: Text = ""
    earlier_carried: Words = []
    carry: Words | None = None
    """Words to carry; None to decide by the wording."""


class Opening(BaseModel):
    """A document to open, at a passage or at its beginning."""

    key: Key
    start: Annotated[int, Field(ge=0)] | None = None
    end: Annotated[int, Field(ge=0)] = 0
    sha256: Digest = ""
    marks: Annotated[str, Field(max_length=8_000)] = ""


class Neighbour(BaseModel):
    """A paragraph of a document, by its number."""

    key: Key
    number: int


class Judgement(BaseModel):
    """What a person says of a passage shown for a question."""

    question: Text
    place: Place
    answers: bool


def page_routes(state: AppState, asking: QuestionRunner) -> APIRouter:
    """Return the routes of the page."""
    routes = APIRouter(prefix="/page", route_class=PageRoute)

    _add_asking(routes, state, asking)
    _add_starting(routes, state)
    _add_reading(routes, state)
    _add_pages(routes, state)
    _add_keeping(routes, state)
    routes.include_router(export_routes(state))
    return routes


def _add_starting(routes: APIRouter, state: AppState) -> None:
    @routes.get("/start")
    async def start(words: InWords) -> dict[str, Any]:
        """Return the page's words and what it shows first."""
        library = state.library
        counts = await state.reading.run(library.store.counts)
        return {
            "language": words.language,
            "direction": words.direction,
            "words": words.table,
            "welcome": turns.welcome(counts, state.examples, words),
            "shelf": shelf(words, can_add=bool(library.folder)),
            "bar": bar(words),
            "help": search_help(words),
            "largest": LARGEST_FILE,
        }

    @routes.post("/topics")
    async def topics(asked: QuestionRequest, words: InWords) -> dict[str, str]:
        """Return questions that the documents do answer, for one that they do not."""
        try:
            found = await state.questions.run(partial(state.topics, asked.question))
        except QuothError:  # a help that may be missing
            found = []
        return {"html": turns.offers(found, words)}

    @routes.get("/understood")
    async def understood(q: Text, words: InWords) -> dict[str, str]:
        """Return a chip for each phrase, exclusion and filter in what is being typed."""
        try:
            chips = await state.reading.run(partial(turns.chips_of, q, words))
            return {"html": chips, "message": ""}
        except QuestionError as error:  # a date half typed
            return {"html": "", "message": sentence(error)}


def _add_asking(routes: APIRouter, state: AppState, asking: QuestionRunner) -> None:
    @routes.post("/ask")
    async def ask(asked: QuestionRequest, words: InWords) -> Response:
        """Answer a question."""
        work = partial(_answer, state, asked, words)
        try:
            found = await asking.run(asked.question, work, lambda found: found["answered"])
        except (BusyError, DeadlineExceededError) as error:
            return _refusal(told_of(error, words), words, status_of(error))
        except QuothError as error:
            return _refusal(
                sentence(error), words, 200 if isinstance(error, QuestionError) else 500
            )
        return JSONResponse(found)


def _answer(state: AppState, asked: QuestionRequest, words: Wording) -> dict[str, Any]:
    followed = state.ask(asked.question, asked.earlier, asked.earlier_carried, asked.carry)
    html = turns.turn(followed, state.uploads.waiting(), words)
    return {"html": html, "answered": followed.answer.answered, "message": ""}


# A question that cannot be asked is no fault of the request: browsers would log it as an error.
def _refusal(message: str, words: Wording, status: int) -> Response:
    content = {"html": turns.notice(message, words), "answered": False, "message": message}
    headers = {"retry-after": RETRY_SECONDS} if status == 503 else None
    return JSONResponse(content, status, headers)


def _add_reading(routes: APIRouter, state: AppState) -> None:
    @routes.post("/document")
    async def document(opened: Opening, words: InWords) -> Response:
        """Return a document, at the cited passage unless it is no longer what was quoted."""
        try:
            html = await state.reading.run(partial(_opened, state, opened, words))
        except (BusyError, DeadlineExceededError) as error:
            html = reader_notice("", told_of(error, words), words)
            return JSONResponse({"html": html}, status_of(error), {"retry-after": RETRY_SECONDS})
        return JSONResponse({"html": html})

    @routes.post("/neighbour")
    async def neighbour(wanted: Neighbour, words: InWords) -> dict[str, Any]:
        """Return the paragraph of a number, from the document's own text, or that there is none."""
        return await state.reading.run(partial(_neighbour, state, wanted, words))


def _opened(state: AppState, opened: Opening, words: Wording) -> str:
    try:
        contents = state.library.contents(state.library.path_of(opened.key))
    except NotFoundError:
        return reader_notice("", words.say("gone"), words)
    name = contents.document.name
    if opened.start is None:
        return reader(contents, None, words)
    if opened.sha256 != contents.document.sha256:
        return reader_notice(name, words.say("changed"), words)
    marks = passages.read_marks(opened.marks, opened.end - opened.start)
    return reader(contents, Cited(opened.start, marks), words)


def _neighbour(state: AppState, wanted: Neighbour, words: Wording) -> dict[str, Any]:
    try:
        passage = state.library.paragraph(wanted.key, wanted.number)
    except NotFoundError:
        return {"html": "", "message": words.say(_why_no_neighbour(state, wanted.key))}
    return {"html": passages.neighbour(passage, words), "message": ""}


def _why_no_neighbour(state: AppState, key: str) -> str:
    try:
        state.library.path_of(key)
    except NotFoundError:
        return "gone"
    return "at_edge"


def _add_pages(routes: APIRouter, state: AppState) -> None:
    @routes.get("/pdf")
    async def pdf(
        key: Key,
        sha256: Digest,
        start: Annotated[int, Query(ge=0)],
        end: Annotated[int, Query(ge=0)],
    ) -> Response:
        """Return the page of a PDF where a passage begins, as a picture with the passage marked."""
        try:
            drawn = await state.questions.run(partial(_drawn, state, key, sha256, start, end))
        except (NotFoundError, UnreadableFileError):
            return Response(status_code=404)
        return Response(drawn, media_type="image/png")


def _drawn(state: AppState, key: str, sha256: str, start: int, end: int) -> bytes:
    """Return a picture of a page. Raises NotFoundError or UnreadableFileError."""
    contents = state.library.contents(state.library.path_of(key))
    if contents.document.sha256 != sha256:
        raise NotFoundError(f"{contents.document.name} has changed.")
    return state.pages.draw(contents, start, end)


def _add_keeping(routes: APIRouter, state: AppState) -> None:
    @routes.post("/judge")
    async def judge(said: Judgement, words: InWords) -> Response:
        """Keep what a person says of a passage, on this machine."""
        try:
            await state.changing.run(partial(_judge, state, said))
        except NotFoundError:
            return JSONResponse({"message": words.say("changed")})
        except (BusyError, DeadlineExceededError):
            raise
        except QuothError as error:
            return JSONResponse({"message": sentence(error)})
        return JSONResponse({"message": words.say("noted")})


def _judge(state: AppState, said: Judgement) -> None:
    at = said.place
    quoted = state.library.passage_at(at.key, at.sha256, at.start, at.end)
    state.library.judge(said.question, quoted, answers=said.answers)
