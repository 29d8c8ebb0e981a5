"""A quoted passage as HTML: the quote, where it stands, why it was found, and its tools."""

from collections.abc import Sequence

from rag.answers import CitedPassage, Highlight, percent
from ui.markup import escape, icon, isolated, marked, tool
from ui.wording import Wording
from vector_store.records import Passage

_LONG_QUOTE = 3_000
"""Code points; a longer quote scrolls within its card, from the sentence that answers."""


def card(passage: CitedPassage, words: Wording) -> str:
    """Return a quote with its citation and its tools."""
    citation = passage.citation
    long = ' class="long" tabindex="0"' if len(passage.text) > _LONG_QUOTE else ""
    label = words.html("passage_n", n=citation.number)
    return (
        f'<div class="card" role="group" aria-label="{label}" data-key="{citation.document_id}" '
        f'data-start="{citation.start}" data-end="{citation.end}" data-sha="{citation.sha256}" '
        f'data-marks="{_marks(passage.highlights)}" data-citation="{escape(str(citation))}">'
        f"{_headings(passage)}"
        f'<div class="quotes"><blockquote dir="auto"{long}>'
        f"{marked(passage.text, passage.highlights)}</blockquote></div>"
        f'<div class="about">{_pill(passage, words)}'
        f'<span class="score" title="{words.html("likely_more")}">'
        f"{words.html('likely', percent=percent(passage.score))}</span></div>"
        f"{_tools(citation.paragraph, words)}{_why(passage, words)}</div>"
    )


def part(page: int | None, place: str, words: Wording) -> str:
    """Return where in its file something stands: a page, a slide, a row; empty in plain text."""
    if page is not None:
        return words.html("page_n", n=page)
    return isolated(place) if place else ""


def neighbour(passage: Passage, words: Wording) -> str:
    """Return the paragraph before or after a quote, told apart from it."""
    at = passage.paragraph
    return (
        f'<div class="neighbour" data-paragraph="{at.number}"><p class="where">'
        f"{_place(at.page, at.place, at.number, words)}</p>"
        f'<blockquote dir="auto">{escape(passage.text)}</blockquote></div>'
    )


def _place(page: int | None, place: str, paragraph: int, words: Wording) -> str:
    parts = (part(page, place, words), words.html("paragraph_n", n=paragraph))
    return " · ".join(filter(None, parts))


def _headings(passage: CitedPassage) -> str:
    if not passage.headings:
        return ""
    trail = " › ".join(isolated(heading) for heading in passage.headings)
    return f'<p class="headings" dir="auto">{trail}</p>'


def _pill(passage: CitedPassage, words: Wording) -> str:
    citation = passage.citation
    where = _place(citation.page, citation.place, citation.paragraph, words)
    return (
        '<button type="button" class="citation" '
        f'title="{words.html("open", document=escape(citation.document))}">'
        f'<span class="number">{citation.number}</span> '
        f"{isolated(citation.document, 'document')} "
        f'<span class="place">{where}</span></button>'
    )


def _tools(paragraph: int, words: Wording) -> str:
    return (
        '<div class="tools">'
        f"{tool('copy', words.say('copy'), 'copy')}"
        f"{tool('keep', words.say('keep'), 'keep', pressed='false')}"
        f"{tool('judge', words.say('good'), 'up', verdict='good')}"
        f"{tool('judge', words.say('bad'), 'down', verdict='bad')}"
        f'<span class="gap"></span>'
        f"{tool('more', words.say('before'), 'before', step='-1', paragraph=paragraph)}"
        f"{tool('more', words.say('after'), 'after', step='1', paragraph=paragraph)}"
        '<button type="button" class="tool explain" aria-expanded="false">'
        f"{icon('why')}<span>{words.html('why')}</span></button></div>"
    )


def _why(passage: CitedPassage, words: Wording) -> str:
    why = passage.why
    matched = dict.fromkeys(
        passage.text[mark.start : mark.end].lower()
        for mark in passage.highlights
        if mark.kind == "term"
    )
    terms = " ".join(isolated(term) for term in list(matched)[:20]) or words.html("none")
    rows = (
        ("why_dense", _found(why.dense_rank, why.dense_score, words)),
        ("why_lexical", _found(why.lexical_rank, why.lexical_score, words)),
        ("why_words", terms),
        ("why_score", percent(passage.score)),
    )
    items = "".join(f"<dt>{words.html(name)}</dt><dd>{value}</dd>" for name, value in rows)
    return f'<dl class="why" hidden>{items}</dl>'


def _found(rank: int | None, score: float | None, words: Wording) -> str:
    number = f' <span class="raw">{score:.2f}</span>' if score is not None else ""
    return (words.html("rank", n=rank) if rank else words.html("not_found_so")) + number


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
