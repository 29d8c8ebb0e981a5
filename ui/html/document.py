"""A document as HTML, opened at a cited passage."""

from collections.abc import Sequence
from dataclasses import dataclass

from rag.answers import Highlight
from rag.documents.page_images import has_pages
from rag.ids import document_id
from rag.marking.marks import NO_MARK, Mark
from rag.text.html_escaping import Html
from ui.html.elements import highlighted, icon_button, isolated
from ui.html.marks import mark_bar
from ui.html.passages import column_names, document_fields, page_or_place
from ui.html.translations import Wording
from vector_store.records import Contents, Passage

_NO_MARKS = Html()
_MOST_SHOWN = 200_000
"""Code points shown at once; of a longer document, those around the cited passage."""


@dataclass(frozen=True, slots=True)
class CitedSpan:
    """The passage at which a document is opened."""

    start: int
    """In code points of the document's text."""
    highlights: tuple[Highlight, ...]


def document_page(
    contents: Contents, cited: CitedSpan | None, words: Wording, mark: Mark = NO_MARK
) -> Html:
    """Return a document, paragraph by paragraph, with the cited passage marked.

    The text between paragraphs (headings, rules) is included. Only the part of a long document
    around the cited passage is shown, and the header says so.
    """
    document, passages = contents.document, contents.passages
    first, last = _shown_range(passages, cited)
    position = passages[first].paragraph.start if first > 0 else 0
    fields = document_fields(dict(document.fields), words)
    pieces = [fields, _page_image(contents, cited, words)]
    place, columns = Html(), ""
    for passage in passages[first : last + 1]:
        paragraph = passage.paragraph
        pieces.append(_text_between(document.text[position : paragraph.start]))
        position = paragraph.end
        new_place = page_or_place(paragraph.page, paragraph.place, words)
        if new_place != place:
            place = new_place
            pieces.append(Html('<p class="page">{}</p>').format(place))
        if paragraph.columns != columns:
            columns = paragraph.columns
            pieces.append(column_names(columns, words))
        pieces.append(_paragraph(passage, cited))
    if last == len(passages) - 1:
        pieces.append(_text_between(document.text[position:]))
    summary = _summary(len(passages), first, last, cited, words)
    bar = mark_bar(document_id(document.path), mark, words)
    return _frame(document.name, summary, Html().join(pieces), words, bar)


def document_notice(name: str, message: str, words: Wording) -> Html:
    """Return the frame of a document with a message in place of its text."""
    body = Html('<div class="notice" role="alert"><p>{}</p></div>').format(message)
    return _frame(name, "", body, words)


def _shown_range(passages: Sequence[Passage], cited: CitedSpan | None) -> tuple[int, int]:
    """Return the positions of the first and the last passage to show."""
    if not passages or passages[-1].paragraph.end <= _MOST_SHOWN:
        return 0, len(passages) - 1
    start = cited.start if cited else 0
    near = [
        position
        for position, passage in enumerate(passages)
        if start - _MOST_SHOWN // 2 <= passage.paragraph.start <= start + _MOST_SHOWN // 2
    ]
    return (near[0], near[-1]) if near else (0, 0)


def _summary(total: int, first: int, last: int, cited: CitedSpan | None, words: Wording) -> str:
    """Return how much of a document is shown."""
    summary = words.say("cited_marked") if cited else words.count("paragraphs_count", total)
    if (first, last) == (0, total - 1):
        return summary
    return f"{words.say('part', first=first + 1, last=last + 1, total=total)} · {summary}"


def _page_image(contents: Contents, cited: CitedSpan | None, words: Wording) -> Html:
    """Return an image of the cited passage's page, loaded by the script; empty without pages."""
    document = contents.document
    if cited is None or not has_pages(document.path):
        return Html()
    for passage in contents.passages:
        paragraph = passage.paragraph
        if paragraph.start == cited.start and paragraph.page is not None:
            return Html('<img class="sheet" data-source="{source}" alt="{label}">').format(
                source=f"pdf?key={document_id(document.path)}&sha256={document.sha256}"
                f"&start={paragraph.start}&end={paragraph.end}",
                label=words.say("page_image", page=paragraph.page, name=document.name),
            )
    return Html()


def _paragraph(passage: Passage, cited: CitedSpan | None) -> Html:
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
        text=highlighted(passage.text, highlights),
    )


def _text_between(text: str) -> Html:
    if not text.strip():
        return Html()
    return Html('<div class="between" dir="auto">{}</div>').format(text.strip())


def _frame(name: str, summary: str, body: Html, words: Wording, marks: Html = _NO_MARKS) -> Html:
    folder, _, own_name = name.rpartition("/")
    return Html(
        '<div class="reader" role="dialog" aria-label="{reader}"><header><div class="named">'
        '<h2 tabindex="-1">{name}</h2>{folder}<p>{summary}</p></div>'
        '<div class="steps" hidden>{previous}'
        '<span class="which"></span>{next}</div>{close}</header>{marks}'
        '<div class="text" tabindex="0" role="region" aria-label="{text}">{body}</div></div>'
    ).format(
        reader=words.say("reader"),
        name=isolated(own_name),
        folder=isolated(folder, "where") if folder else "",
        marks=marks,
        summary=summary,
        previous=icon_button("step", words.say("previous"), "before", step=-1),
        next=icon_button("step", words.say("next"), "after", step=1),
        close=icon_button("close", words.say("close"), "close"),
        text=words.say("text"),
        body=body,
    )
