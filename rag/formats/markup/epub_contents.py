"""A book's table of contents: which place begins where, by the navigation or the older NCX."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from urllib.parse import unquote

from rag.errors import UnreadableFileError
from rag.formats.safe_xml import Element, attribute, local, recovered
from rag.formats.safe_zip import Archive, beside

_NCX = "application/x-dtbncx+xml"
_OTHER_LISTS = {"page-list", "landmarks", "loi", "lot", "loa", "lov"}
_LONGEST_LABEL = 300  # letters, of all levels together
_MOST_LEVELS = 50


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of a table of contents."""

    part: str
    """The entry of the archive that it leads to."""
    fragment: str
    """The id within; empty for the beginning."""
    label: str
    """Its name after those it stands under: "Part One > The Loss"."""
    level: int
    """1 for the outermost."""


def contents(archive: Archive, package: str, items: Mapping[str, Element]) -> list[Entry]:
    """Return the entries of a book's contents, of the list that names more; empty if it has none.

    `items` are those of the package document, by id.
    """
    best: list[Entry] = []
    for is_navigation in (True, False):
        for item in items.values():
            part = beside(package, unquote(attribute(item, "href")))
            is_wanted = (
                "nav" in attribute(item, "properties").split()
                if is_navigation
                else attribute(item, "media-type") == _NCX
            )
            if is_wanted and archive.has(part):
                entries = _entries(archive, part)
                best = entries if len(entries) > len(best) else best
    return best


def _entries(archive: Archive, part: str) -> list[Entry]:
    try:
        root, _ = recovered(archive.read(part), part)
    except UnreadableFileError:
        return []  # the text can be read without it
    entries: list[Entry] = []
    for target, names in _named(root):
        address, _, fragment = target.partition("#")
        label = " > ".join(names)[:_LONGEST_LABEL]
        if names and names[-1]:
            entries.append(
                Entry(beside(part, unquote(address)), unquote(fragment), label, len(names))
            )
    return entries


def _named(root: Element) -> Iterator[tuple[str, list[str]]]:
    """Give each target with the names of the levels that it stands under, its own last."""
    if local(root) == "ncx":
        points = (e for e in root.iter() if local(e) == "navPoint")
        names: dict[Element, list[str]] = {}
        for point in points:
            label = next((_words(e) for e in point if local(e) == "navLabel"), "")
            names[point] = _below(names, point.getparent(), label)
            target = next((attribute(e, "src") for e in point if local(e) == "content"), "")
            yield target, names[point]
        return
    under: dict[Element, list[str]] = {}
    for element in root.iter():
        kind = local(element)
        if kind not in ("a", "span") or _is_other_list(element):
            continue
        item = _item(element)
        if item is None:
            if kind == "a" and element.get("href"):
                yield attribute(element, "href"), [_words(element)]
        elif item not in under:
            under[item] = _below(under, _item(item.getparent()), _words(element))
            if kind == "a" and element.get("href"):
                yield attribute(element, "href"), under[item]


def _below(names: Mapping[Element, list[str]], above: Element | None, label: str) -> list[str]:
    outer = names.get(above, []) if above is not None else []
    return [*outer[:_MOST_LEVELS], label]


def _item(element: Element | None) -> Element | None:
    """Return the list item that an element stands in, or is."""
    for _ in range(_MOST_LEVELS):
        if element is None or local(element) == "li":
            return element
        element = element.getparent()
    return None


def _is_other_list(element: Element) -> bool:
    """Return whether an entry is of a list of pages, pictures or the like, not of chapters."""
    for above in islice(element.iterancestors(), 4 * _MOST_LEVELS):
        if local(above) == "nav":
            return not _OTHER_LISTS.isdisjoint(attribute(above, "type").split())
    return False


def _words(element: Element) -> str:
    return " ".join("".join(map(str, element.itertext())).split())
