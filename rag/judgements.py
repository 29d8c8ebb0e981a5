"""What people said of answers, as questions with the spans that answer them.

That is what `quoth evaluate` asks of one's own library (see `evaluation.datasets.labels`): so a
library's own users make the set that tells how well it serves them.
"""

from collections.abc import Callable
from functools import lru_cache, partial
from typing import Any

from rag.answers import CitedPassage, Quoted
from rag.errors import QuestionError
from rag.ids import document_id
from vector_store.base import StoreView
from vector_store.records import Feedback, Quote


def said_of(question: str, passage: CitedPassage | Quoted | None, *, answers: bool) -> Feedback:
    """Return feedback on a passage shown for a question, or, without one, on all of them.

    Raises QuestionError for `answers` without a passage.
    """
    if passage is None:
        if answers:
            raise QuestionError("Say which passage answers: none was given.")
        return Feedback(question, None, False)
    cited = passage.citation
    quote = Quote(cited.path, cited.document, cited.start, cited.end, passage.text)
    return Feedback(question, quote, answers)


def labelled_questions(view: StoreView) -> list[dict[str, Any]]:
    """Return the questions that feedback labels, each ready to be a line of JSON.

    The last word on a question and passage counts. A question is one without an answer when
    that was said of it last; one whose every passage was only said not to answer is left out,
    for another passage may, and so is a quote whose document has changed.
    """
    right: dict[str, dict[tuple[str, int, int], Quote]] = {}
    unanswered: set[str] = set()
    for feedback in view.feedback():
        question, quote = feedback.question, feedback.quote
        known = right.setdefault(question, {})
        if quote is None:
            known.clear()
            unanswered.add(question)
        elif feedback.answers:
            known[quote.path, quote.start, quote.end] = quote
            unanswered.discard(question)
        else:
            known.pop((quote.path, quote.start, quote.end), None)
    rows: list[dict[str, Any]] = []
    text_of = lru_cache(maxsize=1)(partial(_text_of, view))
    for question, found in right.items():
        answers = [_answer(quote) for quote in found.values() if _still_there(view, quote, text_of)]
        if answers or question in unanswered:
            rows.append({"id": f"f{len(rows) + 1}", "question": question, "answers": answers})
    return rows


def _still_there(view: StoreView, quote: Quote, text_of: Callable[[str], str | None]) -> bool:
    """Tell whether a quote is in its document, as a passage or where that is cut otherwise now."""
    try:
        place = view.passage_at(document_id(quote.path), quote.start, quote.end)
        return place.passage.text == quote.text
    except KeyError:
        text = text_of(quote.path)
        return text is not None and text[quote.start : quote.end] == quote.text


def _text_of(view: StoreView, path: str) -> str | None:
    """Return a document's text, or None where none lies under a path any more."""
    try:
        return view.contents(path).document.text
    except KeyError:
        return None


def _answer(quote: Quote) -> dict[str, Any]:
    return {
        "document": quote.path,
        "start": quote.start,
        "end": quote.end,
        "text": quote.text,
    }
