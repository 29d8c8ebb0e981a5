"""A question and its answer as HTML, and the welcome before the first question."""

import json
from collections.abc import Sequence

from rag.answers import Answer, CitedPassage
from rag.calibration.judged import JudgedQuestion
from rag.chat.followups import Followed
from rag.chat.presentation import Presentation, present
from rag.chat.suggestions import Topic
from rag.query import syntax
from rag.query.syntax import Piece
from rag.text.html_escaping import Html
from ui.html.absence import absence, missing_list
from ui.html.elements import icon, icon_button, isolated, switch_model_button
from ui.html.judgements import nothing_answers, verdicts
from ui.html.lists.beyond import beyond, meant
from ui.html.passages import passage_card
from ui.html.translations import Wording
from vector_store.records import Counts


def welcome(counts: Counts, examples: Sequence[str], words: Wording) -> Html:
    """Return the text shown before the first question."""
    if counts.documents:
        contents = (
            f"{words.count('documents_count', counts.documents)}, "
            f"{words.count('passages_count', counts.passages)}. {words.say('promise')}"
        )
    else:
        contents = words.say("no_documents")
    return Html(
        '<section class="welcome"><h2>{title}</h2><p>{contents}</p>'
        '<div class="examples">{examples}</div></section>'
    ).format(title=words.say("title"), contents=contents, examples=question_buttons(examples))


def question_buttons(questions: Sequence[str]) -> Html:
    """Return a button for each question, which asks it."""
    return Html().join(
        Html(
            '<button type="button" class="example" dir="auto" data-ask="{question}">'
            "{question}</button>"
        ).format(question=question)
        for question in questions
    )


def question_and_answer(
    followed: Followed, pending: int, words: Wording, judged: JudgedQuestion | None = None
) -> Html:
    """Return a question with its answer; `pending` files are still to be read.

    `judged` is what people said of it before.
    """
    answer = followed.answer
    partial = Html()
    if pending:
        partial = Html('<p class="partial" role="note">{}</p>').format(
            words.count("partial", pending)
        )
    return Html(
        '<article class="turn" data-question="{question}" '
        'data-carried="{carried_words}" data-answered="{answered}" data-state="{state}" '
        'data-judged="{judged}">'
        '<header><h2 dir="auto" tabindex="-1">{question}</h2>{link}</header>'
        "{filters}{carried}{partial}{unknown}{meant}{body}{beyond}{nothing}{other}</article>"
    ).format(
        question=answer.question,
        carried_words=json.dumps(answer.carried),
        answered=str(answer.answered).lower(),
        state=answer.state,
        judged=json.dumps(verdicts(judged)),
        link=icon_button("link", words.say("link"), "link"),
        filters=_query_chips(answer, words),
        carried=_carried_words(followed, words),
        partial=partial,
        unknown=_unknown_language(answer, words),
        body=_not_found(answer, words) if answer.state == "not_found" else _passages(answer, words),
        meant=meant(answer, words),
        beyond=beyond(answer, words),
        nothing=nothing_answers(answer, words),
        other=_alternative(followed, words),
    )


def _unknown_language(answer: Answer, words: Wording) -> Html:
    """Return a warning that the model does not know the question's language, if so."""
    if answer.unknown_language is None:
        return Html()
    return Html('<div class="unknown" role="note"><p>{}</p>{}</div>').format(
        words.say("unknown_question"), switch_model_button(answer.unknown_language.model, words)
    )


def query_chips(question: str, words: Wording) -> Html:
    """Return a chip for each phrase, exclusion and filter of a question that is being typed.

    Raises QuestionError if one of them is malformed.
    """
    return Html().join(_query_chip(piece, words) for piece in syntax.pieces_of(question))


def _query_chips(answer: Answer, words: Wording) -> Html:
    """Return a chip for each piece of an answered question, with a button to ask without it."""
    pieces = answer.search.pieces if answer.search else ()
    chips = Html().join(_query_chip(piece, words, answer.question) for piece in pieces)
    return Html('<div class="chips">{}</div>').format(chips) if chips else Html()


def _query_chip(piece: Piece, words: Wording, question: str | None = None) -> Html:
    kind = piece.kind
    text = words.html(f"chip_{kind}", value=isolated(piece.value))
    if question is None:
        return Html('<span class="chip {}"><span>{}</span></span>').format(kind, text)
    return Html(
        '<span class="chip {kind}"><span>{text}</span><button type="button" aria-label="{label}" '
        'title="{label}" data-instead="{shorter}">{icon}</button></span>'
    ).format(
        kind=kind,
        text=text,
        label=words.say("remove_piece", piece=piece.typed),
        shorter=syntax.without_piece(question, piece.typed),
        icon=icon("close"),
    )


def _carried_words(followed: Followed, words: Wording) -> Html:
    """Return the words used from the previous question, each removable, or those left out."""
    answer, other = followed.answer, followed.other
    if answer.carried:
        label = words.say("carried")
        chips = [_carried_word(word, words) for word in answer.carried]
    elif other is not None and other.carried:
        label = words.say("not_carried")
        chips = [
            Html('<span class="chip">{}</span>').format(isolated(word)) for word in other.carried
        ]
    else:
        return Html()
    return Html('<div class="chips carried"><span>{}</span>{}</div>').format(
        label, Html().join(chips)
    )


def _carried_word(word: str, words: Wording) -> Html:
    return Html(
        '<span class="chip">{text}<button type="button" aria-label="{label}" '
        'title="{label}" data-drop="{word}">{icon}</button></span>'
    ).format(
        text=isolated(word),
        label=words.say("remove_word", word=word),
        word=word,
        icon=icon("close"),
    )


def _alternative(followed: Followed, words: Wording) -> Html:
    """Return the passages found without the carried words, or with them, folded."""
    other = followed.other
    if other is None or not other.answered:
        return Html()
    presentation = present(other)
    shown = {(p.citation.path, p.citation.start) for p in followed.answer.passages}
    passages = [
        passage
        for passage in presentation.strong
        if (passage.citation.path, passage.citation.start) not in shown
    ]
    if not passages:
        return Html()
    return Html(
        '<details class="weak other"><summary>{label}: {count}</summary>{cards}</details>'
    ).format(
        label=words.say("together" if other.carried else "alone"),
        count=words.count("passages_count", len(passages)),
        cards=_cards(passages, presentation, words),
    )


def _passages(answer: Answer, words: Wording) -> Html:
    """Return the passages that answer, or may; of those, what they lack comes first."""
    presentation = present(answer)
    strong, weak = presentation.strong, presentation.weak
    may_answer = answer.state == "may_answer"
    return Html(
        '<p class="summary">{state} <strong>{passages}</strong> {documents}{unread}</p>{missing}'
        '<div class="strong">{cards}</div>{weak}'
    ).format(
        state=_state(answer, words),
        passages=words.count("passages_count", len(strong)),
        documents=words.count("from_documents", presentation.documents),
        unread=_unread_files(answer, words),
        missing=missing_list(answer.missing, words) if may_answer else Html(),
        cards=_cards(strong, presentation, words),
        weak=_folded(words.count("weaker", len(weak)), weak, presentation, words),
    )


def _not_found(answer: Answer, words: Wording) -> Html:
    presentation, searched = present(answer), answer.searched
    return Html('<p class="summary">{state} {searched}{unread}</p>{absence}{nearest}').format(
        state=_state(answer, words),
        searched=words.say(
            "searched",
            passages=words.count("passages_count", searched.passages),
            documents=words.count("documents_count", searched.documents),
        ),
        unread=_unread_files(answer, words),
        absence=absence(answer, words),
        nearest=_folded(words.say("nearest"), presentation.nearest, presentation, words),
    )


def _state(answer: Answer, words: Wording) -> Html:
    return Html('<span class="state {}">{}</span>').format(answer.state, words.say(answer.state))


def _folded(
    summary: str, passages: Sequence[CitedPassage], presentation: Presentation, words: Wording
) -> Html:
    """Return passages behind a summary that unfolds them; empty if there are none."""
    if not passages:
        return Html()
    return Html('<details class="weak"><summary>{}</summary>{}</details>').format(
        summary, _cards(passages, presentation, words)
    )


def _cards(passages: Sequence[CitedPassage], presentation: Presentation, words: Wording) -> Html:
    return Html().join(
        passage_card(
            passage,
            words,
            threshold=presentation.threshold,
            holds_words=presentation.holds_words,
        )
        for passage in passages
    )


def suggested_questions(topics: Sequence[Topic], words: Wording) -> Html:
    """Return questions that the documents answer, made from phrases in them."""
    if not topics:
        return Html()
    questions = [words.say("about", phrase=topic.phrase) for topic in topics]
    return Html('<p>{}</p><div class="examples">{}</div>').format(
        words.say("can_be_asked"), question_buttons(questions)
    )


def _unread_files(answer: Answer, words: Wording) -> str:
    unreadable = answer.searched.unreadable
    return f" ({words.count('unread_count', unreadable)})" if unreadable else ""


def error_notice(message: str, words: Wording) -> Html:
    """Return an error message with a button to ask again."""
    return Html(
        '<div class="notice" role="alert"><p>{}</p>'
        '<button type="button" class="again">{}</button></div>'
    ).format(message, words.say("again"))
