"""The calls of REST and MCP on cases and conversations: requests in, plain values out."""

from collections.abc import Callable
from dataclasses import asdict

from rag.casework.casework import Casework
from rag.casework.encoding import kept_quote_values
from rag.casework.interchange import case_values
from rag.casework.records import KeptQuote, Values
from ui.api.casework.requests import (
    AbsenceRequest,
    CaseChangeRequest,
    CaseReadRequest,
    KeepInCaseRequest,
    KeepRequest,
    NewCaseRequest,
    NoArguments,
    QuoteChangeRequest,
)
from ui.api.casework.responses import (
    CaseEntry,
    CaseList,
    ConversationEntry,
    ConversationList,
    conversation_values,
)
from ui.service import Service


async def list_cases(service: Service, request: NoArguments | None = None) -> Values:
    """List all cases."""

    def work(casework: Casework) -> Values:
        return asdict(CaseList(tuple(map(CaseEntry.of, casework.cases()))))

    return await service.casework.run(work)


async def read_case(service: Service, request: CaseReadRequest) -> Values:
    """Read a case with its quotes. Raises NotFoundError."""
    return await service.casework.run(lambda casework: case_values(casework.case(request.case)))


async def make_case(service: Service, request: NewCaseRequest) -> Values:
    """Make a case."""
    return await service.casework.run(
        lambda casework: asdict(CaseEntry.of(casework.new(request.name, request.note)))
    )


async def change_case(service: Service, id: str, request: CaseChangeRequest) -> Values:
    """Rename a case, or set its note. Raises NotFoundError."""
    return await changed(
        service, id, lambda work: work.change(id, name=request.name, note=request.note)
    )


async def import_case(service: Service, data: bytes) -> Values:
    """Make a case of an exported one. Raises CaseworkError."""
    return await service.casework.run(
        lambda casework: asdict(CaseEntry.of(casework.import_case(data)))
    )


async def keep(service: Service, case: str, request: KeepRequest) -> Values:
    """Keep a passage in a case. Raises NotFoundError."""
    entry = await service.casework.keep_passage(
        case,
        request.passage,
        question=request.question,
        note=request.note,
        tags=request.tags,
    )
    return await read_quote(service, entry.id)


async def keep_passage(service: Service, request: KeepInCaseRequest) -> Values:
    """Keep a passage in a case, as a tool of an assistant. Raises NotFoundError."""
    return await keep(service, request.case, request)


async def keep_absence(service: Service, case: str, request: AbsenceRequest) -> Values:
    """Keep in a case the report that nothing was found. Raises QuestionError if something was."""
    return await service.casework.keep_absence(
        case, request.question, (), lambda work, kept_in: {"id": kept_in.id}
    )


async def read_quote(service: Service, id: str) -> Values:
    """Read a kept quote. Raises NotFoundError."""

    def work(casework: Casework) -> Values:
        entry, case = casework.quote(id)
        return {"case": asdict(CaseEntry.of(case)), "kept": kept_quote_values(entry)}

    return await service.casework.run(work)


async def change_quote(service: Service, id: str, request: QuoteChangeRequest) -> Values:
    """Set a quote's note or tags, or move it. Raises NotFoundError."""

    def work(casework: Casework) -> KeptQuote:
        casework.annotate(id, note=request.note, tags=request.tags)
        if request.case is not None or request.position is not None:
            position = None if request.position is None else request.position - 1
            casework.move(id, case=request.case, position=position)
        return casework.quote(id)[0]

    await service.casework.run(work)
    return await read_quote(service, id)


async def changed(service: Service, id: str, work: Callable[[Casework], object]) -> Values:
    """Make a change to what has an id, and return the id."""
    await service.casework.run(work)
    return {"id": id}


async def list_conversations(service: Service, find: str) -> Values:
    """List the conversations with a text in their title or questions."""

    def work(casework: Casework) -> Values:
        summaries = casework.conversations.summaries(find)
        return asdict(ConversationList(tuple(map(ConversationEntry.of, summaries))))

    return await service.casework.run(work)


async def read_conversation(service: Service, id: str) -> Values:
    """Read a conversation with its answers. Raises NotFoundError."""
    return await service.casework.run(
        lambda casework: conversation_values(casework.conversations.read(id))
    )
