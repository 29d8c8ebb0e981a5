"""A paragraph's runs: its text as it is shown, what is hidden in it, its notes and text boxes."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from rag.formats.extract import one_spaced
from rag.formats.office.equations import equation
from rag.formats.office.typeset import LOWERED, RAISED, Piece, typeset
from rag.formats.office.word.notes import Note
from rag.formats.office.word.shown import PROMPT, child, value
from rag.formats.office.word.styles import RunProperties, Styles, run_properties, size_of
from rag.formats.safe_xml import Element, attribute, local
from rag.formats.typesetting.raised import note_mark

_UNREAD = {"instrText", "delText", "delInstrText", "rPr", "pPr", "sdtPr"}
_WHITE = {"tab": "\t", "ptab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-"}
_NOTES = {"footnoteReference": "footnote", "endnoteReference": "endnote"}
_SMALLER = 0.9  # of the size of a line: text raised in full size only makes room for a picture


@dataclass(slots=True)
class Line:
    """What a paragraph holds."""

    text: str = ""
    hidden: str = ""
    """Text that Word shows to nobody who reads or prints the document."""
    notes: list[Note] = field(default_factory=list)
    """Those that it refers to, in order."""
    marks: dict[Note, str] = field(default_factory=dict)
    """The marks that are typed."""
    prompts: list[str] = field(default_factory=list)
    """What stands in content controls as long as nothing is entered."""
    boxes: list[Element] = field(default_factory=list)


def properties_of(paragraph: Element) -> Element | None:
    """Return a paragraph's `w:pPr`."""
    return child(paragraph, "pPr")


class Runs:
    """A reader of paragraphs."""

    def __init__(self, styles: Styles, marks: Mapping[Note, str]) -> None:
        """Read with these styles, and these marks of notes."""
        self._styles = styles
        self._marks = marks

    def line(self, paragraph: Element) -> Line:
        """Return what a paragraph holds."""
        line = Line()
        style = value(properties_of(paragraph), "pStyle")
        read = _Paragraph(self._styles, self._marks, line, style)
        pieces = list(read.pieces(paragraph, self._styles.paragraph_run(style)))
        line.text = one_spaced(typeset(piece for piece in pieces if not piece.hidden))
        line.hidden = one_spaced(typeset(piece for piece in pieces if piece.hidden))
        return line


class _Paragraph:
    def __init__(self, styles: Styles, marks: Mapping[Note, str], line: Line, style: str) -> None:
        self._styles = styles
        self._marks = marks
        self._line = line
        self._style = style
        self._largest = 0

    def pieces(self, element: Element, at: RunProperties) -> Iterator[Piece]:
        """Give the pieces of text in order; notes and text boxes go to the line."""
        custom: Note | None = None
        for one in element:
            kind = local(one)
            if kind == "t" and custom is not None:
                self._line.marks[custom] = one.text or ""
                yield Piece(note_mark(one.text or ""), hidden=bool(at.hidden))
                custom = None
            elif kind in _NOTES:
                note = (_NOTES[kind], attribute(one, "id"))
                self._line.notes.append(note)
                if note in self._marks:
                    yield Piece(note_mark(self._marks[note]), hidden=bool(at.hidden))
                else:
                    custom = note
            elif kind == "r":
                yield from self.pieces(one, self._run(one))
            elif kind == "txbxContent":
                self._line.boxes.append(one)
            elif kind == PROMPT:
                self._line.prompts.append(one.text or "")
            elif (piece := self._piece(one, kind, at)) is not None:
                yield piece
            elif kind not in _UNREAD:
                yield from self.pieces(one, at)

    def _piece(self, element: Element, kind: str, at: RunProperties) -> Piece | None:
        """Return what one element writes; None where it is none that does."""
        hidden = bool(at.hidden)
        if kind == "t":
            return Piece(element.text or "", self._shift(element, at), hidden)
        if kind in _WHITE:
            return Piece(_WHITE[kind], hidden=hidden)
        if kind == "sym":
            return Piece(_symbol(attribute(element, "char")), hidden=hidden)
        if kind == "oMath":
            return Piece(equation(element), hidden=hidden)
        return self._ruby(element, at) if kind == "ruby" else None

    def _run(self, run: Element) -> RunProperties:
        own = child(run, "rPr")
        below = self._styles.paragraph_run(self._style)
        named = self._styles.run(style) if (style := value(own, "rStyle")) else RunProperties()
        return run_properties(own).over(named).over(below)

    def _shift(self, run: Element, at: RunProperties) -> int:
        if at.alignment in ("superscript", "subscript"):
            return RAISED if at.alignment == "superscript" else LOWERED
        if at.position and size_of(at) <= _SMALLER * self._line_size(run):
            return RAISED if at.position > 0 else LOWERED
        return 0

    def _line_size(self, run: Element) -> int:
        """Return the size of the largest text in the paragraph of a run."""
        if not self._largest:
            top = run
            while local(top) != "p" and (above := top.getparent()) is not None:
                top = above
            runs = [one for one in top.iter() if local(one) == "r"]
            self._largest = max((size_of(self._run(one)) for one in runs), default=1)
        return self._largest

    def _ruby(self, ruby: Element, at: RunProperties) -> Piece:
        base, reading = (
            typeset(self.pieces(part, at)) if (part := child(ruby, kind)) is not None else ""
            for kind in ("rubyBase", "rt")
        )
        return Piece(base, hidden=bool(at.hidden), reading=reading.strip())


def _symbol(code: str) -> str:
    try:
        symbol = int(code, 16)
    except ValueError:
        return ""
    return "" if 0xE000 <= symbol <= 0xF8FF or symbol > 0x10FFFF else chr(symbol)
