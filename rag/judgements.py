"""People's judgements of answers, turned into questions with the spans that answer them.

`quoth evaluate` measures a library on such questions (see `evaluation.datasets.labels`), so that
its own users make the set that it is measured on.
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
    """Return the judgement of a passage; without a passage, that nothing answers the question.

    Raises QuestionError for `answers` without a passage.
    """
    if passage is None:
        if answers:
            raise QuestionError("No passage was given. Say which passage answers the question.")
        return Feedback(question, None, False)
    citation = passage.citation
    quote = Quote(citation.path, citation.document, citation.start, citation.end, passage.text)
    return Feedback(question, quote, answers)


def labelled_questions(view: StoreView) -> list[dict[str, Any]]:
    """Return the judged questions, each as the object of a JSON line.

    The latest judgement of a question and passage counts. A question is unanswerable if the latest
    judgement of it says so. A question none of whose judged passages answers is left out, because
    another passage may answer it. So is a quote whose document has changed.
    """
    answers: dict[str, dict[tuple[str, int, int], Quote]] = {}
    unanswerable: set[str] = set()
    for feedback in view.feedback():
        question, quote = feedback.question, feedback.quote
        quotes = answers.setdefault(question, {})
        if quote is None:
            quotes.clear()
            unanswerable.add(question)
        elif feedback.answers:
            quotes[quote.path, quote.start, quote.end] = quote
            unanswerable.discard(question)
        else:
            quotes.pop((quote.path, quote.start, quote.end), None)
    rows: list[dict[str, Any]] = []
    read_text = lru_cache(maxsize=1)(partial(_text, view))
    for question, quotes in answers.items():
        current = [
            _answer(quote) for quote in quotes.values() if _is_current(view, quote, read_text)
        ]
        if current or question in unanswerable:
            rows.append({"id": f"f{len(rows) + 1}", "question": question, "answers": current})
    return rows


def _is_current(view: StoreView, quote: Quote, read_text: Callable[[str], str | None]) -> bool:
    """Tell whether a document still holds a quote.

    Its whole text is read only if the quote is no longer a passage of its own.
    """
    try:
        place = view.passage_at(document_id(quote.path), quote.start, quote.end)
        return place.passage.text == quote.text
    except KeyError:
        text = read_text(quote.path)
        return text is not None and text[quote.start : quote.end] == quote.text


def _text(view: StoreView, path: str) -> str | None:
    """Return a document's text, or None if the library has no document at the path."""
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
