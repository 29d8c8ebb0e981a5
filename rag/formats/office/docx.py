"""Word documents (.docx and its kin): paragraphs, headings, lists, tables, notes, text boxes.

Text is what stands after all tracked changes are accepted. Macros are parts that nothing here
looks at; fields show the result that Word last gave them.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import TypeVar

from rag.errors import UnreadableFileError
from rag.formats.extract import Extract, Gathering, one_spaced
from rag.formats.office.embedded_files import gather_embedded
from rag.formats.office.ooxml import Package
from rag.formats.safe_xml import Element, attribute, local

Asked = TypeVar("Asked")
Read = TypeVar("Read")

_NOTES = ("footnotes", "endnotes", "comments")
_UNSHOWN = {"del", "moveFrom", "instrText", "delText", "delInstrText", "Fallback", "rPr", "pPr",
            "sdtPr", "tblPr", "trPr", "tcPr", "pict"}  # fmt: skip
_HEADING = re.compile(r"(?:heading|title|berschrift|titre|titolo|kop)\s*(\d?)$", re.IGNORECASE)
_LEAST_HEAD = 10  # letters: less is "Page 1 of 2"


def read(data: bytes, name: str) -> Extract:
    """Read a document of WordprocessingML; see the module. Raises UnreadableFileError."""
    package = Package(data)
    main = package.main_part()
    document = _Document(package)
    nothing: list[tuple[str, str, str]] = []
    related = document.optional("what it refers to, as notes", package.relations, main, nothing)
    document.parts = {identity: target for identity, _, target in related}
    document.levels = document.optional("its styles", partial(_levels, package), related, {})
    body = next((child for child in package.tree(main) if local(child) == "body"), None)
    if body is None:
        raise UnreadableFileError("the file is damaged: its main part holds no text body")
    document.blocks(body)
    for wanted in _NOTES:
        for _, kind, part in related:
            if kind == wanted:
                document.notes(document.optional(f"its {kind}", package.tree, part, []))
    document.heads([part for _, kind, part in related if kind in ("header", "footer")])
    gather_embedded(package.archive, document.gathered)
    return document.gathered.extract(package.title())


class _Document:
    """The blocks of a body and of all that lies in it, gathered in order."""

    def __init__(self, package: Package) -> None:
        self._package = package
        self.levels: dict[str, int] = {}
        """Of headings' styles, by the style's id."""
        self.parts: dict[str, str] = {}
        """By the ids of relations."""
        self.gathered = Gathering()

    def optional(self, what: str, read: Callable[[Asked], Read], of: Asked, without: Read) -> Read:
        """Return what `read` makes of its argument; if it cannot, name it and go on `without`."""
        try:
            return read(of)
        except UnreadableFileError as error:
            self.gathered.could_not_read(what, str(error))
            return without

    def blocks(self, parent: Element) -> None:
        """Gather a body's paragraphs and tables, also those in content controls."""
        for child in parent:
            kind = local(child)
            if kind == "p":
                self._paragraph(child)
            elif kind == "tbl":
                self._table(child)
            elif kind == "altChunk":
                self._chunk(attribute(child, "id"))
            elif kind not in _UNSHOWN:
                self.blocks(child)

    def notes(self, root: Iterable[Element]) -> None:
        """Gather footnotes, endnotes or comments, each a block of its own."""
        for note in root:
            if attribute(note, "type") in ("separator", "continuationSeparator"):
                continue
            self.gathered.add("\n".join(_text(p) for p in note.iter() if local(p) == "p"))

    def heads(self, parts: list[str]) -> None:
        """Gather what stands above and below every page, once; not the numbers of pages."""
        seen = set()
        for part in parts:
            what = f"its {part.rpartition('/')[2]}"
            root = self.optional(what, self._package.tree, part, None)
            paragraphs = [p for p in root.iter() if local(p) == "p"] if root is not None else []
            text = "\n".join(line for p in paragraphs if (line := one_spaced(_text(p))))
            if text not in seen and sum(map(str.isalpha, text)) > _LEAST_HEAD:
                seen.add(text)
                self.gathered.add(text)

    def _paragraph(self, paragraph: Element) -> None:
        text = one_spaced(_text(paragraph))
        level = self._level(paragraph) if len(text) <= 200 else None
        self.gathered.add(text, level)
        for box in paragraph.iter():
            if local(box) == "txbxContent" and not _within(box, "Fallback", paragraph):
                self.blocks(box)

    def _table(self, table: Element) -> None:
        rows = [[_cell(cell) for cell in _children(row, "tc")] for row in _children(table, "tr")]
        if any(len(cell) > 400 for row in rows for cell in row) or len(rows) == 1:
            for row in _children(table, "tr"):  # a table for layout: what stands in it is prose
                for cell in _children(row, "tc"):
                    self.blocks(cell)
        elif rows:
            self.gathered.table(rows)

    def _chunk(self, relation: str) -> None:
        """Read a document of another kind that stands in this one."""
        from rag.formats.dispatch import extract

        part = self.parts.get(relation, "")
        try:
            if not part:
                raise UnreadableFileError("the file is damaged: it does not say where this is")
            self.gathered.merge(extract(part, self._package.read(part)))
        except UnreadableFileError as error:
            self.gathered.could_not_read(part or "a document within it", str(error))

    def _level(self, paragraph: Element) -> int | None:
        """Return a paragraph's level when it is a heading, by its style or its own outline."""
        for element in paragraph:
            if local(element) == "pPr":
                for child in element:
                    if local(child) == "outlineLvl" and attribute(child, "val").isdigit():
                        return _outline(attribute(child, "val"))
                    if local(child) == "pStyle" and attribute(child, "val") in self.levels:
                        return self.levels[attribute(child, "val")]
        return None


def _levels(package: Package, related: list[tuple[str, str, str]]) -> dict[str, int]:
    """Return the heading level of each style that is a heading's, or is based on one."""
    found: dict[str, int] = {}
    based: dict[str, str] = {}
    for part in (t for _, kind, t in related if kind == "styles" and package.has(t)):
        for style in package.tree(part):
            identity = attribute(style, "styleId")
            inside = {local(e): attribute(e, "val") for e in style.iter()}
            named = _HEADING.match(inside.get("name", ""))
            outline = _outline(inside["outlineLvl"]) if "outlineLvl" in inside else None
            if named or outline:
                found[identity] = (int(named[1] or 1) if named else outline) or 1
            elif "basedOn" in inside:
                based[identity] = inside["basedOn"]
    for identity, parent in based.items():
        for _ in range(10):
            if parent in found:
                found[identity] = found[parent]
                break
            parent = based.get(parent, "")
    return found


def _outline(value: str) -> int | None:
    return int(value) + 1 if value.isdigit() and int(value) < 9 else None


def _text(paragraph: Element) -> str:
    return "".join(_pieces(paragraph))


def _pieces(element: Element) -> Iterator[str]:
    """Give the text of runs, in order, but not that of text boxes, deletions and fields' codes."""
    for child in element:
        kind = local(child)
        if kind == "t":
            yield child.text or ""
        elif kind == "tab":
            yield "\t"
        elif kind in ("br", "cr"):
            yield "\n"
        elif kind == "noBreakHyphen":
            yield "-"
        elif kind == "sym":
            yield _symbol(attribute(child, "char"))
        elif kind not in _UNSHOWN and kind != "txbxContent":
            yield from _pieces(child)


def _symbol(code: str) -> str:
    try:
        value = int(code, 16)
    except ValueError:
        return ""
    return "" if 0xE000 <= value <= 0xF8FF else chr(value)  # a font's own drawing


def _cell(cell: Element) -> str:
    return " ".join(_text(p) for p in cell.iter() if local(p) == "p")


def _children(parent: Element, wanted: str) -> list[Element]:
    """Return children of a kind, also those in content controls, not those of tables within."""
    found = []
    for child in parent:
        kind = local(child)
        if kind == wanted:
            found.append(child)
        elif kind not in ("tbl", "p", *_UNSHOWN):
            found += _children(child, wanted)
    return found


def _within(element: Element, kind: str, top: Element) -> bool:
    above = element.getparent()
    while above is not None and above is not top:
        if local(above) in (kind, "txbxContent"):
            return True
        above = above.getparent()
    return False
