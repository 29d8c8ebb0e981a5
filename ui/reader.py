"""A document as HTML, opened at a cited passage."""

from collections.abc import Sequence
from dataclasses import dataclass

from rag.answers import Highlight
from rag.identifiers import document_id
from rag.page_images import has_pages
from ui.cards import part as place_of
from ui.markup import escape, isolated, marked, tool
from ui.wording import Wording
from vector_store.records import Contents, Passage

_MOST_SHOWN = 200_000
"""Code points of a document shown at once; around the cited passage when it has more."""


@dataclass(frozen=True, slots=True)
class Cited:
    """The passage at which a document is opened, and what is marked in it."""

    start: int
    highlights: tuple[Highlight, ...]


def reader(contents: Contents, cited: Cited | None, words: Wording) -> str:
    """Return a document, paragraph by paragraph, with the cited passage marked.

    What stands between paragraphs (headings, rules) is shown too. A long document is shown
    around the cited passage only, and says so.
    """
    document, passages = contents.document, contents.passages
    first, last = _shown(passages, cited)
    at = passages[first].paragraph.start if first > 0 else 0
    pieces = [_sheet(contents, cited, words)]
    where = ""
    for passage in passages[first : last + 1]:
        paragraph = passage.paragraph
        pieces.append(_between(document.text[at : paragraph.start]))
        at = paragraph.end
        if (now := place_of(paragraph.page, paragraph.place, words)) != where:
            where = now
            pieces.append(f'<p class="page">{where}</p>')
        pieces.append(_paragraph(passage, cited))
    if last == len(passages) - 1:
        pieces.append(_between(document.text[at:]))
    part = ""
    if (first, last) != (0, len(passages) - 1):
        numbers = {"first": first + 1, "last": last + 1, "total": len(passages)}
        part = f"{words.html('part', **numbers)} · "
    count = escape(words.count("paragraphs_count", len(passages)))
    about = words.html("cited_marked") if cited else count
    return _frame(document.name, part + about, "".join(pieces), words)


def _sheet(contents: Contents, cited: Cited | None, words: Wording) -> str:
    """Return the place of a picture of the cited passage's page, where the document has some."""
    document = contents.document
    if cited is None or not has_pages(document.path):
        return ""
    for passage in contents.passages:
        at = passage.paragraph
        if at.start == cited.start and at.page is not None:
            asked = (
                f"pdf?key={document_id(document.path)}&sha256={document.sha256}"
                f"&start={at.start}&end={at.end}"
            )
            told = words.html("page_image", page=at.page, name=document.name)
            return f'<img class="sheet" data-source="{escape(asked)}" alt="{told}">'
    return ""


def reader_notice(name: str, message: str, words: Wording) -> str:
    """Return the reader with a message in place of a document."""
    body = f'<div class="notice" role="alert"><p>{escape(message)}</p></div>'
    return _frame(name, "", body, words)


def _paragraph(passage: Passage, cited: Cited | None) -> str:
    paragraph = passage.paragraph
    is_cited = cited is not None and paragraph.start == cited.start
    highlights = cited.highlights if cited is not None and is_cited else ()
    return (
        f'<div class="paragraph{" cited" if is_cited else ""}" '
        f'data-paragraph="{paragraph.number}"><p dir="auto"{" tabindex=-1" if is_cited else ""}>'
        f"{marked(passage.text, highlights)}</p></div>"
    )


def _frame(name: str, about: str, body: str, words: Wording) -> str:
    steps = (
        f'<div class="steps" hidden>{tool("step", words.say("previous"), "before", step=-1)}'
        f'<span class="which"></span>{tool("step", words.say("next"), "after", step=1)}</div>'
    )
    return (
        f'<div class="reader" role="dialog" aria-label="{words.html("reader")}"><header>'
        '<div class="named">'
        f'<h2 tabindex="-1">{isolated(name)}</h2><p>{about}</p></div>{steps}'
        f"{tool('close', words.say('close'), 'close')}</header>"
        f'<div class="text" tabindex="0" role="region" aria-label="{words.html("text")}">{body}'
        "</div></div>"
    )


def _shown(passages: Sequence[Passage], cited: Cited | None) -> tuple[int, int]:
    """Return the first and last paragraph to show, by position."""
    if not passages or passages[-1].paragraph.end <= _MOST_SHOWN:
        return 0, len(passages) - 1
    start = cited.start if cited else 0
    inside = [
        position
        for position, passage in enumerate(passages)
        if start - _MOST_SHOWN // 2 <= passage.paragraph.start <= start + _MOST_SHOWN // 2
    ]
    return (inside[0], inside[-1]) if inside else (0, 0)


def _between(text: str) -> str:
    return f'<div class="between" dir="auto">{escape(text.strip())}</div>' if text.strip() else ""
