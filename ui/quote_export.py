"""Export files: passages, each looked up once within limits, and reports that none was found."""

from collections.abc import Sequence
from typing import NamedTuple

from rag import deadlines
from rag.answers import Quoted, State
from rag.chat.followups import follow
from rag.errors import NotFoundError, QuestionError
from rag.export.quotes import FORMATS, QuotedQuestion, numbered
from rag.export.report import absence_report, written
from rag.library import Library

MOST_QUOTES = 2_000
"""Per file; about a book of 500 pages."""
MOST_CHARACTERS = 4_000_000
"""Per file: 2,000 passages of the greatest length."""


class Place(NamedTuple):
    """The span `[start, end)` of a document whose file has a digest, as `Library.passage_at`."""

    document_id: str
    sha256: str
    start: int
    end: int


class QuestionToExport(NamedTuple):
    """A question, the state of its answer if that is known, and the passages to export for it."""

    question: str
    state: State | None
    places: tuple[Place, ...]


def export_file(library: Library, format: str, questions: Sequence[QuestionToExport]) -> bytes:
    """Return a file in one of FORMATS with the passages at the places of each question.

    Passages that are no longer in their document are left out. Raises QuestionError when there
    are too many or too long ones, DeadlineExceededError.
    """
    count = sum(len(one.places) for one in questions)
    if count > MOST_QUOTES:
        raise QuestionError(f"Export {MOST_QUOTES:,} quotes at most at once; these are {count:,}.")
    lookup = _Lookup(library)
    quoted = [
        QuotedQuestion(one.question, lookup.quotes(one.places), one.state) for one in questions
    ]
    return FORMATS[format].write(numbered(quoted))


def absence_file(library: Library, question: str, format: str, carry: Sequence[str]) -> bytes:
    """Ask a question with words carried over, and return a report that nothing was found.

    Raises QuestionError when something was, and as `Library.ask` does.
    """
    answer = follow(library, question, None, carry=carry).answer
    return written(absence_report(library, answer), format)


class _Lookup:
    """Looks up passages by their place, each place once."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._quotes: dict[Place, Quoted | None] = {}
        self._characters = 0

    def quotes(self, places: Sequence[Place]) -> tuple[Quoted, ...]:
        """Return the passages at places; missing ones are left out."""
        quotes = []
        for place in places:
            deadlines.check()
            quote = self._quote(place)
            if quote is not None:
                self._characters += len(quote.text)
                quotes.append(quote)
            if self._characters > MOST_CHARACTERS:
                raise QuestionError("These quotes are too long for one file. Export fewer at once.")
        return tuple(quotes)

    def _quote(self, place: Place) -> Quoted | None:
        if place not in self._quotes:
            try:
                self._quotes[place] = self._library.passage_at(*place)
            except NotFoundError:
                self._quotes[place] = None
        return self._quotes[place]
