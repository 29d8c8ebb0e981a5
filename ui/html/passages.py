"""A passage as HTML: the quote, its citation, why it was found, and its buttons."""

import re
from collections.abc import Mapping, Sequence

from rag.answers import Citation, CitedPassage, Highlight, percent
from rag.query.scope import date_of
from rag.retrieval.calibration import THRESHOLD, likelihood
from rag.text.html_escaping import Html
from ui.html.elements import highlighted, icon, icon_button, isolated
from ui.html.translations import Wording
from vector_store.records import Passage, mail_fields

_MOMENT = re.compile(r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d):\d\d(?:\.\d+)?([-+]\d\d:\d\d)?")
"""A date and time in ISO 8601, as a mail's date is kept."""
_LONG_QUOTE = 3_000
"""Code points; a longer quote scrolls within its card, starting at the answer sentence."""
_MOST_TERMS = 20
_NOTHING = Html()
_MOST_HIGHLIGHTS = 500


def passage_card(
    passage: CitedPassage,
    words: Wording,
    *,
    threshold: float = THRESHOLD,
    holds_words: bool = False,
) -> Html:
    """Return a quote with its citation and its buttons.

    `holds_words` says that it holds the exact phrases searched for; it then has no probability.
    """
    citation = passage.citation
    return card(
        citation,
        passage.text,
        passage.highlights,
        words,
        above="\n".join(passage.lines_above),
        day=str(date_of(citation.path, tuple(passage.fields.items())) or ""),
        longest=_LONG_QUOTE,
        before=_headings(passage)
        + document_fields(_without_subject(passage), words)
        + column_names(passage.columns, words),
        about=citation_button(citation, words)
        + _chance(passage, words, threshold, holds_words=holds_words),
        after=_buttons(citation.paragraph, words)
        + _explanation(passage, words, holds_words=holds_words),
    )


def card(
    citation: Citation,
    text: str,
    highlights: Sequence[Highlight],
    words: Wording,
    *,
    above: str,
    day: str,
    longest: int,
    before: Html,
    about: Html,
    after: Html = _NOTHING,
    kind: str = "card",
) -> Html:
    """Return a quote with what the script needs to open, keep and copy it.

    A quote of more than `longest` code points scrolls. `above` is copied with it, `day` is the date
    of its document; `before`, `about` and `after` stand around it.
    """
    return Html(
        '<div class="{kind}" role="group" aria-label="{label}" data-key="{key}" '
        'data-start="{start}" data-end="{end}" data-sha="{sha}" '
        'data-marks="{marks}" data-citation="{citation}" data-above="{above}" '
        'data-document="{document}" data-day="{day}">'
        '{before}<div class="quotes"><blockquote dir="auto"{long}>{quote}</blockquote></div>'
        '<div class="about">{about}</div>{after}</div>'
    ).format(
        kind=kind,
        label=words.say("passage_n", n=citation.number),
        key=citation.document_id,
        start=citation.start,
        end=citation.end,
        sha=citation.sha256,
        marks=_format_highlights(highlights),
        citation=citation,
        above=above,
        document=citation.document,
        day=day,
        before=before,
        long=Html(' class="long" tabindex="0"') if len(text) > longest else "",
        quote=highlighted(text, highlights),
        about=about,
        after=after,
    )


def _chance(passage: CitedPassage, words: Wording, threshold: float, *, holds_words: bool) -> Html:
    """Return how likely a passage answers, or that it holds the words searched for."""
    if holds_words:
        return Html('<span class="score">{}</span>').format(words.say("holds_words"))
    word = likelihood(passage.score, threshold)
    return Html('<span class="score {word}" title="{more}">{chance}</span>').format(
        word=word,
        more=words.say("likely_more"),
        chance=words.say(f"chance_{word}", percent=percent(passage.score)),
    )


def page_or_place(page: int | None, place: str, words: Wording) -> Html:
    """Return a page, slide or row within a file; empty in plain text.

    What `place` says after "page 3", such as the number printed on it, follows the page.
    """
    if page is None:
        return isolated(place) if place else Html()
    numbered, more = words.html("page_n", n=page), place.removeprefix(f"page {page}")
    if not place or more != place:
        return numbered + isolated(more) if more else numbered
    return isolated(place)


def document_fields(fields: Mapping[str, str], words: Wording) -> Html:
    """Return what a document says of itself as a list; empty where it says nothing."""
    if not fields:
        return Html()
    rows = (
        Html('<div><dt>{name}</dt><dd dir="auto">{value}</dd></div>').format(
            name=words.html(f"field_{name}"), value=_shown(name, value)
        )
        for name, value in fields.items()
    )
    return Html('<dl class="fields">{}</dl>').format(Html().join(rows))


def _shown(name: str, value: str) -> str:
    """Return a field's value for people: a date and time without seconds, and its time zone."""
    moment = _MOMENT.fullmatch(value) if name == "date" else None
    return value if moment is None else " ".join(filter(None, moment.groups()))


def _without_subject(passage: CitedPassage) -> dict[str, str]:
    """Return the fields of a mail for its card, which may have the subject as a heading already."""
    fields = dict(mail_fields(tuple(passage.fields.items())))
    if fields.get("subject") in passage.headings:
        del fields["subject"]
    return fields


def column_names(columns: str, words: Wording) -> Html:
    """Return the names of a table's columns, to stand above its row; empty for other passages."""
    if not columns:
        return Html()
    return Html('<p class="columns" dir="auto" title="{label}">{columns}</p>').format(
        label=words.say("columns"), columns=columns
    )


def neighbouring_paragraph(passage: Passage, words: Wording) -> Html:
    """Return the paragraph before or after a quote, set apart from it."""
    paragraph = passage.paragraph
    return Html(
        '<div class="neighbour" data-paragraph="{number}"><p class="where">{location}</p>'
        '<blockquote dir="auto">{text}</blockquote></div>'
    ).format(
        number=paragraph.number,
        location=_location(paragraph.page, paragraph.place, paragraph.number, words),
        text=passage.text,
    )


def _location(page: int | None, place: str, paragraph: int, words: Wording) -> Html:
    parts = (page_or_place(page, place, words), words.html("paragraph_n", n=paragraph))
    return Html(" · ").join(filter(None, parts))


def _headings(passage: CitedPassage) -> Html:
    if not passage.headings:
        return Html()
    trail = Html(" › ").join(isolated(heading) for heading in passage.headings)
    return Html('<p class="headings" dir="auto">{}</p>').format(trail)


def citation_button(citation: Citation, words: Wording) -> Html:
    """Return a citation as a button that opens its document there."""
    folder, _, name = citation.document.rpartition("/")
    return Html(
        '<button type="button" class="citation" title="{label}"><span class="number">{number}'
        '</span> {document} {folder}<span class="place">{location}</span></button>'
    ).format(
        label=words.say("open", document=citation.document),
        number=citation.number,
        document=isolated(name, "document"),
        folder=isolated(folder, "folder") + Html(" ") if folder else "",
        location=_location(citation.page, citation.place, citation.paragraph, words),
    )


def _buttons(paragraph: int, words: Wording) -> Html:
    return Html(
        '<div class="tools">{copy}{keep}{good}{bad}<span class="gap"></span>{before}{after}'
        '<button type="button" class="tool explain" aria-expanded="false">{icon}<span>{why}</span>'
        "</button></div>"
    ).format(
        copy=icon_button("copy", words.say("copy"), "copy"),
        keep=icon_button("keep", words.say("keep"), "keep", pressed="false"),
        good=icon_button("judge", words.say("good"), "up", verdict="good"),
        bad=icon_button("judge", words.say("bad"), "down", verdict="bad"),
        before=icon_button("more", words.say("before"), "before", step="-1", paragraph=paragraph),
        after=icon_button("more", words.say("after"), "after", step="1", paragraph=paragraph),
        icon=icon("why"),
        why=words.say("why"),
    )


def _explanation(passage: CitedPassage, words: Wording, *, holds_words: bool) -> Html:
    """Return the ranks and scores that explain why a passage was found, folded."""
    why = passage.why
    terms = dict.fromkeys(
        passage.text[highlight.start : highlight.end].lower()
        for highlight in passage.highlights
        if highlight.kind == "term"
    )
    matched = Html(" ").join(isolated(term) for term in list(terms)[:_MOST_TERMS])
    rows = [
        ("why_dense", _rank(why.dense_rank, why.dense_score, words)),
        ("why_lexical", _rank(why.lexical_rank, why.lexical_score, words)),
        ("why_words", matched or words.say("none")),
    ]
    if not holds_words:
        rows.append(("why_score", percent(passage.score)))
    items = (Html("<dt>{}</dt><dd>{}</dd>").format(words.say(key), value) for key, value in rows)
    return Html('<dl class="why" hidden>{}</dl>').format(Html().join(items))


def _rank(rank: int | None, score: float | None, words: Wording) -> Html:
    place = words.html("rank", n=rank) if rank else words.html("not_found_so")
    if score is None:
        return place
    return place + Html(' <span class="raw">{}</span>').format(f"{score:.2f}")


def _format_highlights(highlights: Sequence[Highlight]) -> str:
    return " ".join(f"{mark.start}-{mark.end}{mark.kind[0]}" for mark in highlights)


def parse_highlights(text: str, length: int) -> tuple[Highlight, ...]:
    """Parse the highlights in a card's `data-marks`; what does not fit in `length` is left out."""
    highlights = []
    for mark in text.split()[:_MOST_HIGHLIGHTS]:
        start, _, end = mark[:-1].partition("-")
        is_span = _is_number(start) and _is_number(end) and int(start) < int(end) <= length
        if is_span and mark[-1] == "a":
            highlights.append(Highlight(int(start), int(end), "answer"))
        elif is_span and mark[-1] == "t":
            highlights.append(Highlight(int(start), int(end), "term"))
    return tuple(highlights)


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 10
