"""A quoted passage as HTML: the quote, where it stands, why it was found, and its tools."""

from collections.abc import Sequence

from rag.answers import CitedPassage, Highlight, percent
from rag.text.html_escaping import Html
from ui.html.elements import icon, isolated, marked, tool
from ui.html.translations import Wording
from vector_store.records import Passage

_LONG_QUOTE = 3_000
"""Code points; a longer quote scrolls within its card, from the sentence that answers."""


def card(passage: CitedPassage, words: Wording) -> Html:
    """Return a quote with its citation and its tools."""
    citation = passage.citation
    is_long = len(passage.text) > _LONG_QUOTE
    return Html(
        '<div class="card" role="group" aria-label="{label}" data-key="{key}" '
        'data-start="{start}" data-end="{end}" data-sha="{sha}" '
        'data-marks="{marks}" data-citation="{citation}">{headings}'
        '<div class="quotes"><blockquote dir="auto"{long}>{quote}</blockquote></div>'
        '<div class="about">{pill}<span class="score" title="{likely_more}">{likely}</span></div>'
        "{tools}{why}</div>"
    ).format(
        label=words.say("passage_n", n=citation.number),
        key=citation.document_id,
        start=citation.start,
        end=citation.end,
        sha=citation.sha256,
        marks=_marks(passage.highlights),
        citation=citation,
        headings=_headings(passage),
        long=Html(' class="long" tabindex="0"') if is_long else "",
        quote=marked(passage.text, passage.highlights),
        pill=_pill(passage, words),
        likely_more=words.say("likely_more"),
        likely=words.say("likely", percent=percent(passage.score)),
        tools=_tools(citation.paragraph, words),
        why=_why(passage, words),
    )


def part(page: int | None, place: str, words: Wording) -> Html:
    """Return where in its file something stands: a page, a slide, a row; empty in plain text."""
    if page is not None:
        return words.html("page_n", n=page)
    return isolated(place) if place else Html()


def neighbour(passage: Passage, words: Wording) -> Html:
    """Return the paragraph before or after a quote, told apart from it."""
    at = passage.paragraph
    return Html(
        '<div class="neighbour" data-paragraph="{number}"><p class="where">{place}</p>'
        '<blockquote dir="auto">{text}</blockquote></div>'
    ).format(number=at.number, place=_place(at.page, at.place, at.number, words), text=passage.text)


def _place(page: int | None, place: str, paragraph: int, words: Wording) -> Html:
    parts = (part(page, place, words), words.html("paragraph_n", n=paragraph))
    return Html(" · ").join(filter(None, parts))


def _headings(passage: CitedPassage) -> Html:
    if not passage.headings:
        return Html()
    trail = Html(" › ").join(isolated(heading) for heading in passage.headings)
    return Html('<p class="headings" dir="auto">{}</p>').format(trail)


def _pill(passage: CitedPassage, words: Wording) -> Html:
    citation = passage.citation
    return Html(
        '<button type="button" class="citation" title="{label}"><span class="number">{number}'
        '</span> {document} <span class="place">{place}</span></button>'
    ).format(
        label=words.say("open", document=citation.document),
        number=citation.number,
        document=isolated(citation.document, "document"),
        place=_place(citation.page, citation.place, citation.paragraph, words),
    )


def _tools(paragraph: int, words: Wording) -> Html:
    return Html(
        '<div class="tools">{copy}{keep}{good}{bad}<span class="gap"></span>{before}{after}'
        '<button type="button" class="tool explain" aria-expanded="false">{icon}<span>{why}</span>'
        "</button></div>"
    ).format(
        copy=tool("copy", words.say("copy"), "copy"),
        keep=tool("keep", words.say("keep"), "keep", pressed="false"),
        good=tool("judge", words.say("good"), "up", verdict="good"),
        bad=tool("judge", words.say("bad"), "down", verdict="bad"),
        before=tool("more", words.say("before"), "before", step="-1", paragraph=paragraph),
        after=tool("more", words.say("after"), "after", step="1", paragraph=paragraph),
        icon=icon("why"),
        why=words.say("why"),
    )


def _why(passage: CitedPassage, words: Wording) -> Html:
    why = passage.why
    matched = dict.fromkeys(
        passage.text[mark.start : mark.end].lower()
        for mark in passage.highlights
        if mark.kind == "term"
    )
    terms = Html(" ").join(isolated(term) for term in list(matched)[:20])
    rows = (
        ("why_dense", _rank(why.dense_rank, why.dense_score, words)),
        ("why_lexical", _rank(why.lexical_rank, why.lexical_score, words)),
        ("why_words", terms or words.say("none")),
        ("why_score", percent(passage.score)),
    )
    items = (Html("<dt>{}</dt><dd>{}</dd>").format(words.say(name), value) for name, value in rows)
    return Html('<dl class="why" hidden>{}</dl>').format(Html().join(items))


def _rank(rank: int | None, score: float | None, words: Wording) -> Html:
    place = words.html("rank", n=rank) if rank else words.html("not_found_so")
    if score is None:
        return place
    return place + Html(' <span class="raw">{}</span>').format(f"{score:.2f}")


def _marks(highlights: Sequence[Highlight]) -> str:
    return " ".join(f"{mark.start}-{mark.end}{mark.kind[0]}" for mark in highlights)


def read_marks(text: str, length: int) -> tuple[Highlight, ...]:
    """Return the highlights that a card of the page names; what is out of place is left out."""
    found = []
    for mark in text.split()[:500]:
        start, _, end = mark[:-1].partition("-")
        kind = {"a": "answer", "t": "term"}.get(mark[-1])
        if kind and _is_number(start) and _is_number(end) and int(start) < int(end) <= length:
            found.append(Highlight(int(start), int(end), "answer" if kind == "answer" else "term"))
    return tuple(found)


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 10
