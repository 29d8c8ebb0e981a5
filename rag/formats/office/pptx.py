"""Presentations (.pptx and its kin): slide by slide, title first, tables, and speaker notes.

Slides and shapes that are not shown are read too, at places that say so.
"""

from collections.abc import Iterator, Sequence

from rag.errors import UnreadableFileError
from rag.formats.extract import Extract, Gathering
from rag.formats.office.embedded_files import gather_embedded
from rag.formats.office.lead_ins import LeadIns, typed_depth
from rag.formats.office.ooxml import Package
from rag.formats.office.slides.lists import ListStyle
from rag.formats.office.slides.masters import Masters, placeholder
from rag.formats.office.slides.text import lines, rows
from rag.formats.safe_xml import Element, attribute, local

_TITLES = {"title", "ctrTitle"}
_FURNITURE = {"sldNum", "dt", "ftr", "hdr", "sldImg"}


def read(data: bytes, name: str) -> Extract:
    """Read a presentation; see the module. Raises UnreadableFileError."""
    package = Package(data)
    gathered = Gathering()
    masters = Masters(package)
    reason = ""
    for number, part in enumerate(_slides(package), start=1):
        gathered.place(f"slide {number}", fresh=True)
        try:
            _Slide(package, masters, part, number).gather(gathered)
        except UnreadableFileError as error:
            gathered.could_not_read(f"slide {number}", str(error))
            reason = str(error)
    if reason and gathered.is_empty:
        raise UnreadableFileError(reason)
    gather_embedded(package.archive, gathered)
    return gathered.extract(gathered.describe(package.properties()))


class _Slide:
    """A slide, its charts and its notes."""

    def __init__(self, package: Package, masters: Masters, part: str, number: int) -> None:
        """Read the slide. Raises UnreadableFileError."""
        self._package = package
        self._masters = masters
        self._part = part
        self._root = package.tree(part)
        self._place = f"slide {number}"
        if attribute(self._root, "show") in ("0", "false"):
            self._place += ", hidden"

    def gather(self, gathered: Gathering) -> None:
        """Gather its text, title first."""
        gathered.place(self._place, fresh=True)
        shapes = list(_shapes(self._root))
        shapes.sort(key=lambda shape: _role(shape) not in _TITLES)  # stable: the rest as it stands
        hidden = []
        for shape in shapes:
            if _is_hidden(shape):
                hidden.append(shape)
                continue
            _gather(shape, self._masters.styles(self._part, shape), gathered)
        related = self._package.related(self._part)
        for _, chart in (pair for pair in related if pair[0] == "chart"):
            try:
                gathered.add(_chart(self._package.tree(chart)))
            except UnreadableFileError as error:
                gathered.could_not_read(f"{self._place}, chart", str(error))
        if hidden:
            gathered.place(f"{self._place}, hidden text")
        for shape in hidden:
            _gather(shape, self._masters.styles(self._part, shape), gathered)
        for _, notes in (pair for pair in related if pair[0] == "notesSlide"):
            gathered.place(f"{self._place}, notes")
            try:
                for shape in _shapes(self._package.tree(notes)):
                    _gather(shape, self._masters.styles(notes, shape), gathered)
            except UnreadableFileError as error:
                gathered.could_not_read(f"{self._place}, notes", str(error))


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
    """Give shapes and tables in order, those in groups too; of alternatives the first."""
    for element in root:
        kind = local(element)
        if kind in ("sp", "graphicFrame"):
            yield element
        elif kind == "AlternateContent":
            choices = [one for one in element if local(one) in ("Choice", "Fallback")]
            for choice in choices[:1]:
                yield from _shapes(choice)
        else:
            yield from _shapes(element)


def _role(shape: Element) -> str:
    place = placeholder(shape)
    return "" if place is None else attribute(place, "type") or "body"


def _is_hidden(shape: Element) -> bool:
    """Tell whether a shape, or a group that it is in, is hidden."""
    above: Element | None = shape
    while above is not None:
        properties = above[0] if len(above) else above
        if local(properties).startswith("nv") and any(
            attribute(one, "hidden") in ("1", "true") for one in properties
        ):
            return True
        above = above.getparent()
    return False


def _gather(shape: Element, inherited: Sequence[ListStyle], gathered: Gathering) -> None:
    role = _role(shape)
    if role in _FURNITURE:
        return
    tables = [e for e in shape.iter() if local(e) == "tbl"]
    for table in tables:
        cells, headers = rows(table)
        gathered.table(cells, headers=headers)
    if tables:
        return
    texts = lines(shape, inherited)
    text = "\n".join(texts)
    if role in _TITLES and len(text) <= 200:
        gathered.add(text, level=1)
    elif len(text) <= 1_200:
        gathered.add(text)
    else:
        lead_ins = LeadIns(gathered)
        for line in texts:
            lead_ins.add(line, depth=typed_depth(line))
        lead_ins.flush()


def _chart(chart: Element) -> str:
    """Return what is written in a chart: its titles, then the names of what it compares."""
    titles = ["\n".join(lines(e)) for e in chart.iter() if local(e) == "rich"]
    names = [
        "".join(map(str, e.itertext())).strip()
        for e in chart.iter()
        if local(e) == "pt" and any(local(above) == "strCache" for above in e.iterancestors())
    ]
    return "\n".join(dict.fromkeys(line for line in (*titles, *names) if line))
