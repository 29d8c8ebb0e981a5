"""A document as HTML, opened at a cited passage."""

from collections.abc import Sequence
from dataclasses import dataclass

from rag.answers import Highlight
from rag.documents.page_images import has_pages
from rag.ids import document_id
from rag.text.html_escaping import Html
from ui.html.elements import isolated, marked, tool
from ui.html.passages import part as place_of
from ui.html.translations import Wording
from vector_store.records import Contents, Passage

_MOST_SHOWN = 200_000
"""Code points of a document shown at once; around the cited passage when it has more."""


@dataclass(frozen=True, slots=True)
class Cited:
    """The passage at which a document is opened, and what is marked in it."""

    start: int
    highlights: tuple[Highlight, ...]


def reader(contents: Contents, cited: Cited | None, words: Wording) -> Html:
    """Return a document, paragraph by paragraph, with the cited passage marked.

    What stands between paragraphs (headings, rules) is shown too. A long document is shown
    around the cited passage only, and says so.
    """
    document, passages = contents.document, contents.passages
    first, last = _shown(passages, cited)
    at = passages[first].paragraph.start if first > 0 else 0
    pieces = [_sheet(contents, cited, words)]
    where = Html()
    for passage in passages[first : last + 1]:
        paragraph = passage.paragraph
        pieces.append(_between(document.text[at : paragraph.start]))
        at = paragraph.end
        if (now := place_of(paragraph.page, paragraph.place, words)) != where:
            where = now
            pieces.append(Html('<p class="page">{}</p>').format(where))
        pieces.append(_paragraph(passage, cited))
    if last == len(passages) - 1:
        pieces.append(_between(document.text[at:]))
    about = _about(len(passages), first, last, cited, words)
    return _frame(document.name, about, Html().join(pieces), words)


def _about(total: int, first: int, last: int, cited: Cited | None, words: Wording) -> str:
    """Return how much of a document is shown, and what of it."""
    about = words.say("cited_marked") if cited else words.count("paragraphs_count", total)
    if (first, last) == (0, total - 1):
        return about
    return f"{words.say('part', first=first + 1, last=last + 1, total=total)} · {about}"


def _sheet(contents: Contents, cited: Cited | None, words: Wording) -> Html:
    """Return the place of a picture of the cited passage's page, where the document has some."""
    document = contents.document
    if cited is None or not has_pages(document.path):
        return Html()
    for passage in contents.passages:
        at = passage.paragraph
        if at.start == cited.start and at.page is not None:
            return Html('<img class="sheet" data-source="{source}" alt="{label}">').format(
                source=f"pdf?key={document_id(document.path)}&sha256={document.sha256}"
                f"&start={at.start}&end={at.end}",
                label=words.say("page_image", page=at.page, name=document.name),
            )
    return Html()


def reader_notice(name: str, message: str, words: Wording) -> Html:
    """Return the reader with a message in place of a document."""
    body = Html('<div class="notice" role="alert"><p>{}</p></div>').format(message)
    return _frame(name, "", body, words)


def _paragraph(passage: Passage, cited: Cited | None) -> Html:
    paragraph = passage.paragraph
    is_cited = cited is not None and paragraph.start == cited.start
    highlights = cited.highlights if cited is not None and is_cited else ()
    return Html(
        '<div class="paragraph{kind}" data-paragraph="{number}">'
        '<p dir="auto"{focus}>{text}</p></div>'
    ).format(
        kind=" cited" if is_cited else "",
        number=paragraph.number,
        focus=Html(' tabindex="-1"') if is_cited else "",
        text=marked(passage.text, highlights),
    )


def _frame(name: str, about: str, body: Html, words: Wording) -> Html:
    return Html(
        '<div class="reader" role="dialog" aria-label="{reader}"><header><div class="named">'
        '<h2 tabindex="-1">{name}</h2><p>{about}</p></div><div class="steps" hidden>{previous}'
        '<span class="which"></span>{next}</div>{close}</header>'
        '<div class="text" tabindex="0" role="region" aria-label="{text}">{body}</div></div>'
    ).format(
        reader=words.say("reader"),
        name=isolated(name),
        about=about,
        previous=tool("step", words.say("previous"), "before", step=-1),
        next=tool("step", words.say("next"), "after", step=1),
        close=tool("close", words.say("close"), "close"),
        text=words.say("text"),
        body=body,
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


def _between(text: str) -> Html:
    if not text.strip():
        return Html()
    return Html('<div class="between" dir="auto">{}</div>').format(text.strip())
