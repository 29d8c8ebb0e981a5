"""What all that is drawn is made of: quotes marked, names isolated, signs, buttons.

Every module that draws (`turns`, `cards`, `reader`, `shelf`, `bar`, `login`) returns `Html`, which
escapes what is put into it. The page's own script puts it in place, never a template that
interprets it.
"""

import itertools
from collections import Counter
from collections.abc import Sequence

from rag.answers import Highlight
from rag.models.registry import MULTILINGUAL, is_installed
from rag.text.html_escaping import Html
from ui.html.translations import Wording


def marked(text: str, highlights: Sequence[Highlight]) -> Html:
    """Return a quote with its answer sentence and terms marked; its textContent is the quote."""
    changes: dict[int, list[tuple[str, int]]] = {0: [], len(text): []}
    for highlight in highlights:
        changes.setdefault(highlight.start, []).append((highlight.kind, 1))
        changes.setdefault(highlight.end, []).append((highlight.kind, -1))
    pieces: list[str] = []
    open_marks: Counter[str] = Counter()
    for start, end in itertools.pairwise(sorted(changes)):
        for kind, change in changes[start]:
            open_marks[kind] += change
        kinds = " ".join(sorted(kind for kind, count in open_marks.items() if count))
        piece = text[start:end]
        pieces.append(Html('<mark class="{}">{}</mark>').format(kinds, piece) if kinds else piece)
    return Html().join(pieces)


def isolated(text: str, kind: str = "") -> Html:
    """Return a name or a word of a person, whose direction leaves what is around it alone."""
    if kind:
        return Html('<bdi class="{}">{}</bdi>').format(kind, text)
    return Html("<bdi>{}</bdi>").format(text)


def icon(name: str) -> Html:
    """Return one of the page's own signs, which says nothing to a screen reader."""
    return Html('<svg class="icon" aria-hidden="true"><use href="#icon-{}"/></svg>').format(name)


def tool(kind: str, label: str, sign: str, **data: object) -> Html:
    """Return a button that shows a sign and is named by a label."""
    carried = (Html(' data-{}="{}"').format(name, value) for name, value in data.items())
    return Html(
        '<button type="button" class="tool {kind}" aria-label="{label}" title="{label}"{carried}>'
        "{icon}</button>"
    ).format(kind=kind, label=label, carried=Html().join(carried), icon=icon(sign))


def switch_button(model: str, words: Wording) -> Html:
    """Return the button that takes up the multilingual model, where there is one to take up."""
    if model == MULTILINGUAL or not is_installed(MULTILINGUAL):
        return Html()
    return Html('<button type="button" class="switch">{}</button>').format(words.say("switch"))
