"""Presentations (.pptx and its kin): slide by slide, title first, tables, and speaker notes."""

from collections.abc import Iterator

from rag.errors import UnreadableFileError
from rag.formats.extract import Extract, Gathering, one_spaced
from rag.formats.office.embedded_files import gather_embedded
from rag.formats.office.ooxml import Package
from rag.formats.safe_xml import Element, attribute, local

_TITLES = {"title", "ctrTitle"}
_FURNITURE = {"sldNum", "dt", "ftr", "hdr", "sldImg"}


def read(data: bytes, name: str) -> Extract:
    """Read a presentation; see the module. Raises UnreadableFileError."""
    package = Package(data)
    gathered = Gathering()
    reason = ""
    for number, part in enumerate(_slides(package), start=1):
        gathered.place(f"slide {number}", fresh=True)
        try:
            _slide(package, part, number, gathered)
        except UnreadableFileError as error:
            gathered.could_not_read(f"slide {number}", str(error))
            reason = str(error)
    if reason and gathered.is_empty:
        raise UnreadableFileError(reason)
    gather_embedded(package.archive, gathered)
    return gathered.extract(package.title())


def _slide(package: Package, part: str, number: int, gathered: Gathering) -> None:
    """Gather a slide, its charts and its notes. Raises UnreadableFileError."""
    shapes = list(_shapes(package.tree(part)))
    shapes.sort(key=lambda shape: _role(shape) not in _TITLES)  # stable: the rest as it stands
    for shape in shapes:
        _gather(shape, gathered)
    related = package.related(part)
    for _, chart in (pair for pair in related if pair[0] == "chart"):
        try:
            gathered.add(_chart(package.tree(chart)))
        except UnreadableFileError as error:
            gathered.could_not_read(f"slide {number}, chart", str(error))
    for _, notes in (pair for pair in related if pair[0] == "notesSlide"):
        gathered.place(f"slide {number}, notes")
        try:
            for shape in _shapes(package.tree(notes)):
                _gather(shape, gathered)
        except UnreadableFileError as error:
            gathered.could_not_read(f"slide {number}, notes", str(error))


def _slides(package: Package) -> list[str]:
    """Return the slides' parts in the order they are shown in."""
    main = package.main_part()
    parts = {i: t for i, kind, t in package.relations(main) if kind == "slide"}
    listed = [
        next((str(v) for k, v in e.attrib.items() if str(k).endswith("}id")), "")
        for e in package.tree(main).iter()
        if local(e) == "sldId"
    ]
    return [parts.get(i, f"slide ({i})") for i in listed]  # the archive has none of that name


def _shapes(root: Element) -> Iterator[Element]:
    """Give shapes and tables in order, those in groups too."""
    for element in root.iter():
        if local(element) in ("sp", "graphicFrame"):
            yield element


def _role(shape: Element) -> str:
    return next((attribute(e, "type") or "body" for e in shape.iter() if local(e) == "ph"), "")


def _gather(shape: Element, gathered: Gathering) -> None:
    role = _role(shape)
    if role in _FURNITURE:
        return
    tables = [e for e in shape.iter() if local(e) == "tbl"]
    for table in tables:
        rows = [e for e in table.iter() if local(e) == "tr"]
        gathered.table([[_text(c).replace("\n", " ") for c in r if local(c) == "tc"] for r in rows])
    if tables:
        return
    text = _text(shape)
    if role in _TITLES and len(text) <= 200:
        gathered.add(text, level=1)
    elif len(text) <= 1_200:
        gathered.add(text)
    else:
        for line in text.split("\n"):
            gathered.add(line)


def _text(shape: Element) -> str:
    """Return a shape's paragraphs, one to a line."""
    lines = []
    for paragraph in shape.iter():
        if local(paragraph) == "p":
            pieces = []
            for element in paragraph.iter():
                kind = local(element)
                pieces.append((element.text or "") if kind == "t" else "\n" if kind == "br" else "")
            lines.append(one_spaced("".join(pieces)))
    return "\n".join(line for line in lines if line)


def _chart(chart: Element) -> str:
    """Return what is written in a chart: its titles, then the names of what it compares."""
    titles = [_text(e) for e in chart.iter() if local(e) == "rich"]
    names = [
        "".join(map(str, e.itertext())).strip()
        for e in chart.iter()
        if local(e) == "pt" and any(local(above) == "strCache" for above in e.iterancestors())
    ]
    return "\n".join(dict.fromkeys(line for line in (*titles, *names) if line))
