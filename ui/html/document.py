"""A document as HTML, opened at a cited passage."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from rag.answers import Highlight
from rag.documents.page_images import has_pages
from rag.documents.segments import Segment, segments
from rag.formats.pdf.page_breaks import last_page
from rag.ids import document_id
from rag.marking.marks import NO_MARK, Mark
from rag.text.html_escaping import Html
from ui.html.elements import highlighted, icon_button, isolated
from ui.html.marks import mark_bar
from ui.html.passages import column_names, document_fields, page_or_place
from ui.html.reader.tools import page_view, tools
from ui.html.translations import Wording
from vector_store.records import Contents, Paragraph, Passage

_NO_MARKS = Html()
_MOST_SHOWN = 200_000
"""Code points shown at once; of a longer document, those around the place that is opened."""


@dataclass(frozen=True, slots=True)
class CitedSpan:
    """The passage at which a document is opened."""

    start: int
    """In code points of the document's text."""
    highlights: tuple[Highlight, ...]


@dataclass(frozen=True, slots=True)
class ShownText:
    """The text of a document, or a part of it, and how much that is."""

    summary: str
    html: Html


_NOTHING = Html()


def document_page(
    contents: Contents, cited: CitedSpan | None, words: Wording, mark: Mark = NO_MARK
) -> Html:
    """Return a document in the reader, opened at the cited passage.

    A PDF opens with a picture of the page, which the script loads, beside or in place of the text.
    """
    document = contents.document
    pages = has_pages(document.path)
    part = document_text(contents, cited, words)
    return _frame(
        document.name,
        part.summary,
        part.html,
        words,
        about=Html(' data-key="{key}" data-sha="{sha}"{data}').format(
            key=document_id(document.path),
            sha=document.sha256,
            data=_page_of(contents, cited, words) if pages else "",
        ),
        state=mark_bar(document_id(document.path), mark, words),
        tools=tools(document, words, has_pages=pages)
        + Html('<nav class="outline" aria-label="{}" hidden></nav>').format(words.say("outline")),
        page_view=page_view(words) if pages else Html(),
    )


def document_text(
    contents: Contents, cited: CitedSpan | None, words: Wording, *, near: int | None = None
) -> ShownText:
    """Return the text of a document, paragraph by paragraph, with the cited passage marked.

    The text between paragraphs (headings, rules) is included. Only the part of a long document
    around the cited passage is shown, or that around `near`, and the summary says so.
    """
    document, passages = contents.document, contents.passages
    around = near if near is not None else cited.start if cited else 0
    first, last = _shown_range(passages, around)
    shown = passages[first : last + 1]
    start = shown[0].paragraph.start if first > 0 else 0
    end = shown[-1].paragraph.end if last < len(passages) - 1 else len(document.text)
    pieces = [document_fields(dict(document.fields), words)]
    place, columns = Html(), ""
    for segment in segments(contents, start, end):
        paragraph = segment.paragraph
        text = document.text[segment.start : segment.end]
        if paragraph is None:
            pieces.append(_text_between(segment, text))
            continue
        new_place = page_or_place(paragraph.page, paragraph.place, words)
        if new_place != place:
            place = new_place
            pieces.append(Html('<p class="page">{}</p>').format(place))
        if paragraph.columns != columns:
            columns = paragraph.columns
            pieces.append(column_names(columns, words))
        pieces.append(_paragraph(paragraph, text, cited))
    return ShownText(_summary(len(passages), first, last, cited, words), Html().join(pieces))


def document_notice(name: str, message: str, words: Wording) -> Html:
    """Return the frame of a document with a message in place of its text."""
    body = Html('<div class="notice" role="alert"><p>{}</p></div>').format(message)
    return _frame(name, "", body, words)


def _shown_range(passages: Sequence[Passage], around: int) -> tuple[int, int]:
    """Return the positions of the first and the last passage to show, at least one if any."""
    if not passages or passages[-1].paragraph.end <= _MOST_SHOWN:
        return 0, len(passages) - 1
    starts = [passage.paragraph.start for passage in passages]
    first = bisect_left(starts, around - _MOST_SHOWN // 2)
    last = bisect_right(starts, around + _MOST_SHOWN // 2) - 1
    first = min(first, max(bisect_right(starts, around) - 1, 0))
    return first, max(first, last)


def _summary(total: int, first: int, last: int, cited: CitedSpan | None, words: Wording) -> str:
    """Return how much of a document is shown."""
    summary = words.say("cited_marked") if cited else words.count("paragraphs_count", total)
    if (first, last) == (0, total - 1):
        return summary
    return f"{words.say('part', first=first + 1, last=last + 1, total=total)} · {summary}"


def _page_of(contents: Contents, cited: CitedSpan | None, words: Wording) -> Html:
    """Return the page to open a PDF at, and the cited passage's place, as attributes."""
    name = contents.document.name
    for passage in contents.passages if cited is not None else ():
        paragraph = passage.paragraph
        if cited is not None and paragraph.start == cited.start and paragraph.page is not None:
            return Html(
                ' data-page="{page}" data-last="{last}" data-start="{start}" data-end="{end}" '
                'data-label="{label}"'
            ).format(
                page=paragraph.page,
                last=last_page(paragraph.place) or paragraph.page,
                start=paragraph.start,
                end=paragraph.end,
                label=words.say("page_image", page=paragraph.page, name=name),
            )
    return Html(' data-page="1"')


def _paragraph(paragraph: Paragraph, text: str, cited: CitedSpan | None) -> Html:
    is_cited = cited is not None and paragraph.start == cited.start
    highlights = cited.highlights if cited is not None and is_cited else ()
    return Html(
        '<div class="paragraph{kind}" data-paragraph="{number}"{data}>'
        '<p dir="auto" data-start="{start}"{focus}>{text}</p></div>'
    ).format(
        kind=" cited" if is_cited else "",
        number=paragraph.number,
        data=_page_attribute(paragraph.page),
        start=paragraph.start,
        focus=Html(' tabindex="-1"') if is_cited else "",
        text=highlighted(text, highlights),
    )


def _text_between(segment: Segment, text: str) -> Html:
    return Html('<div class="between" dir="auto" data-start="{start}"{data}>{text}</div>').format(
        start=segment.start, data=_page_attribute(segment.page), text=text
    )


def _page_attribute(page: int | None) -> Html:
    return Html() if page is None else Html(' data-page="{}"').format(page)


def _frame(
    name: str,
    summary: str,
    body: Html,
    words: Wording,
    *,
    about: Html = _NOTHING,
    state: Html = _NOTHING,
    tools: Html = _NOTHING,
    page_view: Html = _NOTHING,
) -> Html:
    """Return the reader around a text.

    `about` are attributes that describe the document, `state` is what a person said of it.
    """
    folder, _, own_name = name.rpartition("/")
    return Html(
        '<div class="reader" role="dialog" aria-label="{reader}" data-view="text"{data}><header>'
        '<div class="named"><h2 tabindex="-1">{name}</h2>{folder}<p class="shown">{summary}</p>'
        '</div><div class="steps" hidden>{previous}'
        '<span class="which"></span>{next}</div>{close}</header>{state}{tools}'
        '<div class="sides">{page}'
        '<div class="text" tabindex="0" role="region" aria-label="{text}">{body}</div></div></div>'
    ).format(
        reader=words.say("reader"),
        data=about,
        state=state,
        name=isolated(own_name),
        folder=isolated(folder, "where") if folder else "",
        summary=summary,
        previous=icon_button("step", words.say("previous"), "before", step=-1),
        next=icon_button("step", words.say("next"), "after", step=1),
        close=icon_button("close", words.say("close"), "close"),
        tools=tools,
        page=page_view,
        text=words.say("text"),
        body=body,
    )
