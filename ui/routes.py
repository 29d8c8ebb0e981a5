"""What the page asks of the server: answers, paragraphs, documents, exports. Everything is typed.

What a browser sends is not trusted: a document is named by a key, a passage by its place, and
both are looked up again.
"""

from functools import partial
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from rag.answers import Quoted
from rag.errors import NotFoundError, QuestionError, QuothError, UnreadableFileError
from rag.exporting import FORMATS, Asked
from rag.readers import LARGEST_FILE
from rag.syntax import LONGEST_QUESTION
from ui import cards, turns
from ui.asking import Asking
from ui.bar import bar, search_help
from ui.desk import Desk
from ui.doorway import BusyError
from ui.reader import Cited, reader, reader_notice
from ui.refusals import sentence
from ui.shelf import shelf
from ui.wording import Wording, wording
from vector_store.records import Contents

Text = Annotated[str, Field(max_length=LONGEST_QUESTION + 200)]
Words = Annotated[list[Annotated[str, Field(max_length=200)]], Field(max_length=40)]
Key = Annotated[str, Field(pattern=r"^[0-9a-f]{24}$")]
Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{0,64}$")]


class Question(BaseModel):
    """A question, and the one before it."""

    question: Text
    earlier: Text = ""
    earlier_carried: Words = []
    carry: Words | None = None
    """Words to carry; None to decide by the wording."""


class Place(BaseModel):
    """A passage: its document and its span."""

    key: Key
    start: Annotated[int, Field(ge=0)]
    end: Annotated[int, Field(ge=0)]
    sha256: Digest = ""


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


class Kept(BaseModel):
    """A question and the passages to export."""

    question: Text
    places: Annotated[list[Place], Field(max_length=100)] = []


class Export(BaseModel):
    """Questions to export, and how."""

    format: Literal["markdown", "docx", "csv", "bibtex", "csl", "json"]
    questions: Annotated[list[Kept], Field(max_length=500)]


def words_of(request: Request) -> Wording:
    """Return the page's words in the language the browser asks for."""
    return wording(request.headers.get("accept-language", ""))


InWords = Annotated[Wording, Depends(words_of)]


def page_routes(desk: Desk, asking: Asking) -> APIRouter:
    """Return the routes of the page over a desk."""
    routes = APIRouter(prefix="/page")

    _add_asking(routes, desk, asking)
    _add_starting(routes, desk)
    _add_reading(routes, desk)
    _add_pages(routes, desk)
    _add_keeping(routes, desk)
    return routes


def _add_starting(routes: APIRouter, desk: Desk) -> None:
    @routes.get("/start")
    def start(words: InWords) -> dict[str, Any]:
        """Return the page's words and what it shows first."""
        library = desk.library
        return {
            "language": words.language,
            "direction": words.direction,
            "words": words.table,
            "welcome": turns.welcome(library.store.counts(), desk.examples, words),
            "shelf": shelf(words, can_add=bool(library.folder)),
            "bar": bar(words),
            "help": search_help(words),
            "largest": LARGEST_FILE,
        }

    @routes.post("/topics")
    async def topics(asked: Question, words: InWords) -> dict[str, str]:
        """Return questions that the documents do answer, for one that they do not."""
        try:
            found = await desk.doorway.run(partial(desk.topics, asked.question))
        except QuothError:  # a help that may be missing
            found = []
        return {"html": turns.offers(found, words)}

    @routes.get("/understood")
    def understood(q: Text, words: InWords) -> dict[str, str]:
        """Return a chip for each phrase, exclusion and filter in what is being typed."""
        try:
            return {"html": turns.chips_of(q, words), "message": ""}
        except QuestionError as error:  # a date half typed
            return {"html": "", "message": sentence(error)}


def _add_asking(routes: APIRouter, desk: Desk, asking: Asking) -> None:
    @routes.post("/ask")
    async def ask(asked: Question, words: InWords) -> Response:
        """Answer a question."""
        work = partial(_answer, desk, asked, words)
        try:
            found = await asking.run(asked.question, work, lambda found: found["answered"])
        except BusyError:
            return _refusal(words.say("busy"), words, 503)
        except QuothError as error:
            return _refusal(
                sentence(error), words, 200 if isinstance(error, QuestionError) else 500
            )
        return JSONResponse(found)


def _answer(desk: Desk, asked: Question, words: Wording) -> dict[str, Any]:
    followed = desk.ask(asked.question, asked.earlier, asked.earlier_carried, asked.carry)
    html = turns.turn(followed, desk.adding.waiting(), words)
    return {"html": html, "answered": followed.answer.answered, "message": ""}


# A question that cannot be asked is no fault of the request: browsers would log it as an error.
def _refusal(message: str, words: Wording, status: int) -> Response:
    content = {"html": turns.notice(message, words), "answered": False, "message": message}
    headers = {"retry-after": "2"} if status == 503 else None
    return JSONResponse(content, status, headers)


def _add_reading(routes: APIRouter, desk: Desk) -> None:
    @routes.post("/document")
    def document(opened: Opening, words: InWords) -> dict[str, str]:
        """Return a document, at the cited passage unless it is no longer what was quoted."""
        try:
            contents = desk.library.contents(desk.library.path_of(opened.key))
        except NotFoundError:
            return {"html": reader_notice("", words.say("gone"), words)}
        name = contents.document.name
        if opened.start is None:
            return {"html": reader(contents, None, words)}
        if opened.sha256 != contents.document.sha256:
            return {"html": reader_notice(name, words.say("changed"), words)}
        marks = cards.read_marks(opened.marks, opened.end - opened.start)
        return {"html": reader(contents, Cited(opened.start, marks), words)}

    @routes.post("/neighbour")
    def neighbour(wanted: Neighbour, words: InWords) -> dict[str, Any]:
        """Return the paragraph of a number, from the document's own text, or that there is none."""
        try:
            passages = desk.library.contents(desk.library.path_of(wanted.key)).passages
        except NotFoundError:
            return {"html": "", "message": words.say("gone")}
        for passage in passages:
            if passage.paragraph.number == wanted.number:
                return {"html": cards.neighbour(passage, words), "message": ""}
        return {"html": "", "message": words.say("at_edge")}


def _add_pages(routes: APIRouter, desk: Desk) -> None:
    @routes.get("/pdf")
    async def pdf(
        key: Key,
        sha256: Digest,
        start: Annotated[int, Query(ge=0)],
        end: Annotated[int, Query(ge=0)],
    ) -> Response:
        """Return the page of a PDF where a passage begins, as a picture with the passage marked."""
        try:
            drawn = await desk.doorway.run(partial(_drawn, desk, key, sha256, start, end))
        except (NotFoundError, UnreadableFileError):
            return Response(status_code=404)
        except BusyError:
            return Response(status_code=503, headers={"retry-after": "2"})
        return Response(drawn, media_type="image/png")


def _drawn(desk: Desk, key: str, sha256: str, start: int, end: int) -> bytes:
    """Return a picture of a page. Raises NotFoundError or UnreadableFileError."""
    contents = desk.library.contents(desk.library.path_of(key))
    if contents.document.sha256 != sha256:
        raise NotFoundError(f"{contents.document.name} has changed.")
    return desk.pages.draw(contents, start, end)


def _add_keeping(routes: APIRouter, desk: Desk) -> None:
    @routes.post("/judge")
    def judge(said: Judgement, words: InWords) -> Response:
        """Keep what a person says of a passage, on this machine."""
        quoted = _quoted(desk, said.place, 1)
        if quoted is None:
            return JSONResponse({"message": words.say("changed")})
        try:
            desk.library.judge(said.question, quoted, answers=said.answers)
        except QuothError as error:
            return JSONResponse({"message": sentence(error)})
        return JSONResponse({"message": words.say("noted")})

    @routes.post("/export")
    def export(wanted: Export, words: InWords) -> Response:
        """Return quotes as a file. A passage that no longer stands in its document is left out."""
        asked = []
        for kept in wanted.questions:
            found = (_quoted(desk, place, i) for i, place in enumerate(kept.places, start=1))
            asked.append(Asked(kept.question, tuple(one for one in found if one is not None)))
        chosen = FORMATS[wanted.format]
        headers = {"content-disposition": f'attachment; filename="quotes.{chosen.suffix}"'}
        return Response(chosen.write(asked), media_type=chosen.media_type, headers=headers)


def _quoted(desk: Desk, place: Place, number: int) -> Quoted | None:
    """Return the passage at a place, or None when the document is not what was quoted from."""
    try:
        contents = desk.library.contents(desk.library.path_of(place.key))
    except NotFoundError:
        return None
    if contents.document.sha256 != place.sha256:
        return None
    return _passage_at(contents, place, number)


def _passage_at(contents: Contents, place: Place, number: int) -> Quoted | None:
    for passage in contents.passages:
        at = passage.paragraph
        if (at.start, at.end) == (place.start, place.end):
            return Quoted.of(passage, number)
    return None
