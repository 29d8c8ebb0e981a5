"""The routes of the page that keep quotes in cases.

Each change answers with the panel as it is then, a message to show, and how to undo it.
"""

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import JSONResponse

from rag.casework.casework import Casework
from rag.casework.records import CaseSummary, KeptQuote
from rag.errors import NotFoundError, QuothError
from ui.admission import BusyError
from ui.dependencies import InService, service_of
from ui.html.cases.panel import MOST_SHOWN, cases_panel
from ui.html.cases.quotes import one_quote
from ui.html.translations import Wording
from ui.page.casework.schemas import (
    AbsentRequest,
    AnnotationRequest,
    CaseChangeRequest,
    CaseExportRequest,
    CaseQuestionRequest,
    CaseRequest,
    KeepRequest,
    MoveRequest,
    NewCaseRequest,
    Position,
    QuoteRequest,
    RecordId,
)
from ui.page.export_routes import attachment
from ui.page.route_support import InWords, PageRoute, refusal
from ui.service import Service
from ui.services.casework import export_name

routes = APIRouter(prefix="/page", route_class=PageRoute)

Panel = dict[str, Any]
CaseId = Annotated[str, Query(pattern=r"^[0-9A-Za-z]{0,64}$")]


def _panel(
    casework: Casework, case_id: str, words: Wording, *, first: int = 0, at: str = ""
) -> Panel:
    """Return the panel, showing a case: the one named, or else that made last.

    `at` is a quote to show, `first` the quote to begin with otherwise.
    """
    cases = casework.cases()
    ids = [case.id for case in cases]
    current = case_id if case_id in ids else (ids[0] if ids else "")
    case = casework.case(current) if current else None
    quotes = case.quotes if case else ()
    if at:
        position = next((n for n, entry in enumerate(quotes) if entry.id == at), 0)
        first = position // MOST_SHOWN * MOST_SHOWN
    first = min(first, max(len(quotes) - 1, 0))
    return {
        "html": cases_panel(cases, case, first, len(casework.bin()), words),
        "case": current,
        "name": case.name if case else "",
        "count": len(quotes),
        "marks": {_place(entry): entry.id for entry in quotes},
        "message": "",
    }


def _place(entry: KeptQuote) -> str:
    """Return the place of a quote as the script makes it from a card."""
    citation = entry.quote.citation
    return f"{citation.document_id} {citation.start} {citation.end} {citation.sha256}"


async def _changed(
    service: Service, words: Wording, work: Callable[[Casework], tuple[str, Panel]]
) -> Response:
    """Make a change; return the panel of the case that `work` names, and what it adds to it."""

    def run(casework: Casework) -> Panel:
        case_id, more = work(casework)
        return {**_panel(casework, case_id, words, at=more.pop("at", "")), **more}

    try:
        return JSONResponse(await service.casework.run(run))
    except BusyError:
        raise
    except QuothError as error:
        return _refusal(error, words)


def _refusal(error: QuothError, words: Wording) -> Response:
    if isinstance(error, NotFoundError):
        return JSONResponse({"message": words.say("quote_unknown")})
    return refusal(error, words)


@routes.get("/cases")
async def cases(
    service: InService,
    words: InWords,
    case: CaseId = "",
    first: Position = 0,
    at: CaseId = "",
) -> Panel:
    """Return the panel of cases."""
    return await service.casework.run(
        lambda casework: _panel(casework, case, words, first=first, at=at)
    )


@routes.post("/cases/new")
async def new_case(request: NewCaseRequest, service: InService, words: InWords) -> Response:
    """Make a case."""

    def work(casework: Casework) -> tuple[str, Panel]:
        name = request.name.strip() or words.say("case_n", n=len(casework.cases()) + 1)
        return casework.new(name).id, {}

    return await _changed(service, words, work)


@routes.post("/cases/change")
async def change_case(request: CaseChangeRequest, service: InService, words: InWords) -> Response:
    """Rename a case, or set its note."""

    def work(casework: Casework) -> tuple[str, Panel]:
        casework.change(request.case, name=request.name, note=request.note)
        return request.case, {}

    return await _changed(service, words, work)


@routes.post("/cases/delete")
async def delete_case(request: CaseRequest, service: InService, words: InWords) -> Response:
    """Move a case to the bin."""

    def work(casework: Casework) -> tuple[str, Panel]:
        name = next((one.name for one in casework.cases() if one.id == request.case), "")
        casework.delete(request.case)
        message = words.say("case_deleted", name=name)
        return "", {"message": message, "undo": {"path": "cases/restore", "case": request.case}}

    return await _changed(service, words, work)


@routes.post("/cases/restore")
async def restore_case(request: CaseRequest, service: InService, words: InWords) -> Response:
    """Take a case back out of the bin."""

    def work(casework: Casework) -> tuple[str, Panel]:
        casework.restore(request.case)
        return request.case, {}

    return await _changed(service, words, work)


@routes.post("/cases/keep")
async def keep(request: KeepRequest, service: InService, words: InWords) -> Response:
    """Keep a passage in a case."""

    def render(casework: Casework, entry: KeptQuote) -> Panel:
        _, case = casework.quote(entry.id)
        message = words.say("quote_kept", name=case.name)
        return {**_panel(casework, case.id, words, at=entry.id), "message": message}

    try:
        panel = await service.casework.keep(
            request.case,
            request.place.place(),
            render,
            question=request.question,
            state=request.state,
            turn=request.turn,
            first=words.say("case_n", n=1),
        )
    except BusyError:
        raise
    except NotFoundError:
        return JSONResponse({"message": words.say("changed")})
    except QuothError as error:
        return _refusal(error, words)
    return JSONResponse(panel)


@routes.post("/cases/absent")
async def keep_absence(request: AbsentRequest, service: InService, words: InWords) -> Response:
    """Keep in a case the report that the documents do not answer a question."""

    def render(casework: Casework, case: CaseSummary) -> Panel:
        message = words.say("case_absent_noted", name=case.name)
        return {**_panel(casework, case.id, words), "message": message}

    try:
        panel = await service.casework.keep_absence(
            request.case,
            request.question,
            request.carry,
            render,
            first=words.say("case_n", n=1),
        )
    except BusyError:
        raise
    except QuothError as error:
        return _refusal(error, words)
    return JSONResponse(panel)


@routes.post("/cases/forget-question")
async def drop_question(
    request: CaseQuestionRequest, service: InService, words: InWords
) -> Response:
    """Remove a question from a case."""

    def work(casework: Casework) -> tuple[str, Panel]:
        casework.remove_question(request.case, request.question)
        return request.case, {}

    return await _changed(service, words, work)


@routes.post("/cases/import")
async def import_case(request: Request, service: InService, words: InWords) -> Response:
    """Make a case of an exported one: the JSON file is the body."""
    data = await request.body()

    def work(casework: Casework) -> tuple[str, Panel]:
        return casework.import_case(data).id, {}

    return await _changed(service, words, work)


@routes.post("/cases/empty-bin")
async def empty_bin(service: InService, words: InWords, case: CaseId = "") -> Response:
    """Drop for good what was deleted."""

    def work(casework: Casework) -> tuple[str, Panel]:
        casework.empty_bin()
        return case, {"message": words.say("bin_emptied")}

    return await _changed(service, words, work)


@routes.post("/cases/export")
async def export_case(request: CaseExportRequest, http: Request, words: InWords) -> Response:
    """Return a case as a file."""
    service = service_of(http)
    with service.export_turn():
        try:
            file = await service.casework.export(request.case, request.format)
            case = await service.casework.run(lambda casework: casework.case(request.case))
        except NotFoundError as error:
            return JSONResponse({"message": str(error)}, 404)
    return attachment(file, export_name(case, request.format), request.format)


@routes.get("/quotes/{quote}")
async def quote(quote: RecordId, service: InService, words: InWords) -> Panel:
    """Return a quote as its link shows it."""

    def work(casework: Casework) -> Panel:
        entry, case = casework.quote(quote)
        return {"html": one_quote(entry, case, words), "case": case.id, "message": ""}

    try:
        return await service.casework.run(work)
    except NotFoundError:
        return {"html": "", "case": "", "message": words.say("quote_unknown")}


@routes.post("/quotes/annotate")
async def annotate(request: AnnotationRequest, service: InService, words: InWords) -> Response:
    """Set a quote's note or tags."""

    def work(casework: Casework) -> tuple[str, Panel]:
        casework.annotate(request.quote, note=request.note, tags=request.tags)
        return casework.position_of(request.quote)[0], {"at": request.quote}

    return await _changed(service, words, work)


@routes.post("/quotes/move")
async def move(request: MoveRequest, service: InService, words: InWords) -> Response:
    """Move a quote by one place, or to another case; the panel stays at the case it was in."""

    def work(casework: Casework) -> tuple[str, Panel]:
        here, position = casework.position_of(request.quote)
        if request.case is None:
            there = max(position + request.step, 0)
            casework.move(request.quote, position=there)
            return here, {"at": request.quote}
        casework.move(request.quote, case=request.case, position=request.position)
        _, case = casework.quote(request.quote)
        undo = {"path": "quotes/move", "quote": request.quote, "case": here, "position": position}
        return here, {"message": words.say("quote_kept", name=case.name), "undo": undo}

    return await _changed(service, words, work)


@routes.post("/quotes/delete")
async def delete_quote(request: QuoteRequest, service: InService, words: InWords) -> Response:
    """Move a quote to the bin."""

    def work(casework: Casework) -> tuple[str, Panel]:
        case_id, _ = casework.position_of(request.quote)
        casework.delete_quote(request.quote)
        undo = {"path": "quotes/restore", "quote": request.quote}
        return case_id, {"message": words.say("quote_deleted"), "undo": undo}

    return await _changed(service, words, work)


@routes.post("/quotes/restore")
async def restore_quote(request: QuoteRequest, service: InService, words: InWords) -> Response:
    """Take a quote back out of the bin."""

    def work(casework: Casework) -> tuple[str, Panel]:
        casework.restore_quote(request.quote)
        return casework.position_of(request.quote)[0], {"at": request.quote}

    return await _changed(service, words, work)
