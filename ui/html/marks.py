"""The status and tags of a document as HTML, in the head of the reader."""

from rag.marking.marks import LONGEST_TAG, STATUSES, Mark
from rag.text.html_escaping import Html
from ui.html.elements import icon, isolated
from ui.html.translations import Wording


def mark_bar(key: str, mark: Mark, words: Wording) -> Html:
    """Return the buttons that change the mark of the document with the id `key`."""
    statuses = Html().join(
        Html(
            '<button type="button" data-status="{status}" aria-pressed="{pressed}">{label}</button>'
        ).format(
            status=status,
            pressed=str(mark.status == status).lower(),
            label=words.say(f"status_{status}"),
        )
        for status in STATUSES
    )
    tags = Html().join(
        Html(
            '<span class="chip"><span>{text}</span><button type="button" aria-label="{label}" '
            'title="{label}" data-untag="{tag}">{icon}</button></span>'
        ).format(
            text=isolated(tag),
            label=words.say("remove_tag", tag=tag),
            tag=tag,
            icon=icon("close"),
        )
        for tag in mark.tags
    )
    return Html(
        '<div class="marks" role="group" aria-label="{label}" data-key="{key}">{statuses}{tags}'
        '<form><input type="text" maxlength="{longest}" aria-label="{add}" placeholder="{add}" '
        'dir="auto"></form></div>'
    ).format(
        label=words.say("marks"),
        key=key,
        statuses=statuses,
        tags=tags,
        longest=LONGEST_TAG,
        add=words.say("add_tag"),
    )
