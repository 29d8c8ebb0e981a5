"""What goes on below an answer as HTML: a better spelling, more passages, and mentions to list."""

from rag.answers import Answer, CitedPassage
from rag.listing.offers import listable
from rag.listing.records import AnswerList
from rag.text.html_escaping import Html
from ui.html.elements import isolated
from ui.html.passages import passage_card
from ui.html.translations import Wording

SHOWN = 5
"""Passages of an answer; with fewer, none come after them."""
_GROUPS = ("rank", "document", "folder", "date")
"""By which the passages of an answer are grouped; "rank" has no groups."""


def meant(answer: Answer, words: Wording) -> Html:
    """Return the question in the spelling of the documents, to ask; empty if none is misspelt."""
    if not answer.suggestion:
        return Html()
    return Html(
        '<p class="meant">{label} <button type="button" dir="auto" data-ask="{question}">'
        "{question}</button></p>"
    ).format(label=words.say("did_you_mean"), question=answer.suggestion)


def beyond(answer: Answer, words: Wording) -> Html:
    """Return buttons for more passages and for every mention of what a question names."""
    texts = listable(answer.search) if answer.search else ()
    offers = [
        Html('<button type="button" class="offer" data-mentions="{}">{}</button>').format(
            text, words.html("every_mention", text=isolated(text))
        )
        for text in texts
    ]
    goes_on = answer.state != "not_found" and len(answer.passages) >= SHOWN
    if goes_on:
        label = words.say("go_on")
        offers.insert(0, Html('<button type="button" class="go-on">{}</button>').format(label))
    if not offers:
        return Html()
    return Html(
        '<div class="beyond"><p class="counted" aria-live="polite"></p>'
        '<div class="offered">{offers}</div>{grouping}</div>'
    ).format(offers=Html().join(offers), grouping=_grouping(words) if goes_on else Html())


def _grouping(words: Wording) -> Html:
    options = Html().join(
        Html('<option value="{}">{}</option>').format(group, words.say(key))
        for group, key in zip(
            _GROUPS, ("by_rank", "by_document", "by_folder", "by_date"), strict=True
        )
    )
    return Html(
        '<label class="grouping">{label} <select class="group-by">{options}</select></label>'
    ).format(label=words.say("group_by"), options=options)


def more_cards(answers: AnswerList, words: Wording, *, holds_words: bool) -> dict[str, object]:
    """Return the passages of a part of a list, those that may answer and the weaker apart."""

    def cards(passages: list[CitedPassage]) -> Html:
        return Html().join(
            passage_card(one, words, threshold=answers.threshold, holds_words=holds_words)
            for one in passages
        )

    strong = [one for one in answers.passages if holds_words or one.score >= answers.threshold]
    weak = [one for one in answers.passages if one not in strong]
    return {
        "html": cards(strong),
        "weak": cards(weak),
        "weaker": len(weak),
        "counted": counted(answers, words),
        "next": answers.next,
        "message": "" if answers.passages else words.say("beyond_end"),
    }


def counted(answers: AnswerList, words: Wording) -> str:
    """Return how many of the passages read so far may answer, as a sentence."""
    return words.say(
        "beyond_exact" if answers.complete else "beyond_at_least",
        passages=words.count("passages_count", answers.may_answer),
        documents=words.count("documents_count", answers.documents),
        read=f"{answers.read:,}",
        all=f"{answers.searched.passages:,}",
    )
