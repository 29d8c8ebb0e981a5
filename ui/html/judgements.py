"""What people said of a question's answer, on the page: thumbs, and that nothing answers."""

from typing import Any

from rag.answers import Answer
from rag.calibration.judged import JudgedQuestion
from rag.ids import document_id
from rag.text.html_escaping import Html
from ui.html.elements import icon
from ui.html.translations import Wording
from vector_store.records import Quote


def nothing_answers(answer: Answer, words: Wording) -> Html:
    """Return the button that says that the documents do not answer; empty where it would mislead.

    A question is judged as it was typed. That is not the question that was answered where words of
    the one before were used; and a search for exact phrases is decided by no probability.
    """
    if answer.carried or (answer.search is not None and answer.search.is_phrases):
        return Html()
    return Html(
        '<button type="button" class="tool judge nothing" data-verdict="nothing" '
        'aria-pressed="false">{}<span>{}</span></button>'
    ).format(icon("down"), words.say("nothing_answers"))


def verdicts(judged: JudgedQuestion | None) -> dict[str, Any]:
    """Return which buttons are pressed: the one above, and thumbs by document, start and end."""
    if judged is None:
        return {"nothing": False, "good": [], "bad": []}
    return {
        "nothing": judged.unanswerable,
        "good": [_place(quote) for quote in judged.answering],
        "bad": [_place(quote) for quote in judged.wrong],
    }


def _place(quote: Quote) -> str:
    """Return the place of a quote as the script makes it from a card."""
    return f"{document_id(quote.path)} {quote.start} {quote.end}"
