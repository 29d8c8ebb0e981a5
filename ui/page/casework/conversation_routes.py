"""The routes of the page that list, reopen, rename and delete conversations."""

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from fastapi.responses import JSONResponse

from rag.casework.casework import Casework
from rag.casework.encoding import moment_text
from rag.casework.records import Turn
from rag.chat.followups import Followed
from rag.errors import NotFoundError, QuothError
from rag.text.html_escaping import Html
from ui.admission import BusyError
from ui.dependencies import InService
from ui.html.answers import question_and_answer
from ui.html.cases.conversations import conversation_list, forgotten_turn, title_field
from ui.html.translations import Wording
from ui.page.casework.schemas import ConversationRequest, RecordId, TitleRequest
from ui.page.route_support import InWords, PageRoute, refusal
from ui.service import Service

routes = APIRouter(prefix="/page", route_class=PageRoute)

_MOST_LISTED = 100


@routes.get("/conversations")
async def conversations(
    service: InService, words: InWords, find: Annotated[str, Query(max_length=200)] = ""
) -> dict[str, Any]:
    """Return the list of conversations, that used last first."""

    def work(casework: Casework) -> dict[str, Any]:
        summaries = casework.conversations.summaries(find)
        rows = conversation_list(summaries[:_MOST_LISTED], words)
        return {"html": rows, "total": len(summaries), "field": title_field(words)}

    return await service.casework.run(work)


@routes.get("/conversations/{conversation}")
async def conversation(
    conversation: RecordId, service: InService, words: InWords
) -> dict[str, Any]:
    """Return the turns of a conversation as they were answered, without asking again."""

    def work(casework: Casework) -> dict[str, Any]:
        stored = casework.conversations.read(conversation)
        return {
            "id": stored.id,
            "title": stored.title,
            "turns": [
                {
                    "turn": turn.id,
                    "html": _drawn(turn, service, words),
                    "carry": turn.carry,
                    "created": moment_text(turn.created),
                }
                for turn in stored.turns
            ],
            "message": "",
        }

    try:
        return await service.casework.run(work)
    except NotFoundError:
        return {"turns": [], "message": words.say("conversation_unknown")}


def _drawn(turn: Turn, service: Service, words: Wording) -> Html:
    if turn.answer is None:
        return forgotten_turn(turn, words)
    judged = service.judged(turn.question)
    return question_and_answer(Followed(turn.answer, turn.other), 0, words, judged)


async def _changed(
    service: Service, words: Wording, work: Callable[[Casework], object], message: str = ""
) -> Response:
    try:
        await service.casework.run(work)
    except BusyError:
        raise
    except NotFoundError:
        return JSONResponse({"message": words.say("conversation_unknown")})
    except QuothError as error:
        return refusal(error, words)
    return JSONResponse({"message": message})


@routes.post("/conversations/rename")
async def rename(request: TitleRequest, service: InService, words: InWords) -> Response:
    """Give a conversation a title."""
    return await _changed(
        service,
        words,
        lambda casework: casework.conversations.rename(request.conversation, request.title),
    )


@routes.post("/conversations/delete")
async def delete(request: ConversationRequest, service: InService, words: InWords) -> Response:
    """Move a conversation to the bin."""
    return await _changed(
        service,
        words,
        lambda casework: casework.conversations.delete(request.conversation),
        words.say("conversation_deleted"),
    )


@routes.post("/conversations/restore")
async def restore(request: ConversationRequest, service: InService, words: InWords) -> Response:
    """Take a conversation back out of the bin."""
    return await _changed(
        service, words, lambda casework: casework.conversations.restore(request.conversation)
    )


@routes.post("/conversations/forget-all")
async def forget_all(service: InService, words: InWords) -> Response:
    """Drop all conversations for good."""
    return await _changed(service, words, lambda casework: casework.conversations.forget_all())
