"""A question and its answer as HTML, and what the page shows before the first."""

import json
from collections.abc import Sequence

from rag.answers import Answer, CitedPassage
from rag.chat.followups import Followed
from rag.chat.suggestions import Topic
from rag.query import syntax
from rag.retrieval.answer_builder import by_strength
from rag.text.html_escaping import Html
from ui.html.elements import icon, isolated, switch_button, tool
from ui.html.passages import card
from ui.html.translations import Wording
from vector_store.records import Counts

_MISSES = 3


def welcome(counts: Counts, examples: Sequence[str], words: Wording) -> Html:
    """Return what the page shows before the first question."""
    if counts.documents:
        held = (
            f"{words.count('documents_count', counts.documents)}, "
            f"{words.count('passages_count', counts.passages)}. {words.say('promise')}"
        )
    else:
        held = words.say("no_documents")
    return Html(
        '<section class="welcome"><h2>{title}</h2><p>{held}</p>'
        '<div class="examples">{examples}</div></section>'
    ).format(title=words.say("title"), held=held, examples=asking_buttons(examples))


def asking_buttons(questions: Sequence[str]) -> Html:
    """Return a button for each question that can be asked by a click."""
    return Html().join(
        Html(
            '<button type="button" class="example" dir="auto" data-ask="{question}">'
            "{question}</button>"
        ).format(question=question)
        for question in questions
    )


def turn(followed: Followed, waiting: int, words: Wording) -> Html:
    """Return a question with its answer; `waiting` files are still being read."""
    answer = followed.answer
    partial = Html()
    if waiting:
        partial = Html('<p class="partial" role="note">{}</p>').format(
            words.count("partial", waiting)
        )
    return Html(
        '<article class="turn" data-question="{question}" '
        'data-carried="{words}" data-answered="{answered}">'
        '<header><h2 dir="auto" tabindex="-1">{question}</h2>{link}</header>'
        "{understood}{carried}{partial}{unknown}{body}{other}</article>"
    ).format(
        question=answer.question,
        words=json.dumps(answer.carried),
        answered=str(answer.answered).lower(),
        link=tool("link", words.say("link"), "link"),
        understood=_understood(answer.question, words),
        carried=_carried(followed, words),
        partial=partial,
        unknown=_unknown(answer, words),
        body=_answered(answer, words) if answer.answered else _declined(answer, words),
        other=_other_way(followed, words),
    )


def _unknown(answer: Answer, words: Wording) -> Html:
    """Return that the model does not know the question's language, with a way to one that does."""
    if answer.unknown_language is None:
        return Html()
    return Html('<div class="unknown" role="note"><p>{}</p>{}</div>').format(
        words.say("unknown_question"), switch_button(answer.unknown_language.model, words)
    )


def _understood(question: str, words: Wording) -> Html:
    """Return a chip for each sign in a question, which can be taken out."""
    chips = chips_of(question, words, removable=True)
    return Html('<div class="chips">{}</div>').format(chips) if chips else Html()


def chips_of(question: str, words: Wording, *, removable: bool = False) -> Html:
    """Return a chip for each phrase, exclusion and filter of a question."""
    pieces = syntax.pieces(question)
    return Html().join(_chip(question, piece, words, removable) for piece in pieces)


def _chip(question: str, piece: str, words: Wording, removable: bool) -> Html:
    found = syntax.parse(f"x {piece}")
    named: list[tuple[str, str]] = [(one.kind, one.value) for one in found.filters]
    named += [("without", word) for word in found.without]
    named += [("phrase", phrase) for phrase in found.phrases]
    if not named:  # quotation marks around no word
        return Html()
    kind, value = named[0]
    text = words.html(f"chip_{kind}", value=isolated(value))
    if not removable:
        return Html('<span class="chip {}"><span>{}</span></span>').format(kind, text)
    return Html(
        '<span class="chip {kind}"><span>{text}</span><button type="button" aria-label="{label}" '
        'title="{label}" data-instead="{left}">{icon}</button></span>'
    ).format(
        kind=kind,
        text=text,
        label=words.say("remove_piece", piece=piece),
        left=syntax.without_piece(question, piece),
        icon=icon("close"),
    )


def _carried(followed: Followed, words: Wording) -> Html:
    """Return the words of earlier questions that were searched for as well, each removable."""
    answer, other = followed.answer, followed.other
    if answer.carried:
        label = words.say("carried")
        chips = [_word(word, words) for word in answer.carried]
    elif other is not None and other.carried:
        label = words.say("not_carried")
        chips = [Html('<span class="chip">{}</span>').format(isolated(w)) for w in other.carried]
    else:
        return Html()
    return Html('<div class="chips carried"><span>{}</span>{}</div>').format(
        label, Html().join(chips)
    )


def _word(word: str, words: Wording) -> Html:
    return Html(
        '<span class="chip">{shown}<button type="button" aria-label="{label}" '
        'title="{label}" data-drop="{word}">{icon}</button></span>'
    ).format(
        shown=isolated(word),
        label=words.say("remove_word", word=word),
        word=word,
        icon=icon("close"),
    )


def _other_way(followed: Followed, words: Wording) -> Html:
    """Return the same question's answer without what was carried, or with it, folded."""
    other = followed.other
    if other is None or not other.answered:
        return Html()
    shown = {(p.citation.path, p.citation.start) for p in followed.answer.passages}
    strong = [p for p in by_strength(other)[0] if (p.citation.path, p.citation.start) not in shown]
    if not strong:
        return Html()
    return Html(
        '<details class="weak other"><summary>{name}: {count}</summary>{cards}</details>'
    ).format(
        name=words.say("together" if other.carried else "alone"),
        count=words.count("passages_count", len(strong)),
        cards=_cards(strong, words),
    )


def _answered(answer: Answer, words: Wording) -> Html:
    strong, weak = by_strength(answer)
    documents = len({passage.citation.path for passage in strong})
    return Html(
        '<p class="summary"><strong>{passages}</strong> {documents}{unread}</p>'
        '<div class="strong">{cards}</div>{folded}'
    ).format(
        passages=words.count("passages_count", len(strong)),
        documents=words.count("from_documents", documents),
        unread=_unread(answer, words),
        cards=_cards(strong, words),
        folded=_folded(words.count("weaker", len(weak)), weak, words),
    )


def _declined(answer: Answer, words: Wording) -> Html:
    searched = words.count("documents_count", answer.searched.documents)
    return Html(
        '<div class="none"><p class="summary"><strong>{none}</strong></p><p>{more}{unread}</p>'
        '<div class="offers" aria-live="polite"></div></div>{misses}'
    ).format(
        none=words.say("not_found"),
        more=words.say("not_found_more", documents=searched),
        unread=_unread(answer, words),
        misses=_folded(words.say("nearest"), answer.passages[:_MISSES], words),
    )


def _folded(summary: str, passages: Sequence[CitedPassage], words: Wording) -> Html:
    """Return passages behind a summary that unfolds them; nothing where there are none."""
    if not passages:
        return Html()
    return Html('<details class="weak"><summary>{}</summary>{}</details>').format(
        summary, _cards(passages, words)
    )


def _cards(passages: Sequence[CitedPassage], words: Wording) -> Html:
    return Html().join(card(passage, words) for passage in passages)


def offers(topics: Sequence[Topic], words: Wording) -> Html:
    """Return questions that the documents do answer, made of their own words."""
    if not topics:
        return Html()
    questions = [words.say("about", phrase=topic.phrase) for topic in topics]
    return Html('<p>{}</p><div class="examples">{}</div>').format(
        words.say("can_be_asked"), asking_buttons(questions)
    )


def _unread(answer: Answer, words: Wording) -> str:
    unreadable = answer.searched.unreadable
    return f" ({words.count('unread_count', unreadable)})" if unreadable else ""


def notice(message: str, words: Wording) -> Html:
    """Return a message about a question that could not be asked."""
    return Html(
        '<div class="notice" role="alert"><p>{}</p>'
        '<button type="button" class="again">{}</button></div>'
    ).format(message, words.say("again"))
