"""Lists as CSV: mentions, passages that may answer, questions with answers, files not read.

As in `rag.export.quotes`, no cell runs as a formula, and paths on this machine are left out, but
for the report of a run of indexing.
"""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence

from rag.answers import Citation
from rag.documents.unread import groups_of
from rag.export.quotes import inert
from rag.indexing.pipeline import Report
from rag.listing.records import AnswerList, Mention, TableRow
from vector_store.records import UnreadFile

_CITED = ("document", "title", "page", "place", "paragraph", "start", "end", "sha256")
_FIELDS = ("from", "to", "cc", "subject")
_ROWS = 500
"""Rows that are written at once."""


def mentions_csv(mentions: Iterable[Mention]) -> Iterator[bytes]:
    """Yield a spreadsheet of mentions in parts, one row each, with every place in the passage.

    The places are those of the text in the document, in code points: "1308-1319 1402-1413".
    """
    header = ("number", "date", *_CITED, "mentions", "quote", "headings", "columns", *_FIELDS)
    rows = (
        (
            one.citation.number,
            one.date or "",
            *_cited(one.citation),
            " ".join(
                f"{one.citation.start + start}-{one.citation.start + end}"
                for start, end in one.spans
            ),
            one.text,
            " › ".join(one.headings),
            one.columns,
            *(one.fields.get(name, "") for name in _FIELDS),
        )
        for one in mentions
    )
    return _csv(header, rows)


def answers_csv(answers: AnswerList) -> Iterator[bytes]:
    """Yield a spreadsheet of the passages of a list of answers, in its order."""
    header = ("question", "number", "probability", "date", *_CITED, "quote", "headings", "columns")
    rows = (
        (
            answers.question,
            one.citation.number,
            one.score,
            answers.dates.get(one.citation.document_id, ""),
            *_cited(one.citation),
            one.text,
            " › ".join(one.headings),
            one.columns,
        )
        for one in answers.passages
    )
    return _csv(header, rows)


def table_csv(rows: Iterable[TableRow]) -> Iterator[bytes]:
    """Yield a spreadsheet of questions, each with its state, its best quote and the citation."""
    header = ("question", "state", "probability", "quote", *_CITED, "did you mean", "error")
    cells = (
        (
            row.question,
            row.state or "refused",
            "" if row.state is None else row.confidence,
            row.quote,
            *(_cited(row.citation) if row.citation else [""] * len(_CITED)),
            row.suggestion,
            row.error,
        )
        for row in rows
    )
    return _csv(header, cells)


def unread_csv(files: Iterable[UnreadFile]) -> Iterator[bytes]:
    """Yield a spreadsheet of the files that could not be read, grouped by reason."""
    grouped = (file for group in groups_of(files) for file in group.files)
    return _csv(("file", "reason"), ((file.name, file.reason) for file in grouped))


def report_csv(report: Report) -> Iterator[bytes]:
    """Yield a spreadsheet of the files that a run of indexing could not read, with their paths."""
    new = set(report.newly_unread)
    rows = ((file.name, file.reason, file in new, file.path) for file in report.unread)
    return _csv(("name", "reason", "new", "path"), rows)


def _cited(citation: Citation) -> list[object]:
    fields = citation.to_dict()
    return [fields[name] for name in _CITED]


def _csv(header: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[bytes]:
    """Yield rows under a header as CSV in UTF-8, some at a time; a sign of UTF-8 comes first."""
    out = io.StringIO("\N{ZERO WIDTH NO-BREAK SPACE}")
    out.seek(1)
    writer = csv.writer(out)
    writer.writerow(header)
    for number, row in enumerate(rows, start=1):
        writer.writerow([inert(cell) for cell in row])
        if number % _ROWS == 0:
            yield _taken(out)
    yield _taken(out)


def _taken(out: io.StringIO) -> bytes:
    """Return what was written since, and empty it."""
    text = out.getvalue()
    out.seek(0)
    out.truncate()
    return text.encode("utf-8", "replace")
