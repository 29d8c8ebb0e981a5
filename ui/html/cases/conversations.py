"""Earlier conversations as HTML: their list in the sidebar, and what a stored turn shows."""

from collections.abc import Sequence

from rag.casework.bounds import LONGEST_NAME
from rag.casework.records import ConversationSummary, Turn
from rag.text.html_escaping import Html
from ui.html.elements import icon_button
from ui.html.translations import Wording


def conversation_list(summaries: Sequence[ConversationSummary], words: Wording) -> Html:
    """Return a row for each conversation: a button that opens it, and what changes it."""
    return Html().join(_row(one, words) for one in summaries)


def _row(summary: ConversationSummary, words: Wording) -> Html:
    return Html(
        '<li data-conversation="{id}"><button type="button" class="past" dir="auto" '
        'title="{title}">{title}</button>{rename}{forget}</li>'
    ).format(
        id=summary.id,
        title=summary.title,
        rename=icon_button("rename", f"{words.say('rename')}: {summary.title}", "new"),
        forget=icon_button("forget", f"{words.say('forget')}: {summary.title}", "close"),
    )


def title_field(words: Wording) -> Html:
    """Return the field in which a conversation is renamed, in place of its row's button."""
    return Html('<input class="title" dir="auto" maxlength="{}" aria-label="{}">').format(
        LONGEST_NAME, words.say("rename")
    )


def forgotten_turn(turn: Turn, words: Wording) -> Html:
    """Return a question whose answer is not stored, with a button to ask it again."""
    return Html(
        '<article class="turn" data-question="{question}" data-carried="[]" data-refused="">'
        '<header><h2 dir="auto" tabindex="-1">{question}</h2></header>'
        '<div class="forgotten"><p>{text}</p>'
        '<button type="button" class="again">{again}</button></div></article>'
    ).format(
        question=turn.question,
        text=words.say("answer_forgotten"),
        again=words.say("again"),
    )
