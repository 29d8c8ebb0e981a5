"""Rich Text Format: its text, a paragraph to a line; tables, notes and hidden text apart."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from rag.formats.extract import Extract, Gathering, one_spaced
from rag.formats.office import rtf_marks as marks
from rag.formats.office.lead_ins import LeadIns, typed_depth
from rag.formats.office.rtf_marks import marked
from rag.formats.office.typeset import LOWERED, RAISED, Piece, typeset
from rag.formats.typesetting.numerals import NUMBERINGS
from rag.formats.typesetting.raised import note_mark

_STARRED_NOTE = re.compile(r"\\\*\s*(?=\\footnote(?![a-z]))")
_BRACE = re.compile(rb"\\[\\{}]|\\bin([0-9]{1,9}) ?|([{}])")
_CODE_PAGE = re.compile(rb"\\ansicpg(\d+)")
_NOTE_NUMBERING = re.compile(rb"\\(a?)ftnn(ar|alc|auc|rlc|ruc)(?![a-z])")
_NOTE_START = re.compile(rb"\\(a?)ftnstart([0-9]{1,5})(?![0-9])")
_NUMBERINGS = {b"ar": "decimal", b"alc": "lower-repeated", b"auc": "upper-repeated",
               b"rlc": "lower-roman", b"ruc": "upper-roman"}  # fmt: skip
_MARK = re.compile(f"([{marks.MARKS}\n])")
_SHIFTS = {marks.LEVEL: 0, marks.RAISED: RAISED, marks.LOWERED: LOWERED}
_LONGEST_CELL = 400  # characters; the cells of a table that is used for layout hold prose


def read(data: bytes, name: str) -> Extract:
    """Read RTF. Raises UnreadableFileError."""
    from striprtf.striprtf import rtf_to_text

    page = _CODE_PAGE.search(data[:4096])
    encoding = f"cp{page[1].decode()}" if page else "cp1252"
    try:
        "".encode(encoding)
    except LookupError:
        encoding = "cp1252"
    source = marked(_STARRED_NOTE.sub("", data.decode("latin-1")))
    text = str(rtf_to_text(source, encoding, "replace"))  # type: ignore[no-untyped-call]
    text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")  # pairs as one
    gathered = Gathering()
    _gather(_lines(text, _Notes(data)), gathered)
    if _breaks_off(data):
        gathered.could_not_read(
            "the rest of it",
            "the file breaks off; get it again, or export it again from the original",
        )
    return gathered.extract()


class _Notes:
    """The numbers of footnotes and endnotes."""

    def __init__(self, data: bytes) -> None:
        """Read how a file numbers them."""
        kinds = {bool(one[1]): _NUMBERINGS[one[2]] for one in _NOTE_NUMBERING.finditer(data)}
        starts = {bool(one[1]): int(one[2]) for one in _NOTE_START.finditer(data)}
        self._numbering = {
            of_end: NUMBERINGS[kinds.get(of_end, "decimal")] for of_end in (False, True)
        }
        self._next = {of_end: starts.get(of_end, 1) for of_end in (False, True)}

    def mark(self, *, at_end: bool) -> str:
        """Return the mark of the next note."""
        number = self._next[at_end]
        self._next[at_end] += 1
        return note_mark(self._numbering[at_end](number))


@dataclass(slots=True)
class _Line:
    """A paragraph, or a row of a table, and the notes to it."""

    pieces: list[Piece] = field(default_factory=list)
    notes: list[list[Piece]] = field(default_factory=list)
    is_row: bool = False

    def split(self, mark: str, *, hidden: bool = False) -> list[str]:
        """Return the text between marks, or the hidden text."""
        parts: list[list[Piece]] = [[]]
        for piece in self.pieces:
            if piece.text == mark:
                parts.append([])
            elif piece.hidden == hidden:
                parts[-1].append(piece)
        return [one_spaced(typeset(part)) for part in parts]


def _lines(text: str, notes: _Notes) -> Iterator[_Line]:
    """Give the lines of a text with marks."""
    line = _Line()
    note: list[Piece] | None = None
    drawn_at: int | None = None  # where in the line the number of the next note is drawn
    shift, hidden = 0, False
    for piece in _MARK.split(text):
        pieces = line.pieces if note is None else note
        if piece in _SHIFTS:
            shift = _SHIFTS[piece]
        elif piece in (marks.HIDDEN, marks.SHOWN):
            hidden = piece == marks.HIDDEN
        elif piece in (marks.NOTE, marks.ENDNOTE):
            note = []
            if drawn_at is not None:
                mark = notes.mark(at_end=piece == marks.ENDNOTE)
                line.pieces[drawn_at] = Piece(mark)
                note.append(Piece(f"{mark} "))
                drawn_at = None
            line.notes.append(note)
        elif piece == marks.NOTE_END:
            note = None
        elif piece == marks.NOTE_MARK:
            drawn_at = len(line.pieces)
            line.pieces.append(Piece(""))
        elif note is None and piece in ("\n", marks.ROW):
            line.is_row = piece == marks.ROW
            yield line
            line, drawn_at = _Line(), None
        elif piece:
            is_end = piece in (marks.CELL, marks.LINE)
            pieces.append(Piece(piece, 0 if is_end else shift, hidden))
    yield line


def _gather(lines: Iterator[_Line], gathered: Gathering) -> None:
    lead_ins = LeadIns(gathered)
    rows: list[_Line] = []
    for line in lines:
        if line.is_row:
            rows.append(line)
            continue
        if rows:
            lead_ins.flush()
            _table(rows, gathered)
            rows = []
        for text in _paragraphs(line):
            lead_ins.add(text, depth=typed_depth(text))
        if line.notes or any(piece.hidden for piece in line.pieces):
            lead_ins.flush()
            _beside([line], gathered)
    lead_ins.flush()
    if rows:
        _table(rows, gathered)


def _paragraphs(line: _Line) -> list[str]:
    """Return the text of a line; of one that breaks off in a table, its cells and paragraphs."""
    cells = line.split(marks.CELL)
    text = " | ".join(cell for cell in cells if cell.strip(f" {marks.LINE}"))
    return text.split(marks.LINE)


def _table(rows: Sequence[_Line], gathered: Gathering) -> None:
    cells = [row.split(marks.CELL)[:-1] or row.split(marks.CELL) for row in rows]
    if any(len(cell) > _LONGEST_CELL for row in cells for cell in row):
        for cell in (cell for row in cells for cell in row):
            for paragraph in cell.split(marks.LINE):
                gathered.add(paragraph)
    else:
        gathered.table([[cell.replace(marks.LINE, " ") for cell in row] for row in cells])
    _beside(rows, gathered)


def _beside(lines: Sequence[_Line], gathered: Gathering) -> None:
    """Gather what stands beside lines: their notes, and what is hidden in them."""
    for line in lines:
        for note in line.notes:
            gathered.add(one_spaced(typeset(piece for piece in note if not piece.hidden)))
        hidden = " ".join(line.split("", hidden=True)).replace(marks.LINE, "\n")
        if hidden.strip():
            gathered.place("hidden text")
            gathered.add(hidden)
            gathered.place("")


def _breaks_off(data: bytes) -> bool:
    """Tell whether a group is still open where the file ends."""
    depth = at = 0
    while brace := _BRACE.search(data, at):
        at = brace.end() + int(brace[1] or 0)  # bytes of a picture may look like braces
        depth += {b"{": 1, b"}": -1}.get(brace[2], 0)
    return depth > 0
