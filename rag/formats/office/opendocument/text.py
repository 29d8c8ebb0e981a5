"""A paragraph of an OpenDocument text: what is shown, what is hidden, and what stands beside it."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from rag.formats.extract import one_spaced
from rag.formats.office.opendocument.styles import Styles
from rag.formats.office.typeset import Piece, typeset
from rag.formats.safe_xml import Element, attribute, local
from rag.formats.typesetting.raised import note_mark

UNSHOWN = {"tracked-changes", "forms", "sequence-decls", "table-of-content-source",
           "annotation-end", "note-citation", "variable-decls", "user-field-decls",
           "event-listeners", "number"}  # fmt: skip
_APART = {"note", "text-box", "annotation", "custom-shape", "rect", "ellipse", "circle", "line",
          "polygon", "polyline", "regular-polygon", "path", "connector", "caption",
          "measure"}  # fmt: skip
_WHITE = {"s": " ", "tab": "\t", "line-break": "\n"}
_STYLED = {"span": "text", "a": "text"}


@dataclass(slots=True)
class Line:
    """What a paragraph holds."""

    text: str = ""
    hidden: str = ""
    """Text that is shown to nobody who reads or prints the document."""
    number: str = ""
    """The number that the file says is drawn before it."""
    prompts: list[str] = field(default_factory=list)
    """What stands in places where nothing is entered."""
    apart: list[Element] = field(default_factory=list)
    """Notes, comments and text boxes, in order."""


def is_hidden(element: Element) -> bool:
    """Tell whether a section or a field is hidden, as far as the file says."""
    display = attribute(element, "display")
    return display == "none" or (
        display == "condition" and attribute(element, "is-hidden") == "true"
    )


def citation(note: Element) -> str:
    """Return the mark of a note, as it is drawn, set apart; empty if it has none."""
    for one in note:
        if local(one) == "note-citation":
            mark = "".join(map(str, one.itertext())).strip() or attribute(one, "label")
            return note_mark(mark) if mark else ""
    return ""


class Text:
    """A reader of paragraphs."""

    def __init__(self, styles: Styles) -> None:
        """Read with these styles."""
        self._styles = styles

    def line(self, paragraph: Element) -> Line:
        """Return what a paragraph or a heading holds."""
        line = Line()
        style = attribute(paragraph, "style-name")
        hidden = self._styles.is_hidden("paragraph", style) or any(
            local(one) == "hidden-paragraph" and attribute(one, "is-hidden") == "true"
            for one in paragraph
        )
        number = next((one for one in paragraph if local(one) == "number"), None)
        if number is not None and (drawn := "".join(map(str, number.itertext())).strip()):
            line.number = f"{drawn} "
        shift = self._styles.shift("paragraph", style)
        pieces = list(self._pieces(paragraph, line, shift, hidden=hidden))
        line.text = one_spaced(typeset(piece for piece in pieces if not piece.hidden))
        line.hidden = one_spaced(typeset(piece for piece in pieces if piece.hidden))
        return line

    def _pieces(self, element: Element, line: Line, shift: int, *, hidden: bool) -> Iterator[Piece]:
        yield Piece(element.text or "", shift, hidden)
        for child in element:
            kind = local(child)
            if kind in _WHITE:
                yield Piece(_WHITE[kind], shift, hidden)
            elif kind in _APART:
                line.apart.append(child)
                if kind == "note":
                    yield Piece(citation(child), 0, hidden)
            elif kind == "placeholder":
                line.prompts.append("".join(map(str, child.itertext())))
            elif kind == "hidden-text" and attribute(child, "is-hidden") == "true":
                yield Piece(attribute(child, "string-value"), shift, hidden=True)
            elif kind == "ruby":
                yield self._ruby(child, line, hidden=hidden)
            elif kind in _STYLED:
                yield from self._styled(child, line, shift, hidden=hidden)
            elif kind not in UNSHOWN and not is_hidden(child):
                yield from self._pieces(child, line, shift, hidden=hidden)
            yield Piece(child.tail or "", shift, hidden)

    def _styled(self, span: Element, line: Line, shift: int, *, hidden: bool) -> Iterator[Piece]:
        style = attribute(span, "style-name")
        shift = self._styles.shift("text", style) or shift
        hidden = hidden or self._styles.is_hidden("text", style)
        return self._pieces(span, line, shift, hidden=hidden)

    def _ruby(self, ruby: Element, line: Line, *, hidden: bool) -> Piece:
        parts = {local(part): typeset(self._pieces(part, line, 0, hidden=hidden)) for part in ruby}
        reading = parts.get("ruby-text", "").strip()
        return Piece(parts.get("ruby-base", ""), 0, hidden, reading)
