"""The routes of the page that answer questions, and what the page shows before the first."""

from functools import partial
from typing import Any

from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse

from rag.chat.followups import Followed
from rag.errors import DeadlineExceededError, NotFoundError, QuestionError, QuothError
from rag.indexing.source_files import LARGEST_FILE
from rag.query.syntax import Search, parse
from rag.text.html_escaping import Html
from ui.admission import BusyError
from ui.api.problems import RETRY_SECONDS
from ui.dependencies import InService
from ui.error_messages import sentence
from ui.html import answers
from ui.html.judgements import verdicts
from ui.html.sidebar import sidebar
from ui.html.toolbar import search_help, toolbar
from ui.html.translations import Wording
from ui.page.route_support import InWords, PageRoute, message_of, page_status_of
from ui.page.schemas import JudgementRequest, QuestionRequest, QuestionText

routes = APIRouter(prefix="/page", route_class=PageRoute)


@routes.get("/start")
async def start(service: InService, words: InWords) -> dict[str, Any]:
    """Return the page's wording and what it shows first."""
    state = service.state
    return {
        "language": words.language,
        "direction": words.direction,
        "words": words.table,
        "welcome": answers.welcome(await service.counts(), state.served.examples, words),
        "shelf": sidebar(words, can_add=bool(state.library.folder)),
        "bar": toolbar(words),
        "help": search_help(words),
        "largest": LARGEST_FILE,
    }


@routes.post("/ask")
async def ask(request: QuestionRequest, service: InService, words: InWords) -> Response:
    """Answer a question."""

    def render(followed: Followed) -> dict[str, Any]:
        answer = followed.answer
        judged = service.judged(answer.question)
        pending = service.state.uploads.pending()
        html = answers.question_and_answer(followed, pending, words, judged)
        stored = service.casework.record(
            followed, request.conversation, carry=_carry(request), instead=request.instead
        )
        return {
            "html": html,
            "answered": answer.answered,
            "state": answer.state,
            "message": stored.reason,
            "conversation": stored.conversation,
            "turn": stored.turn,
        }

    try:
        turn = await service.ask(
            request.question, render, earlier=_earlier(request), carry=request.carry
        )
    except QuothError as error:
        return _refusal(error, words)
    return JSONResponse(turn)


def _carry(request: QuestionRequest) -> tuple[str, ...] | None:
    return None if request.carry is None else tuple(request.carry)


def _earlier(request: QuestionRequest) -> Search | None:
    """Return the previous question; None when there is none, or it cannot be parsed.

    The page sends the question of the turn above even when that question was refused. The new one
    then stands alone, whereas programs are told that their `earlier` is malformed.
    """
    if not request.earlier.strip():
        return None
    try:
        return parse(request.earlier).with_carried(tuple(request.earlier_carried))
    except QuestionError:
        return None


def _refusal(error: QuothError, words: Wording) -> Response:
    message, status = message_of(error, words), page_status_of(error)
    content = {"html": answers.error_notice(message, words), "answered": False, "message": message}
    headers = {"retry-after": RETRY_SECONDS} if status == 503 else None
    return JSONResponse(content, status, headers)


@routes.post("/topics")
async def topics(request: QuestionRequest, service: InService, words: InWords) -> dict[str, str]:
    """Return questions that the documents do answer, for one that they do not."""
    try:
        html = await service.topics(
            request.question, partial(answers.suggested_questions, words=words)
        )
    except QuothError:  # the page does without
        html = Html()
    return {"html": html}


@routes.get("/understood")
async def understood(q: QuestionText, service: InService, words: InWords) -> dict[str, str]:
    """Return a chip for each phrase, exclusion and filter in the text being typed."""
    try:
        chips = await service.read(partial(answers.query_chips, q, words))
    except QuestionError as error:  # such as a date half typed
        return {"html": "", "message": sentence(error)}
    return {"html": chips, "message": ""}


@routes.post("/judge")
async def judge(request: JudgementRequest, service: InService, words: InWords) -> dict[str, Any]:
    """Store whether a passage answers its question, or that nothing does, on this machine."""
    place = None if request.place is None else request.place.place()
    try:
        judged = await service.judge(request.question, place, answers=request.answers)
    except NotFoundError:
        return {"message": words.say("changed")}
    except (BusyError, DeadlineExceededError):
        raise
    except QuothError as error:
        return {"message": sentence(error)}
    message = words.say("taken_back" if request.answers is None else "noted")
    return {"message": message, "judged": verdicts(judged)}
