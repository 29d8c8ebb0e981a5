"""The outline of a document as a list of buttons that open the places."""

from collections.abc import Sequence

from rag.documents.outline import MOST_ENTRIES, OutlineEntry
from rag.text.html_escaping import Html
from ui.html.elements import isolated
from ui.html.passages import page_or_place
from ui.html.translations import Wording

_DEEPEST = 5
"""The last level that is indented further."""


def outline_list(entries: Sequence[OutlineEntry], words: Wording) -> Html:
    """Return the outline, or a note that there is none."""
    if not entries:
        return Html('<p class="hint">{}</p>').format(words.say("no_outline"))
    rows = Html("<ol>{}</ol>").format(Html().join(_row(entry, words) for entry in entries))
    if len(entries) < MOST_ENTRIES:
        return rows
    limit = f"{MOST_ENTRIES:,}"
    return rows + Html('<p class="hint">{}</p>').format(words.say("outline_first", n=limit))


def _row(entry: OutlineEntry, words: Wording) -> Html:
    page = "" if entry.page is None else Html('<span class="many">{}</span>').format(entry.page)
    title = isolated(entry.title)
    if not entry.title:
        title, page = page_or_place(entry.page, entry.place, words), ""
    return Html(
        '<li><button type="button" class="level-{level}" data-start="{start}" '
        'data-page="{number}">{title}{page}</button></li>'
    ).format(
        level=min(entry.level, _DEEPEST),
        start=entry.start,
        number="" if entry.page is None else entry.page,
        title=title,
        page=page,
    )
