"""Text of documents and people as HTML: escaped, marked, isolated, and nothing else.

Every module that draws (`turns`, `reader`, `shelf`) passes such text through here. What they
return is put into the page by its own script, never through a template that interprets it.
"""

import html
import itertools
from collections import Counter
from collections.abc import Sequence

from rag.answers import Highlight
from rag.encodings import encodable
from rag.model_files import MULTILINGUAL, is_installed
from ui.wording import Wording


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


def isolated(text: str, kind: str = "") -> str:
    """Return a name or a word of a person, whose direction leaves what is around it alone."""
    return f'<bdi class="{kind}">{escape(text)}</bdi>' if kind else f"<bdi>{escape(text)}</bdi>"


def icon(name: str) -> str:
    """Return one of the page's own signs, which says nothing to a screen reader."""
    return f'<svg class="icon" aria-hidden="true"><use href="#icon-{name}"/></svg>'


def tool(kind: str, label: str, sign: str, **data: object) -> str:
    """Return a button that shows a sign and is named by a label, which is escaped here."""
    carried = "".join(f' data-{name}="{escape(str(value))}"' for name, value in data.items())
    name = escape(label)
    return (
        f'<button type="button" class="tool {kind}" aria-label="{name}" title="{name}"{carried}>'
        f"{icon(sign)}</button>"
    )


def switch_button(model: str, words: Wording) -> str:
    """Return the button that takes up the multilingual model, where there is one to take up."""
    if model == MULTILINGUAL or not is_installed(MULTILINGUAL):
        return ""
    return f'<button type="button" class="switch">{words.html("switch")}</button>'
