"""Answers and documents as HTML. Everything that comes from a document or a person is escaped here.

No other module writes HTML around such text. What is returned goes into Gradio's `gr.HTML`
through its plain `${value}` template, which does not interpret it.
"""

import html
import itertools
import time
from collections import Counter
from collections.abc import Sequence

from rag.answering import by_strength
from rag.answers import Answer, CitedPassage, Highlight, percent
from rag.encodings import encodable
from rag.library import Status
from vector_store.records import Contents, Passage

_LONG_QUOTE = 3_000
"""Code points; a longer quote scrolls within its card, from the sentence that answers."""
_MOST_SHOWN = 200_000
"""Code points of a document shown at once; around the cited passage when it has more."""


def escape(text: str) -> str:
    """Return text that a browser shows, and gives back by textContent, as it stands.

    But for NUL and lone surrogates, which no page can hold: they become U+FFFD.
    """
    # An HTML parser would turn a raw carriage return into a line feed, and drop a NUL.
    safe = encodable(text).replace("\0", "\N{REPLACEMENT CHARACTER}")
    return html.escape(safe).replace("\r", "&#13;")


def marked(text: str, highlights: Sequence[Highlight]) -> str:
    """Return a quote with its answer sentence and terms marked; its textContent is the quote."""
    changes: dict[int, list[tuple[str, int]]] = {0: [], len(text): []}
    for highlight in highlights:
        changes.setdefault(highlight.start, []).append((highlight.kind, 1))
        changes.setdefault(highlight.end, []).append((highlight.kind, -1))
    pieces = []
    open_marks: Counter[str] = Counter()
    for start, end in itertools.pairwise(sorted(changes)):
        for kind, change in changes[start]:
            open_marks[kind] += change
        kinds = " ".join(sorted(kind for kind, count in open_marks.items() if count))
        piece = escape(text[start:end])
        pieces.append(f'<mark class="{kinds}">{piece}</mark>' if kinds else piece)
    return "".join(pieces)


def welcome(status: Status, examples: Sequence[str]) -> str:
    """Return what the page shows before the first question."""
    counts = status.counts
    if not counts.documents:
        return (
            '<section class="welcome"><h1>Ask your documents</h1><p>There are none yet. Add some '
            "in a terminal:</p><pre>quoth index PATH</pre><p>Then ask here.</p></section>"
        )
    buttons = "".join(
        f'<button type="button" data-ask="{escape(example)}">{escape(example)}</button>'
        for example in examples
    )
    return (
        '<section class="welcome"><h1>Ask your documents</h1>'
        f"<p>{_count(counts.documents, 'document')}, {_count(counts.passages, 'passage')}. "
        "Every answer is quoted word for word, with its place.</p>"
        f'<div class="examples">{buttons}</div></section>'
    )


def conversation(answers: Sequence[Answer]) -> str:
    """Return every question with its answer, oldest first."""
    turns = "".join(_turn(number, answer) for number, answer in enumerate(answers))
    return f'<h1 class="unseen">Questions and answers</h1>{turns}'


def _turn(number: int, answer: Answer) -> str:
    body = _answered(number, answer) if answer.answered else _declined(number, answer)
    return (
        f'<article class="turn" aria-labelledby="question-{number}">'
        f'<h2 id="question-{number}" dir="auto" tabindex="-1">{escape(answer.question)}</h2>'
        f"{body}</article>"
    )


def _answered(turn: int, answer: Answer) -> str:
    strong, weak = by_strength(answer)
    documents = len({passage.citation.path for passage in strong})
    folded = ""
    if weak:
        folded = (
            f'<details class="weak"><summary>{_count(len(weak), "weaker match", "es")}</summary>'
            f"{''.join(_card(turn, passage) for passage in weak)}</details>"
        )
    return (
        f'<p class="summary"><strong>{_count(len(strong), "passage")}</strong> from '
        f"{_count(documents, 'document')}, quoted word for word{_unread(answer)}</p>"
        f"{''.join(_card(turn, passage) for passage in strong)}{folded}"
    )


def _declined(turn: int, answer: Answer) -> str:
    misses = ""
    if answer.passages:
        misses = (
            '<details class="weak"><summary>Nearest passages, which do not seem to answer</summary>'
            f"{''.join(_card(turn, passage) for passage in answer.passages[:3])}</details>"
        )
    return (
        '<div class="none"><p><strong>Not in your documents.</strong></p><p>'
        f"{_count(answer.searched.documents, 'document')} searched, and no passage answers this"
        f"{_unread(answer)}. Nothing has been made up in its place. Try other words, or add the "
        f"document that should hold it.</p>{misses}</div>"
    )


def _unread(answer: Answer) -> str:
    unreadable = answer.searched.unreadable
    return f" ({_count(unreadable, 'file')} could not be read)" if unreadable else ""


def _card(turn: int, passage: CitedPassage) -> str:
    citation = passage.citation
    place = f"page {citation.page}, " if citation.page is not None else ""
    place += f"paragraph {citation.paragraph}"
    long = ' class="long" tabindex="0"' if len(passage.text) > _LONG_QUOTE else ""
    headings = ""
    if passage.headings:
        trail = " › ".join(passage.headings)
        headings = f'<p class="headings" dir="auto">{escape(trail)}</p>'
    return (
        f'<section class="card" aria-label="Passage {citation.number}">{headings}'
        f'<blockquote dir="auto"{long}>{marked(passage.text, passage.highlights)}</blockquote>'
        '<footer><button type="button" class="citation" '
        f'data-turn="{turn}" data-number="{citation.number}">'
        f'<span class="number">{citation.number}</span> '
        f'<bdi class="document">{escape(citation.document)}</bdi> '
        f'<span class="place">{place}</span></button>'
        f'<span class="score" title="Estimated probability that this passage answers">'
        f"{percent(passage.score)} likely</span>"
        f'<button type="button" class="copy" data-citation="{escape(str(citation))}">'
        "Copy</button></footer></section>"
    )


def notice(message: str) -> str:
    """Return a message about something that could not be done."""
    # The same refusal twice must differ, or the page would not notice the second.
    return (
        f'<div class="notice" role="alert" data-at="{time.monotonic_ns()}">'
        f"<p>{escape(message)}</p></div>"
    )


def document_list(status: Status) -> str:
    """Return the library's documents, each a button that opens it, and what was not read."""
    items = "".join(
        f'<li><button type="button" data-document="{escape(info.path)}"><bdi>{escape(info.name)}'
        f"</bdi> <span>{info.passages} ¶</span></button></li>"
        for info in status.documents
    )
    unread = ""
    if status.unread:
        reasons = "".join(
            f"<li><bdi>{escape(file.name)}</bdi>: {escape(file.reason)}</li>"
            for file in status.unread
        )
        unread = (
            f"<details><summary>{_count(len(status.unread), 'file')} not read</summary>"
            f"<ul>{reasons}</ul></details>"
        )
    return f'<nav aria-label="Documents"><h2>Documents</h2><ul>{items}</ul>{unread}</nav>'


def reader(contents: Contents, cited: CitedPassage | None = None) -> str:
    """Return a document, paragraph by paragraph, with the cited passage marked.

    What stands between paragraphs (headings, rules) is shown too. A long document is shown
    around the cited passage only, and says so.
    """
    document, passages = contents.document, contents.passages
    first, last = _shown(passages, cited)
    at = passages[first].paragraph.start if first > 0 else 0
    pieces = []
    for passage in passages[first : last + 1]:
        paragraph = passage.paragraph
        pieces.append(_between(document.text[at : paragraph.start]))
        at = paragraph.end
        is_cited = cited is not None and paragraph.start == cited.citation.start
        highlights = cited.highlights if cited is not None and is_cited else ()
        pieces.append(
            f'<div class="paragraph{" cited" if is_cited else ""}" '
            f'data-paragraph="{paragraph.number}">'
            f'<p dir="auto"{" tabindex=-1" if is_cited else ""}>{marked(passage.text, highlights)}'
            "</p></div>"
        )
    if last == len(passages) - 1:
        pieces.append(_between(document.text[at:]))
    part = ""
    if (first, last) != (0, len(passages) - 1):
        part = f"paragraphs {first + 1} to {last + 1} of {len(passages)} · "
    what = "cited passage marked" if cited else _count(len(passages), "paragraph")
    return _reader_frame(document.name, part + what, "".join(pieces))


def reader_notice(name: str, message: str) -> str:
    """Return the reader with a message in place of a document."""
    return _reader_frame(name, "", notice(message))


def _reader_frame(name: str, about: str, body: str) -> str:
    return (
        '<aside class="reader" aria-label="Source document"><header><div>'
        f'<h2 dir="auto" tabindex="-1">{escape(name)}</h2><p>{about}</p></div>'
        '<button type="button" class="close" aria-label="Close the document">×</button>'
        f'</header><div class="text" tabindex="0" role="region" aria-label="Text">{body}</div>'
        "</aside>"
    )


def _shown(passages: Sequence[Passage], cited: CitedPassage | None) -> tuple[int, int]:
    """Return the first and last paragraph to show, by position."""
    if not passages or passages[-1].paragraph.end <= _MOST_SHOWN:
        return 0, len(passages) - 1
    start = cited.citation.start if cited else 0
    inside = [
        position
        for position, passage in enumerate(passages)
        if start - _MOST_SHOWN // 2 <= passage.paragraph.start <= start + _MOST_SHOWN // 2
    ]
    return (inside[0], inside[-1]) if inside else (0, 0)


def _between(text: str) -> str:
    return f'<div class="between" dir="auto">{escape(text.strip())}</div>' if text.strip() else ""


def _count(number: int, noun: str, plural: str = "s") -> str:
    return f"{number:,} {noun}{'' if number == 1 else plural}"
