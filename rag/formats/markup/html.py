"""Web pages (.html, .xhtml): the main text, its headings, lists and tables; not the menus.

Text is left out only by signs that it is no part of the page's matter: elements meant for
navigation, and lists that are links and little else. Where that would leave little of a page,
all of it is read instead: a quote from a menu does less harm than an answer that is lost.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from rag.formats.extract import Extract, Gathering, UnreadPart
from rag.formats.markup.anchors import beginnings
from rag.formats.markup.page_properties import properties_of, title_of
from rag.formats.markup.pages.blocks import PageText
from rag.formats.markup.pages.forms import Forms
from rag.formats.markup.pages.guide import Guide
from rag.formats.markup.pages.lists import numbers
from rag.formats.markup.pages.menus import LEAST_KEPT, Menus
from rag.formats.markup.pages.notes import Notes
from rag.formats.markup.pages.trees import page_tree
from rag.formats.markup.pages.visibility import Visibility
from rag.formats.safe_xml import Element
from rag.text.encoding_labels import decode_labelled
from rag.text.encodings import decode

_HEAD = 4096  # bytes, in which a page names its encoding
_WIDE = ("utf-16", "utf-32", "ucs", "unicode", "iso-10646")
_REMARK = re.compile(rb"<!--.*?(?:-->|$)", re.DOTALL)
_NAMED = re.compile(
    rb"""<(?:\?xml|meta)\b[^>]*?(?:charset|encoding)\s*=\s*["']?\s*([A-Za-z0-9_:.-]+)""",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Chapter:
    """A page of a book, which has no menus."""

    entry: str
    """Where it lies in the book's archive."""
    places: Sequence[tuple[str, str, int]] = ()
    """What begins in it: the id of an element, empty for the page itself, label, and level."""
    notes: dict[str, dict[str, str]] = field(default_factory=dict)
    """The marks of notes by entry and id, as far as earlier pages refer to them; see `Notes`."""


def read(data: bytes, name: str) -> Extract:
    """Read a web page; see the module. Raises UnreadableFileError."""
    return read_text(text_of(data))


def read_text(text: str, *, whole: bool = False) -> Extract:
    """Read a page's source; with `whole`, as a letter is, menus are not looked for.

    Raises UnreadableFileError when it holds no element at all.
    """
    root, missing = page_tree(text)
    body = next(iter(root.iter("body")), root)
    view = Visibility(body)
    guide = Guide(
        view.is_unseen,
        Notes.of(body),
        Forms.of(body),
        numbers(body, view.is_unseen),
        view.tabs,
    )
    page = _gathered(body, guide)
    if not whole:
        menus = Menus(body, view)
        without = _gathered(menus.main(body), replace(guide, leave_out=menus.is_left_out))
        if len(without.text) >= LEAST_KEPT * len(page.text):
            page = without
    title = " ".join(title_of(root).split())
    unread = (UnreadPart("the rest of it", missing),) if missing else ()
    fields = properties_of(root, title).fields()
    return Extract(title, page.text, page.blocks, unread=unread, fields=fields)


def gather_chapter(text: str, gathered: Gathering, chapter: Chapter) -> None:
    """Gather the source of a page of a book. Raises UnreadableFileError as `read_text` does."""
    root, missing = page_tree(text)
    body = next(iter(root.iter("body")), root)
    view = Visibility(body)
    places = beginnings(body, chapter.places)
    if body in places:
        gathered.place(places[body][0], fresh=True)
    notes = Notes.of(body, chapter.entry, chapter.notes)
    guide = Guide(
        view.is_unseen, notes, Forms.of(body), numbers(body, view.is_unseen), view.tabs, places
    )
    PageText(gathered, guide).read(body)
    if missing:
        gathered.could_not_read(chapter.entry, missing)


def text_of(data: bytes) -> str:
    """Return a page's source in the encoding that it names, else the one that is detected.

    Raises UnreadableFileError when it is empty or no text.
    """
    named = _NAMED.search(_REMARK.sub(b"", data[:_HEAD]))
    label = named[1].decode("ascii") if named is not None else ""
    if not label or label.lower().startswith(_WIDE):  # in which the label could not be found
        return decode(data)
    return decode_labelled(data, label)


def _gathered(root: Element, guide: Guide) -> Extract:
    gathered = Gathering()
    PageText(gathered, guide).read(root)
    return gathered.extract()
