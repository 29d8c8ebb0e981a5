"""How a slide's layout and master number the paragraphs of their placeholders."""

from rag.errors import UnreadableFileError
from rag.formats.office.ooxml import Package
from rag.formats.office.slides.lists import ListStyle, list_style
from rag.formats.safe_xml import Element, attribute, local

_TITLES = {"title", "ctrTitle"}
_KINDS = {"slideLayout": "slideMaster", "slideMaster": ""}


class Masters:
    """The layouts and masters of a presentation, each read once."""

    def __init__(self, package: Package) -> None:
        """Begin with none read."""
        self._package = package
        self._read: dict[str, _Master] = {}

    def styles(self, part: str, shape: Element) -> list[ListStyle]:
        """Return the styles that a slide's shape takes on, nearest first; none it says itself."""
        place = placeholder(shape)
        if place is None:
            return []
        styles: list[ListStyle] = []
        kind = "slideLayout"
        while kind:
            part = next((to for of, to in self._package.related(part) if of == kind), "")
            if not part:
                break
            master = self._master(part)
            styles += master.placeholders.get(_key(place, master), []) if master else []
            if kind == "slideMaster" and master is not None:
                is_title = attribute(place, "type") in _TITLES
                styles.append(master.titles if is_title else master.bodies)
            kind = _KINDS[kind]
        return styles

    def _master(self, part: str) -> "_Master | None":
        if part not in self._read:
            try:
                self._read[part] = _Master(self._package.tree(part))
            except UnreadableFileError:
                return None  # it holds no text of the slides
        return self._read[part]


class _Master:
    def __init__(self, root: Element) -> None:
        self.placeholders: dict[str, list[ListStyle]] = {}
        self.titles: ListStyle = {}
        self.bodies: ListStyle = {}
        for element in root.iter():
            kind = local(element)
            if kind == "titleStyle":
                self.titles = list_style(element)
            elif kind == "bodyStyle":
                self.bodies = list_style(element)
            elif kind == "sp" and (place := placeholder(element)) is not None:
                own = next((one for one in element.iter() if local(one) == "lstStyle"), None)
                for key in _keys(place):
                    self.placeholders.setdefault(key, [list_style(own)])


def placeholder(shape: Element) -> Element | None:
    """Return the placeholder that a shape fills, None where it fills none."""
    return next((one for one in shape.iter() if local(one) == "ph"), None)


def _keys(place: Element) -> list[str]:
    return [
        f"number {attribute(place, 'idx') or '0'}",
        f"type {attribute(place, 'type') or 'body'}",
    ]


def _key(place: Element, master: _Master | None) -> str:
    known = master.placeholders if master is not None else {}
    return next((key for key in _keys(place) if key in known), "")
