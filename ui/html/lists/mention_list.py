"""The list of the mentions of a text as HTML: its head, and its rows, each a passage with marks."""

from rag.answers import Highlight
from rag.listing.records import Mention, Mentions
from rag.text.html_escaping import Html
from ui.html.elements import icon_button, isolated
from ui.html.passages import card, citation_button
from ui.html.translations import Wording

_ORDERS = (
    ("document", "by_document"),
    ("date", "by_date"),
    ("newest", "by_newest"),
    ("meaning", "by_meaning"),
)
_LONG_QUOTE = 1_000
"""Code points; a longer quote scrolls within its row."""


def mention_list(text: str, words: Wording) -> Html:
    """Return an empty list of the mentions of a text, with its order, file and button for more."""
    options = Html().join(
        Html('<option value="{}">{}</option>').format(order, words.say(key))
        for order, key in _ORDERS
    )
    return Html(
        '<section class="mentions" data-text="{text}" aria-label="{label}"><header>'
        '<h3 dir="auto">{title}</h3>'
        '<p class="counted" aria-live="polite"></p><div class="controls">'
        '<label>{sort} <select class="sort-by">{options}</select></label>'
        '<button type="button" class="as-csv">{csv}</button>{close}</div></header>'
        '<div class="rows"></div>'
        '<button type="button" class="more-mentions" hidden>{more}</button></section>'
    ).format(
        text=text,
        label=words.say("every_mention", text=text),
        title=words.html("every_mention", text=isolated(text)),
        sort=words.say("sort_by"),
        options=options,
        csv=words.say("as_csv"),
        close=icon_button("close-list", words.say("close_list"), "close"),
        more=words.say("more_mentions"),
    )


def mention_rows(mentions: Mentions, words: Wording) -> Html:
    """Return the mentions of a part of a list."""
    return Html().join(_row(one, words) for one in mentions.mentions)


def counted(mentions: Mentions, words: Wording) -> str:
    """Return how many passages hold the text, as a phrase: exactly, or at least."""
    if mentions.complete and not mentions.count:
        return words.say("mentions_none")
    return words.say(
        "mentions_exact" if mentions.complete else "mentions_at_least",
        passages=words.count("passages_count", mentions.count),
        documents=words.count("documents_count", mentions.documents),
    )


def _row(mention: Mention, words: Wording) -> Html:
    citation = mention.citation
    marks = tuple(Highlight(start, end, "answer") for start, end in mention.spans)
    above = Html()
    if not marks:
        trail = Html(" › ").join(isolated(heading) for heading in mention.headings)
        note = words.html("mentioned_above")
        above = Html('<p class="headings" dir="auto">{} {}</p>').format(note, trail)
    day = Html('<span class="day">{}</span>').format(mention.date or "")
    tools = icon_button("copy", words.say("copy"), "copy") + icon_button(
        "keep", words.say("keep"), "keep", pressed="false"
    )
    return card(
        citation,
        mention.text,
        marks,
        words,
        above="",
        day=mention.date or "",
        longest=_LONG_QUOTE,
        before=above,
        about=citation_button(citation, words) + day + tools,
        kind="card mention",
    )
