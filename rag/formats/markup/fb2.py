"""FictionBook (.fb2): sections with their titles, chapter by chapter."""

from rag.errors import UnreadableFileError
from rag.formats.extract import Extract, Gathering, one_spaced
from rag.formats.safe_xml import Element, local, recovered

_LINES = {"p", "v", "subtitle", "text-author", "date"}
_BLOCKS = {*_LINES, "title", "section", "table", "stanza"}


def read(data: bytes, name: str) -> Extract:
    """Read a book. Raises UnreadableFileError."""
    root, missing = recovered(data, "the book")
    if local(root) != "FictionBook":
        raise UnreadableFileError("the file is damaged: it is no FictionBook")
    gathered = Gathering()
    for body in (child for child in root if local(child) == "body"):
        _section(body, gathered, 1)
    if missing and gathered.is_empty:
        raise UnreadableFileError(missing)
    if missing:
        gathered.could_not_read("the rest of it", missing)
    title = next((_text(e) for e in root.iter() if local(e) == "book-title"), "")
    return gathered.extract(title)


def _section(section: Element, gathered: Gathering, level: int) -> None:
    for child in section:
        kind = local(child)
        if kind == "title":
            title = " ".join(_text(p) for p in child if local(p) == "p")
            if level <= 2:
                gathered.place(f"chapter {title}" if title else "", fresh=level == 1)
            gathered.add(title, min(level, 6))
        elif kind == "section":
            _section(child, gathered, level + 1)
        elif kind == "table":
            gathered.table([[_text(c) for c in row] for row in child if local(row) == "tr"])
        elif kind in _LINES:
            gathered.add(_text(child))
        elif kind == "stanza":
            gathered.add("\n".join(_text(line) for line in child))
        elif kind not in ("image", "binary"):
            _other(child, gathered, level)
        gathered.add(child.tail or "")


def _other(element: Element, gathered: Gathering, level: int) -> None:
    """Gather an element that holds paragraphs, or, as code may, none."""
    if any(local(inner) in _BLOCKS for inner in element.iter()):
        gathered.add(element.text or "")
        _section(element, gathered, level)
    else:
        gathered.add(_text(element))


def _text(element: Element) -> str:
    return one_spaced(" ".join("".join(map(str, element.itertext())).split()))
