"""A dossier of a case: its questions, quotes, sources, and what was searched in vain."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from importlib.metadata import version

from rag.answers import State, missing_sentences
from rag.casework.encoding import now
from rag.casework.records import Case, CaseQuestion
from rag.export.bibliography import Source, authors_of, title_of
from rag.export.blocks import Block, quote_blocks
from rag.export.quotes import QuotedQuestion, question_blocks
from rag.export.report import LIMITS, search_facts, unread_blocks
from rag.text.plurals import counted

_STATES: dict[State | None, str] = {
    "answered": "answered",
    "may_answer": "passages may answer",
    "not_found": "not found in the documents",
    None: "no answer recorded",
}


def dossier_blocks(case: Case, questions: Sequence[QuotedQuestion]) -> list[Block]:
    """Return the dossier of a case whose quotes are given by question, numbered through."""
    quoted = [question for question in questions if question.quotes]
    sources = _sources(quoted)
    moment = now()
    blocks = [
        Block("title", case.name),
        Block(
            "text",
            f"{counted(len(case.quotes), 'quote')} from {counted(len(sources), 'document')}. "
            f"Made by Quoth {version('quoth')} on {moment:%Y-%m-%d %H:%M} UTC.",
        ),
    ]
    if case.note:
        blocks.append(Block("text", case.note))
    blocks += _section("Questions", [_question_line(one) for one in case.questions])
    if quoted:
        blocks += question_blocks(quoted)
    blocks += _section("Sources", list(map(_source_line, sources)))
    blocks += _searches(case.questions)
    number = len(case.quotes)
    for question in case.questions:
        if question.state == "not_found":
            blocks += _absence_blocks(question, number)
            number += len(question.nearest)
    return blocks


def _section(heading: str, items: Sequence[str]) -> list[Block]:
    if not items:
        return []
    return [Block("heading", heading), *(Block("item", item) for item in items)]


def _question_line(question: CaseQuestion) -> str:
    return f"{question.question} ({_STATES[question.state]})"


def _sources(questions: Iterable[QuotedQuestion]) -> list[list[Source]]:
    """Return the documents quoted, each with all of its quotes, in the order first quoted."""
    groups: dict[tuple[str, str], list[Source]] = {}
    for question in questions:
        for quote in question.quotes:
            citation = quote.citation
            source = Source(citation, quote.fields)
            groups.setdefault((citation.document_id, citation.sha256), []).append(source)
    return list(groups.values())


def _source_line(sources: Sequence[Source]) -> str:
    first = sources[0]
    numbers = ", ".join(f"[{source.citation.number}]" for source in sources)
    authors = "; ".join(authors_of(first.fields))
    dated = first.fields.get("date", "").partition("T")[0]
    about = ", ".join(filter(None, [authors, title_of(first), dated]))
    return f"{numbers} {about}: {first.citation.document}, sha256 {first.citation.sha256}"


def _searches(questions: Sequence[CaseQuestion]) -> list[Block]:
    """Return how much was searched for each question that was answered, or may be."""
    lines = [
        f"{question.question} ({question.created:%Y-%m-%d %H:%M} UTC): "
        f"{counted(search.searched.passages, 'passage')} of "
        f"{counted(search.searched.documents, 'document')}; "
        f"{counted(search.searched.unreadable, 'file')} could not be read"
        for question in questions
        if (search := question.search) is not None and question.state != "not_found"
    ]
    return _section("What was searched", lines)


def _absence_blocks(question: CaseQuestion, number: int) -> list[Block]:
    """Return the report that the documents do not answer a question.

    `number` is that of the last quote before its nearest passages.
    """
    blocks = [Block("heading", "Not found in the documents"), Block("quote", question.question)]
    search = question.search
    if search is None:
        return blocks
    facts = search_facts(
        moment=question.created,
        searched=search.searched,
        carried=search.carried,
        quoth=search.quoth,
        model=search.model,
        documents_digest=search.documents_digest,
    )
    blocks += [Block("item", fact) for fact in facts]
    blocks += [Block("item", sentence) for sentence in missing_sentences(search.missing)]
    if question.nearest:
        blocks.append(Block("text", "Nearest passages, which do not seem to answer:"))
    for place, quote in enumerate(question.nearest, start=number + 1):
        blocks += quote_blocks(replace(quote, citation=replace(quote.citation, number=place)))
    return [*blocks, *unread_blocks(search.unread), Block("text", LIMITS)]
