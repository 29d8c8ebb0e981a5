"""OpenDocument texts (.odt, .ott): headings, paragraphs, lists, tables, notes, text frames.

Text stands with the numbers and marks that are drawn; hidden text at places that say so.
"""

from collections.abc import Iterable
from functools import partial

from rag.errors import UnreadableFileError
from rag.formats.extract import Extract, Gathering
from rag.formats.office.lead_ins import LeadIns, typed_depth
from rag.formats.office.opendocument.lists import Lists, OpenList
from rag.formats.office.opendocument.properties import properties_of
from rag.formats.office.opendocument.styles import Styles, whole
from rag.formats.office.opendocument.tables import is_layout, table_of
from rag.formats.office.opendocument.text import UNSHOWN, Line, Text, citation, is_hidden
from rag.formats.safe_xml import Element, attribute, local, parse
from rag.formats.safe_zip import Archive, beside

_HIDDEN, _PROMPTS = "hidden text", "empty field"
_HEADS = {"header", "header-left", "header-first", "footer", "footer-left", "footer-first"}
_LEAST_HEAD = 10  # letters: less is "Page 1 of 2"
_LONGEST_LIST = 1_200


def read(data: bytes, name: str) -> Extract:
    """Read a document; see the module. Raises UnreadableFileError."""
    archive = Archive(data)
    manifest = "META-INF/manifest.xml"
    if archive.has(manifest) and b"encryption-data" in archive.read(manifest):
        raise UnreadableFileError("a password is needed to read it")
    gathered = Gathering()
    root = parse(archive.read("content.xml"), "content.xml")
    _formulas(archive, root, gathered)
    styles = _styles(archive, gathered)
    document = _Document(Styles(root, styles), gathered)
    for body in (e for e in root.iter() if local(e) in ("text", "presentation") and _is_body(e)):
        document.blocks(body)
    document.end()
    document.heads(styles)
    return gathered.extract(gathered.describe(properties_of(archive)))


def _styles(archive: Archive, gathered: Gathering) -> Element | None:
    if not archive.has("styles.xml"):
        return None
    try:
        return parse(archive.read("styles.xml"), "styles.xml")
    except UnreadableFileError as error:
        what = "its styles, and what stands above and below its pages"
        gathered.could_not_read(what, str(error))
        return None


def _formulas(archive: Archive, root: Element, gathered: Gathering) -> None:
    """Put each formula, which lies in an entry of its own, where it is shown."""
    for element in [e for e in root.iter() if local(e) == "object"]:
        part = beside("", attribute(element, "href")) + "/content.xml"
        if archive.has(part):
            try:
                formula = parse(archive.read(part), part)
            except UnreadableFileError as error:
                gathered.could_not_read("an object in it", str(error))
                continue
            notes = [e.text or "" for e in formula.iter() if local(e) == "annotation"]
            element.text = " ".join(notes)


def _is_body(element: Element) -> bool:
    parent = element.getparent()
    return parent is not None and local(parent) == "body"


class _Document:
    """The blocks of a body and of all that lies in it, gathered in order."""

    def __init__(self, styles: Styles, gathered: Gathering) -> None:
        self._gathered = gathered
        self._lead_ins = LeadIns(gathered)
        self._lists = Lists(styles)
        self._text = Text(styles)
        self._is_hidden = False
        """Whether what is read is in a hidden section."""

    def blocks(self, parent: Iterable[Element]) -> None:
        """Gather paragraphs, lists, tables and sections."""
        for child in parent:
            kind = local(child)
            if kind in ("p", "h"):
                self._paragraph(child)
            elif kind == "list":
                self._whole_list(child)
            elif kind == "table":
                self._table(child)
            elif kind == "section" and is_hidden(child) and not self._is_hidden:
                self._hidden_section(child)
            elif kind not in UNSHOWN:
                self.blocks(child)

    def end(self) -> None:
        """Gather what waits for more."""
        self._lead_ins.flush()

    def heads(self, styles: Element | None) -> None:
        """Gather what stands above and below every page, once; not the numbers of pages."""
        if styles is None:
            return
        heads = [e for e in styles.iter() if local(e) in _HEADS]
        for text in dict.fromkeys("\n".join(self._lines(head)) for head in heads):
            if sum(map(str.isalpha, text)) > _LEAST_HEAD:
                self._gathered.add(text)

    def _lines(self, parent: Element) -> list[str]:
        lines = (self._text.line(one).text for one in parent.iter() if local(one) in ("p", "h"))
        return [line for line in lines if line]

    def _hidden_section(self, section: Element) -> None:
        self._lead_ins.flush()
        self._gathered.place(_HIDDEN)
        self._is_hidden = True
        self.blocks(section)
        self._lead_ins.flush()
        self._is_hidden = False
        self._gathered.place("")

    def _paragraph(self, element: Element, number: str = "", depth: int | None = None) -> None:
        line = self._text.line(element)
        level = None
        if local(element) == "h" and (outline := whole(attribute(element, "outline-level"), 0)):
            level = outline
            if depth is None and not (line.hidden and not line.text):
                number = self._lists.heading(element, outline - 1)
        text = (line.number or number) + line.text if line.text else ""
        depth = typed_depth(text) if depth is None else depth
        self._lead_ins.add(text, level, depth, partial(self._beside, line))

    def _beside(self, line: Line) -> None:
        """Gather what stands beside a paragraph: hidden text, notes, comments and text boxes."""
        self._apart(line.hidden, _HIDDEN)
        self._apart("".join(line.prompts), _PROMPTS)
        for element in line.apart:
            if local(element) == "note":
                self._note(element)
            else:
                self.blocks(element)
                self._lead_ins.flush()

    def _note(self, note: Element) -> None:
        lines = [self._text.line(one) for one in note.iter() if local(one) in ("p", "h")]
        text = "\n".join(line.text for line in lines if line.text)
        self._gathered.add(f"{citation(note)} {text}".strip() if text else "")
        for line in lines:
            self._apart(line.hidden, _HIDDEN)

    def _apart(self, text: str, place: str) -> None:
        """Gather text that is not the document's own at a place that says so."""
        if text.strip():
            self._gathered.place(_HIDDEN if self._is_hidden else place)
            self._gathered.add(text)
            self._gathered.place(_HIDDEN if self._is_hidden else "")

    def _whole_list(self, element: Element) -> None:
        """Gather a short list as one block, or with what leads in to it; others by items."""
        length = sum(map(len, map(str, element.itertext())))
        if length <= _LONGEST_LIST:
            self._lead_ins.begin_list()
        self._list(element, None, in_counted=False)
        self._lead_ins.end_list()

    def _list(self, element: Element, above: OpenList | None, *, in_counted: bool) -> None:
        opened = self._lists.open(element, above, in_counted=in_counted)
        for item in element:
            kind = local(item)
            if kind not in ("list-item", "list-header"):
                continue
            children = [one for one in item if local(one) != "number"]
            # One that only holds another list has no number of its own.
            counted = kind == "list-item" and bool(children) and local(children[0]) in ("p", "h")
            number = self._lists.next(opened, item) if counted else ""
            for child in children:
                if local(child) in ("p", "h"):
                    self._paragraph(child, number, opened.level)
                    number = ""
                elif local(child) == "list":
                    self._list(child, opened, in_counted=counted)
                else:
                    self.blocks([child])

    def _table(self, table: Element) -> None:
        self._lead_ins.flush()
        if is_layout(table):
            self.blocks(table)
            return
        lines: list[Line] = []
        rows, headers = table_of(table, lambda cell: self._cell(cell, lines))
        self._gathered.table(rows, headers=headers)
        for line in lines:
            self._beside(line)

    def _cell(self, parent: Iterable[Element], lines: list[Line]) -> str:
        """Return the text of a cell, with that of lists and tables within."""
        texts: list[str] = []
        for one in parent:
            kind = local(one)
            if kind in ("p", "h"):
                line = self._text.line(one)
                lines.append(line)
                texts.append(line.number + line.text if line.text else "")
            elif kind == "table":
                rows = table_of(one, lambda cell: self._cell(cell, lines))[0]
                texts.append("; ".join(filter(None, (" | ".join(filter(None, r)) for r in rows))))
            elif kind == "list":
                texts += self._items(one, lines, None, in_counted=False)
            elif kind not in UNSHOWN:
                texts.append(self._cell(one, lines))
        return " ".join(text for text in texts if text)

    def _items(
        self, element: Element, lines: list[Line], above: OpenList | None, *, in_counted: bool
    ) -> list[str]:
        """Return the items of a list in a cell."""
        opened = self._lists.open(element, above, in_counted=in_counted)
        texts: list[str] = []
        for item in element:
            children = [one for one in item if local(one) != "number"]
            counted = local(item) == "list-item" and bool(children) and local(children[0]) == "p"
            number = self._lists.next(opened, item) if counted else ""
            for child in children:
                if local(child) == "list":
                    texts += self._items(child, lines, opened, in_counted=counted)
                elif text := self._cell([child], lines):
                    texts.append(number + text)
                    number = ""
        return texts
