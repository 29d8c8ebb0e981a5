"""OpenDocument texts (.odt, .ott): headings, paragraphs, lists, tables, notes, text frames."""

from collections.abc import Iterator

from rag.errors import UnreadableFileError
from rag.formats.extract import Extract, Gathering, one_spaced
from rag.formats.safe_xml import Element, attribute, local, parse
from rag.formats.safe_zip import Archive, beside

_UNSHOWN = {"tracked-changes", "forms", "sequence-decls", "table-of-content-source",
            "annotation-end", "note-citation", "variable-decls", "user-field-decls"}  # fmt: skip
_APART = {"note", "text-box", "annotation"}
_HEADS = {"header", "header-left", "header-first", "footer", "footer-left", "footer-first"}
_LEAST_HEAD = 10  # letters: less is "Page 1 of 2"
_LONGEST_CELL = 400


def read(data: bytes, name: str) -> Extract:
    """Read a document; see the module. Raises UnreadableFileError."""
    archive = Archive(data)
    manifest = "META-INF/manifest.xml"
    if archive.has(manifest) and b"encryption-data" in archive.read(manifest):
        raise UnreadableFileError("a password is needed to read it")
    gathered = Gathering()
    root = parse(archive.read("content.xml"), "content.xml")
    _formulas(archive, root, gathered)
    for body in (e for e in root.iter() if local(e) in ("text", "presentation") and _is_body(e)):
        _blocks(body, gathered)
    _heads(archive, gathered)
    return gathered.extract(_title(archive))


def _heads(archive: Archive, gathered: Gathering) -> None:
    """Gather what stands above and below every page, once; not the numbers of pages."""
    if not archive.has("styles.xml"):
        return
    try:
        styles = parse(archive.read("styles.xml"), "styles.xml")
    except UnreadableFileError as error:
        gathered.could_not_read("what stands above and below its pages", str(error))
        return
    heads = [e for e in styles.iter() if local(e) in _HEADS]
    texts = ["\n".join(one_spaced("".join(_pieces(p))) for p in head.iter() if local(p) == "p")
             for head in heads]  # fmt: skip
    for text in dict.fromkeys(texts):
        if sum(map(str.isalpha, text)) > _LEAST_HEAD:
            gathered.add(text)


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


def _title(archive: Archive) -> str:
    if not archive.has("meta.xml"):
        return ""
    try:
        meta = parse(archive.read("meta.xml"), "meta.xml")
    except UnreadableFileError:
        return ""  # nothing of the text is missing
    return next((e.text or "" for e in meta.iter() if local(e) == "title"), "")


def _blocks(parent: Element, gathered: Gathering) -> None:
    for child in parent:
        kind = local(child)
        if kind in ("h", "p"):
            outline = attribute(child, "outline-level")
            level = int(outline) if kind == "h" and outline.isdigit() else None
            gathered.add(one_spaced("".join(_pieces(child))), level)
            for apart in child.iter():
                if local(apart) in _APART:
                    _blocks(apart, gathered)
        elif kind == "list":
            _list(child, gathered)
        elif kind == "table":
            _table(child, gathered)
        elif kind not in _UNSHOWN:
            _blocks(child, gathered)


def _list(items: Element, gathered: Gathering) -> None:
    """Gather a short list as one block, a longer one item by item."""
    lines = [one_spaced("".join(_pieces(p))) for p in items.iter() if local(p) in ("p", "h")]
    plain = not any(local(e) in ("table", *_APART) for e in items.iter())
    if plain and sum(map(len, lines)) <= 1_200 and not any(local(e) == "h" for e in items.iter()):
        gathered.add("\n".join(line for line in lines if line))
    else:
        _blocks(items, gathered)


def _table(table: Element, gathered: Gathering) -> None:
    rows = [[_cell(cell) for cell in row if local(cell) == "table-cell"] for row in _rows(table)]
    if len(rows) < 2 or any(len(cell) > _LONGEST_CELL for row in rows for cell in row):
        _blocks(table, gathered)
    else:
        gathered.table(rows)


def _rows(table: Element) -> Iterator[Element]:
    for child in table:
        if local(child) == "table-row":
            yield child
        elif local(child) in ("table-header-rows", "table-rows", "table-row-group"):
            yield from _rows(child)


def _cell(cell: Element) -> str:
    return " ".join("".join(_pieces(p)) for p in cell.iter() if local(p) in ("p", "h"))


def _pieces(element: Element) -> Iterator[str]:
    """Give a paragraph's text in order, but not that of its notes and frames."""
    kind = local(element)
    if kind == "s":
        yield " "
    elif kind == "tab":
        yield "\t"
    elif kind == "line-break":
        yield "\n"
    yield element.text or ""
    for child in element:
        if local(child) not in _UNSHOWN and local(child) not in _APART:
            yield from _pieces(child)
        yield child.tail or ""
