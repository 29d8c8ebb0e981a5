"""A question and its answer as HTML, and what the page shows before the first."""

import json
from collections.abc import Sequence

from rag import syntax
from rag.answering import by_strength
from rag.answers import Answer
from rag.followups import Followed
from rag.suggestions import Topic
from ui.cards import card
from ui.markup import escape, icon, isolated, switch_button, tool
from ui.wording import Wording
from vector_store.records import Counts

_MISSES = 3


def welcome(counts: Counts, examples: Sequence[str], words: Wording) -> str:
    """Return what the page shows before the first question."""
    if counts.documents:
        held = (
            f"{words.count('documents_count', counts.documents)}, "
            f"{words.count('passages_count', counts.passages)}. {words.say('promise')}"
        )
    else:
        held = words.say("no_documents")
    return (
        f'<section class="welcome"><h2>{words.html("title")}</h2>'
        f'<p>{escape(held)}</p><div class="examples">{asking_buttons(examples)}</div></section>'
    )


def asking_buttons(questions: Sequence[str]) -> str:
    """Return a button for each question that can be asked by a click."""
    return "".join(
        f'<button type="button" class="example" dir="auto" data-ask="{escape(question)}">'
        f"{escape(question)}</button>"
        for question in questions
    )


def turn(followed: Followed, waiting: int, words: Wording) -> str:
    """Return a question with its answer; `waiting` files are still being read."""
    answer = followed.answer
    body = _answered(answer, words) if answer.answered else _declined(answer, words)
    partial = ""
    if waiting:
        partial = f'<p class="partial" role="note">{escape(words.count("partial", waiting))}</p>'
    carried = escape(json.dumps(answer.carried))
    return (
        f'<article class="turn" data-question="{escape(answer.question)}" '
        f'data-carried="{carried}" data-answered="{str(answer.answered).lower()}">'
        f'<header><h2 dir="auto" tabindex="-1">{escape(answer.question)}</h2>'
        f"{tool('link', words.say('link'), 'link')}</header>"
        f"{_understood(answer.question, words)}{_carried(followed, words)}{partial}"
        f"{_unknown(answer, words)}{body}"
        f"{_other_way(followed, words)}</article>"
    )


def _unknown(answer: Answer, words: Wording) -> str:
    """Return that the model does not know the question's language, with a way to one that does."""
    if answer.unknown_language is None:
        return ""
    return (
        f'<div class="unknown" role="note"><p>{words.html("unknown_question")}</p>'
        f"{switch_button(answer.unknown_language.model, words)}</div>"
    )


def _understood(question: str, words: Wording) -> str:
    """Return a chip for each sign in a question, which can be taken out."""
    chips = chips_of(question, words, removable=True)
    return f'<div class="chips">{chips}</div>' if chips else ""


def chips_of(question: str, words: Wording, *, removable: bool = False) -> str:
    """Return a chip for each phrase, exclusion and filter of a question."""
    pieces = syntax.pieces(question)
    if not pieces:
        return ""
    return "".join(_chip(question, piece, words, removable) for piece in pieces)


def _chip(question: str, piece: str, words: Wording, removable: bool) -> str:
    found = syntax.parse(f"x {piece}")
    named: list[tuple[str, str]] = [(one.kind, one.value) for one in found.filters]
    named += [("without", word) for word in found.without]
    named += [("phrase", phrase) for phrase in found.phrases]
    if not named:  # quotation marks around no word
        return ""
    kind, value = named[0]
    text = words.html(f"chip_{kind}", value=isolated(value))
    if not removable:
        return f'<span class="chip {kind}"><span>{text}</span></span>'
    left = syntax.without_piece(question, piece)
    label = words.html("remove_piece", piece=escape(piece))
    return (
        f'<span class="chip {kind}"><span>{text}</span><button type="button" aria-label="{label}" '
        f'title="{label}" data-instead="{escape(left)}">{icon("close")}</button></span>'
    )


def _carried(followed: Followed, words: Wording) -> str:
    """Return the words of earlier questions that were searched for as well, each removable."""
    answer, other = followed.answer, followed.other
    if answer.carried:
        chips = "".join(_word(word, words) for word in answer.carried)
        return f'<div class="chips carried"><span>{words.html("carried")}</span>{chips}</div>'
    if other is not None and other.carried:
        tried = "".join(f'<span class="chip">{isolated(word)}</span>' for word in other.carried)
        return f'<div class="chips carried"><span>{words.html("not_carried")}</span>{tried}</div>'
    return ""


def _word(word: str, words: Wording) -> str:
    label = words.html("remove_word", word=escape(word))
    return (
        f'<span class="chip">{isolated(word)}<button type="button" aria-label="{label}" '
        f'title="{label}" data-drop="{escape(word)}">{icon("close")}</button></span>'
    )


def _other_way(followed: Followed, words: Wording) -> str:
    """Return the same question's answer without what was carried, or with it, folded."""
    other = followed.other
    if other is None or not other.answered:
        return ""
    shown = {(p.citation.path, p.citation.start) for p in followed.answer.passages}
    strong = [p for p in by_strength(other)[0] if (p.citation.path, p.citation.start) not in shown]
    if not strong:
        return ""
    name = "together" if other.carried else "alone"
    count = escape(words.count("passages_count", len(strong)))
    return (
        f'<details class="weak other"><summary>{words.html(name)}: {count}</summary>'
        f"{''.join(card(passage, words) for passage in strong)}</details>"
    )


def _answered(answer: Answer, words: Wording) -> str:
    strong, weak = by_strength(answer)
    documents = len({passage.citation.path for passage in strong})
    folded = ""
    if weak:
        folded = (
            f'<details class="weak"><summary>{escape(words.count("weaker", len(weak)))}</summary>'
            f"{''.join(card(passage, words) for passage in weak)}</details>"
        )
    return (
        f'<p class="summary"><strong>{escape(words.count("passages_count", len(strong)))}</strong> '
        f"{escape(words.count('from_documents', documents))}{_unread(answer, words)}</p>"
        f'<div class="strong">{"".join(card(passage, words) for passage in strong)}</div>{folded}'
    )


def _declined(answer: Answer, words: Wording) -> str:
    misses = ""
    if answer.passages:
        cards = "".join(card(passage, words) for passage in answer.passages[:_MISSES])
        misses = (
            f'<details class="weak"><summary>{words.html("nearest")}</summary>{cards}</details>'
        )
    searched = escape(words.count("documents_count", answer.searched.documents))
    return (
        f'<div class="none"><p class="summary"><strong>{words.html("not_found")}</strong></p>'
        f"<p>{words.html('not_found_more', documents=searched)}{_unread(answer, words)}</p>"
        f'<div class="offers" aria-live="polite"></div></div>{misses}'
    )


def offers(topics: Sequence[Topic], words: Wording) -> str:
    """Return questions that the documents do answer, made of their own words."""
    if not topics:
        return ""
    asked = [words.say("about", phrase=topic.phrase) for topic in topics]
    return f'<p>{words.html("can_be_asked")}</p><div class="examples">{asking_buttons(asked)}</div>'


def _unread(answer: Answer, words: Wording) -> str:
    unreadable = answer.searched.unreadable
    return f" ({escape(words.count('unread_count', unreadable))})" if unreadable else ""


def notice(message: str, words: Wording) -> str:
    """Return a message about a question that could not be asked."""
    return (
        f'<div class="notice" role="alert"><p>{escape(message)}</p>'
        f'<button type="button" class="again">{words.html("again")}</button></div>'
    )
