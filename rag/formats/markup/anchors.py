"""Where the places that a table of contents names begin in a page's tree."""

from collections.abc import Iterator, Sequence
from itertools import islice, pairwise

from lxml import etree

from rag.formats.markup.pages.elements import BLOCKS, HEADINGS, ids
from rag.formats.safe_xml import Element

_MOST_SIBLINGS = 20  # without a word, as anchors are; more are no page of a book

_LONGEST_LINE = 60  # letters, such as "Chapter I" over a title


def beginnings(
    body: Element, places: Sequence[tuple[str, str, int]]
) -> dict[Element, tuple[str, bool]]:
    """Return the elements that places begin at, with their label, and whether headings end there.

    `places` are those of one page, in order: an id, empty for the page itself, a label, a level.
    An anchor that something stands before, in the same paragraph, begins its place there where
    nothing follows it in the paragraph, and else with the paragraph.
    """
    if not places:
        return {}
    anchors: dict[str, Element] = {}
    for element in body.iter():
        for own in ids(element) if isinstance(element.tag, str) else ():
            anchors.setdefault(own, element)
    begun: dict[Element, tuple[str, bool]] = {}
    for own, label, level in places:
        if own in anchors:
            start = _start(anchors[own], body)
            if start not in begun or label.startswith(f"{begun[start][0]} > "):
                begun[start] = label, level == 1 or not _is_headed(start)
    of_page = [label for own, label, _ in places if not own]
    if not of_page and len(places) > len(begun):
        of_page = [label for own, label, _ in places if own not in anchors][:1]
    if of_page:
        begun[body] = _innermost(of_page), True
    elif begun:
        _begin_with_page(body, begun)
    return begun


def _innermost(labels: Sequence[str]) -> str:
    """Return the last of labels that each stand under the one before, else the first."""
    is_chain = all(after.startswith(f"{before} > ") for before, after in pairwise(labels))
    return labels[-1] if is_chain else labels[0]


def _begin_with_page(body: Element, begun: dict[Element, tuple[str, bool]]) -> None:
    """Let the first place begin with its page where no more than a line stands before it."""
    letters = 0
    for event, element in etree.iterwalk(body, events=("start", "end")):
        if event == "start" and element in begun:
            begun[body] = begun.pop(element)
            return
        letters += len(((element.text if event == "start" else element.tail) or "").strip())
        if letters > _LONGEST_LINE:
            return


def _start(anchor: Element, body: Element) -> Element:
    """Return the outermost element that begins where an anchor stands, or the one after it."""
    element = anchor
    while element is not body and element.tag not in BLOCKS:
        above = element.getparent()
        if above is None or above is body:
            break
        is_last = not _follows(element) and above.tag in BLOCKS
        if is_last and _precedes(element) and (after := above.getnext()) is not None:
            return after
        if above.tag not in BLOCKS or not _is_parent_of_blocks(above):
            element = above
        else:
            break
    while (above := element.getparent()) is not None and above is not body:
        if _precedes(element):
            break
        element = above
    return element


def _precedes(element: Element) -> bool:
    """Return whether text stands before an element within its parent."""
    above = element.getparent()
    if above is None:
        return False
    return bool((above.text or "").strip()) or _say_something(element.itersiblings(preceding=True))


def _follows(element: Element) -> bool:
    """Return whether an element holds text, or text follows it within its parent."""
    if (element.tail or "").strip() or _says_something(element):
        return True
    return _say_something(element.itersiblings())


def _say_something(siblings: Iterator[Element]) -> bool:
    """Return whether the nearest siblings, or what stands between them, hold text."""
    return any(
        (sibling.tail or "").strip() or _says_something(sibling)
        for sibling in islice(siblings, _MOST_SIBLINGS)
    )


def _says_something(element: Element) -> bool:
    if len(element) == 0:
        return bool((element.text or "").strip())
    return any(str(text).strip() for text in element.itertext())


def _is_parent_of_blocks(element: Element) -> bool:
    return any(child.tag in BLOCKS for child in islice(element, _MOST_SIBLINGS))


def _is_headed(element: Element) -> bool:
    """Return whether a place begins with a heading, which itself ends those before it."""
    if element.tag in HEADINGS:
        return True
    first = element
    for _ in range(10):
        if (first.text or "").strip() or len(first) == 0:
            break
        first = first[0]
        if first.tag in HEADINGS:
            return True
    after = element.getnext()
    return not _says_something(element) and after is not None and after.tag in HEADINGS
