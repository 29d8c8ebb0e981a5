"""A case as a file, in each of its formats."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import groupby

from rag.casework.interchange import case_as_json
from rag.casework.records import Case, Condition, KeptQuote
from rag.export.blocks import Block
from rag.export.dossier import dossier_blocks
from rag.export.html import html
from rag.export.markdown import markdown
from rag.export.quotes import (
    FORMATS,
    AnnotatedQuote,
    QuotedQuestion,
    numbered,
    question_blocks,
)

_CHANGED = "The file has changed since this was quoted; these words are still in it."
_LOST = "The file has changed since this was quoted, and these words are no longer in it."
_GONE = "The document is no longer in the library."


@dataclass(frozen=True, slots=True)
class CaseFormat:
    """A file format of a case: the end of its name, its media type and what writes it."""

    suffix: str
    media_type: str
    write: Callable[[Case], bytes]


def questions_of(case: Case) -> list[QuotedQuestion]:
    """Return the quotes of a case in their order, under the question that each came of.

    Questions without quotes follow; quotes are numbered through all of them.
    """
    states = {question.question: question.state for question in case.questions}
    groups = [
        QuotedQuestion(question, tuple(map(_annotated, entries)), states.get(question))
        for question, entries in groupby(case.quotes, key=lambda entry: entry.question)
    ]
    used = {entry.question for entry in case.quotes}
    rest = [
        QuotedQuestion(question.question, (), question.state)
        for question in case.questions
        if question.question not in used and question.state == "not_found"
    ]
    return numbered([*groups, *rest])


def remark_on(condition: Condition | None) -> str:
    """Return in English what has become of a quote's document; empty if nothing has."""
    if condition is None or condition.state == "unchanged":
        return ""
    if condition.state == "gone":
        return _GONE
    return _CHANGED if condition.words_remain else _LOST


def _annotated(entry: KeptQuote) -> AnnotatedQuote:
    quote = entry.quote
    return AnnotatedQuote(
        quote.text,
        quote.citation,
        quote.headings,
        quote.columns,
        quote.fields,
        entry.note,
        entry.tags,
        entry.created.date(),
        remark_on(entry.condition),
    )


def _blocks(case: Case) -> list[Block]:
    note = [Block("text", case.note)] if case.note else []
    return [Block("title", case.name), *note, *question_blocks(questions_of(case))]


def _as_docx(case: Case) -> bytes:
    from rag.export.docx import docx  # loads python-docx

    return docx(_blocks(case))


def _dossier(case: Case) -> list[Block]:
    return dossier_blocks(case, questions_of(case))


def _dossier_as_docx(case: Case) -> bytes:
    from rag.export.docx import docx  # loads python-docx

    return docx(_dossier(case))


def _as_quotes(name: str) -> Callable[[Case], bytes]:
    return lambda case: FORMATS[name].write(questions_of(case))


_WRITERS: dict[str, Callable[[Case], bytes]] = {
    "markdown": lambda case: markdown(_blocks(case)),
    "docx": _as_docx,
    "csv": _as_quotes("csv"),
    "bibtex": _as_quotes("bibtex"),
    "csl": _as_quotes("csl"),
    "json": case_as_json,
}
CASE_FORMATS = {
    **{
        name: CaseFormat(FORMATS[name].suffix, FORMATS[name].media_type, write)
        for name, write in _WRITERS.items()
    },
    "dossier": CaseFormat("dossier.docx", FORMATS["docx"].media_type, _dossier_as_docx),
    "dossier-html": CaseFormat(
        "dossier.html", "text/html; charset=utf-8", lambda case: html(_dossier(case))
    ),
}
"""By name. Only `json` can be imported again."""
