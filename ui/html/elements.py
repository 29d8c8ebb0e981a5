"""Small elements used all over the page: highlighted quotes, isolated names, icons, buttons."""

import itertools
from collections import Counter
from collections.abc import Sequence

from rag.answers import Highlight
from rag.models.registry import MULTILINGUAL, is_installed
from rag.text.html_escaping import Html
from ui.html.translations import Wording


def highlighted(text: str, highlights: Sequence[Highlight]) -> Html:
    """Return a text with its highlights marked; its textContent is the text unchanged."""
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
    """Return a name or a word whose text direction does not affect its surroundings."""
    if kind:
        return Html('<bdi class="{}">{}</bdi>').format(kind, text)
    return Html("<bdi>{}</bdi>").format(text)


def icon(name: str) -> Html:
    """Return an icon, hidden from screen readers."""
    return Html('<svg class="icon" aria-hidden="true"><use href="#icon-{}"/></svg>').format(name)


def icon_button(kind: str, label: str, icon_name: str, **data: object) -> Html:
    """Return a button that shows an icon, with a label for its tooltip and screen readers.

    `data` becomes its `data-*` attributes.
    """
    attributes = (Html(' data-{}="{}"').format(name, value) for name, value in data.items())
    return Html(
        '<button type="button" class="tool {kind}" aria-label="{label}" title="{label}"{data}>'
        "{icon}</button>"
    ).format(kind=kind, label=label, data=Html().join(attributes), icon=icon(icon_name))


def switch_model_button(model: str, words: Wording) -> Html:
    """Return the button that switches to the multilingual model; empty if that cannot be done."""
    if model == MULTILINGUAL or not is_installed(MULTILINGUAL):
        return Html()
    return Html('<button type="button" class="switch">{}</button>').format(words.say("switch"))


def reason(text: str) -> Html:
    """Return why a file was not read."""
    return Html('<span class="reason" dir="auto">{}</span>').format(text)
