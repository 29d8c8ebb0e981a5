"""Word documents (.docx and its kin): paragraphs, headings, lists, tables, notes, text boxes.

Text is what stands after all tracked changes are accepted, with the numbers and marks that Word
draws. Macros are parts that nothing here looks at; fields show the result that Word last gave them.
"""

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import PurePath
from typing import TypeVar

from rag.errors import UnreadableFileError
from rag.formats.extract import Extract, Gathering
from rag.formats.office.embedded_files import gather_embedded
from rag.formats.office.lead_ins import LeadIns, typed_depth
from rag.formats.office.ooxml import Package
from rag.formats.office.word.notes import Note, note_marks
from rag.formats.office.word.numbering import Numbering
from rag.formats.office.word.runs import Line, Runs, properties_of
from rag.formats.office.word.shown import child, number, shown, value
from rag.formats.office.word.styles import Styles, list_place, outline_level
from rag.formats.office.word.tables import children, is_layout, table_of
from rag.formats.safe_xml import Element, attribute, local
from rag.formats.typesetting.raised import note_mark, raised

Argument = TypeVar("Argument")
Result = TypeVar("Result")

_NOTES = {"footnotes": "footnote", "endnotes": "endnote"}
_HIDDEN, _PROMPTS = "hidden text", "empty field"
_SEPARATORS = {"separator", "continuationSeparator", "continuationNotice"}
_PROPERTIES = {"rPr", "pPr", "sdtPr", "tblPr", "trPr", "tcPr", "sectPr"}
_LONGEST_HEADING = 200  # characters; more is a paragraph in a heading's style
_LEAST_HEAD = 10  # letters: less is "Page 1 of 2"


def read(data: bytes, name: str) -> Extract:
    """Read a document of WordprocessingML; see the module. Raises UnreadableFileError."""
    package = Package(data)
    main = package.main_part()
    gathered = Gathering()
    parts = _Parts(package, main, gathered)
    body = child(shown(package.tree(main)), "body")
    if body is None:
        raise UnreadableFileError("the file is damaged: its main part holds no text body")
    document = _Document(parts, body, gathered)
    document.blocks(body)
    document.rest()
    gather_embedded(package.archive, gathered)
    return gathered.extract(gathered.describe(package.properties()))


class _Parts:
    """The parts that a document refers to."""

    def __init__(self, package: Package, main: str, gathered: Gathering) -> None:
        self.package = package
        self._gathered = gathered
        nothing: list[tuple[str, str, str]] = []
        self._related = self.optional(
            "what it refers to, as notes", package.relations, main, nothing
        )
        self.by_id = {identity: target for identity, _, target in self._related}

    def optional(
        self, what: str, read: Callable[[Argument], Result], argument: Argument, without: Result
    ) -> Result:
        """Return the result of `read`; if it cannot, name what is missing and return `without`."""
        try:
            return read(argument)
        except UnreadableFileError as error:
            self._gathered.could_not_read(what, str(error))
            return without

    def named(self, *kinds: str) -> list[str]:
        """Return the names of the parts of some kinds, in order."""
        return [target for _, kind, target in self._related if kind in kinds]

    def tree(self, kind: str, what: str) -> Element | None:
        """Return the part of a kind, None where there is none; if it is damaged, name it."""
        part = next(iter(self.named(kind)), "")
        if not part or not self.package.has(part):
            return None
        return self.optional(what, self.package.tree, part, None)


class _Document:
    """The blocks of a body and of all that lies in it, gathered in order."""

    def __init__(self, parts: _Parts, body: Element, gathered: Gathering) -> None:
        self._parts = parts
        self._gathered = gathered
        self._lead_ins = LeadIns(gathered)
        self._styles = Styles(parts.tree("styles", "its styles"))
        self._numbering = Numbering(parts.tree("numbering", "its lists' numbers"), self._styles)
        noted = bool(parts.named(*_NOTES))
        settings = parts.tree("settings", "how its notes are numbered") if noted else None
        self._marks = note_marks(body, settings)
        self._runs = Runs(self._styles, self._marks)
        self._hidden_beside: list[str] = []
        """The hidden text of notes, comments, heads and feet."""
        self._notes = self._read_notes()
        self._set_apart: set[tuple[str, str]] = set()
        self._joined: list[Line] = []
        """Paragraphs whose end is deleted: they go on with the next one."""

    def blocks(self, parent: Element) -> None:
        """Gather a body's paragraphs and tables, also those in content controls."""
        for one in parent:
            kind = local(one)
            if kind == "p":
                self._paragraph(one)
            elif kind == "tbl":
                self._table(one)
            elif kind == "altChunk":
                self._lead_ins.flush()
                self._chunk(attribute(one, "id"))
            elif kind not in _PROPERTIES:
                self.blocks(one)

    def rest(self) -> None:
        """Gather what belongs to no paragraph: notes without a mark, comments, heads and feet."""
        self._lead_ins.add("".join(line.text for line in self._joined))
        self._lead_ins.flush()
        for line in self._joined:
            self._beside(line)
        self._lead_ins.flush()
        for text in self._notes.values():
            self._gathered.add(text)
        for comment in self._entries("comments"):
            self._gathered.add(self._text(comment))
        self._heads()
        self._apart("\n".join(self._hidden_beside), _HIDDEN)

    def _entries(self, kind: str) -> Iterator[Element]:
        """Give the entries of the parts of a kind: its notes or comments."""
        for part in self._parts.named(kind):
            root = self._parts.optional(f"its {kind}", self._parts.package.tree, part, None)
            if root is not None:
                yield from shown(root)

    def _read_notes(self) -> dict[Note, str]:
        notes: dict[Note, str] = {}
        for kind, note_kind in _NOTES.items():
            for note in self._entries(kind):
                if attribute(note, "type") not in _SEPARATORS:
                    identity = attribute(note, "id") or f"without an id, {len(notes)}"
                    notes[note_kind, identity] = self._text(note)
        return notes

    def _heads(self) -> None:
        """Gather what stands above and below every page, once; not the numbers of pages."""
        seen = set()
        for part in self._parts.named("header", "footer"):
            what = f"its {part.rpartition('/')[2]}"
            root = self._parts.optional(what, self._parts.package.tree, part, None)
            text = self._text(shown(root)) if root is not None else ""
            if text not in seen and sum(map(str.isalpha, text)) > _LEAST_HEAD:
                seen.add(text)
                self._gathered.add(text)

    def _text(self, root: Element) -> str:
        """Return the lines of a note, a comment, or the head of a page."""
        lines = [self._runs.line(one) for one in root.iter() if local(one) == "p"]
        self._hidden_beside += [line.hidden for line in lines if line.hidden]
        return "\n".join(line.text for line in lines if line.text)

    def _paragraph(self, paragraph: Element) -> None:
        line = self._runs.line(paragraph)
        properties = properties_of(paragraph)
        mark = child(properties, "rPr")
        if child(mark, "del") is not None or child(mark, "moveFrom") is not None:
            self._joined.append(line)
            return
        lines, self._joined = [*self._joined, line], []
        text = "".join(one.text for one in lines)
        style = value(properties, "pStyle")
        place = self._numbering.place(list_place(properties), style)
        if place is not None and not self._is_unseen(text, lines, mark):
            drawn = self._numbering.next(*place)
            text = drawn + text if text else ""  # a number alone says nothing
        depth = place[1] if place is not None else typed_depth(text)
        level = self._level(properties, style) if len(text) <= _LONGEST_HEADING else None
        self._lead_ins.add(text, level, depth, partial(self._after, lines))

    def _is_unseen(self, text: str, lines: list[Line], mark: Element | None) -> bool:
        """Tell whether all of a paragraph is hidden, so that it has no number either."""
        return not text and (
            any(line.hidden for line in lines) or child(mark, "vanish") is not None
        )

    def _level(self, properties: Element | None, style: str) -> int | None:
        """Return a paragraph's level when it is a heading, by its own outline or its style."""
        outline = number(value(properties, "outlineLvl"))
        if outline is not None:
            return outline_level(outline)
        return self._styles.heading_level(style)

    def _after(self, lines: list[Line]) -> None:
        """Gather what comes after a paragraph or a table: hidden text, notes and text boxes."""
        for line in lines:
            self._beside(line)
            for box in line.boxes:
                self.blocks(box)

    def _beside(self, line: Line) -> None:
        self._apart(line.hidden, _HIDDEN)
        self._apart("".join(line.prompts), _PROMPTS)
        for note in line.notes:
            mark = self._marks.get(note) or line.marks.get(note, "")
            if text := self._notes.pop(note, ""):
                for typed in (mark, raised(mark)):
                    text = text.removeprefix(typed) if mark else text
                self._gathered.add(f"{note_mark(mark)} {text.lstrip()}" if mark else text)

    def _apart(self, text: str, place: str) -> None:
        """Gather text that is not the document's own at a place that says so, once."""
        text = text.strip()
        if text and (place, text) not in self._set_apart:
            self._set_apart.add((place, text))
            self._gathered.place(place)
            self._gathered.add(text)
            self._gathered.place("")

    def _table(self, table: Element) -> None:
        self._lead_ins.flush()
        if is_layout(table):
            for row in children(table, "tr"):
                for cell in children(row, "tc"):
                    self.blocks(cell)
            return
        lines: list[Line] = []
        cells = table_of(table, lambda cell: self._cell(cell, lines))
        if cells.rows:
            self._gathered.table(cells.rows, headers=cells.headers)
        for line in lines:
            self._beside(line)

    def _cell(self, parent: Element, lines: list[Line]) -> str:
        """Return the text of a cell, with that of its text boxes and of tables within."""
        texts: list[str] = []
        for one in parent:
            kind = local(one)
            if kind == "p":
                line = self._runs.line(one)
                lines.append(line)
                properties = properties_of(one)
                place = self._numbering.place(list_place(properties), value(properties, "pStyle"))
                drawn = self._numbering.next(*place) if place is not None else ""
                texts.append(drawn + line.text if line.text else "")
                texts += [self._cell(box, lines) for box in line.boxes]
            elif kind == "tbl":
                inner = table_of(one, lambda cell: self._cell(cell, lines))
                rows = (" | ".join(filter(None, row)) for row in inner.rows)
                texts.append("; ".join(filter(None, rows)))
            elif kind not in _PROPERTIES:
                texts.append(self._cell(one, lines))
        return " ".join(text for text in texts if text)

    def _chunk(self, relation: str) -> None:
        """Read a document of another kind that stands in this one."""
        from rag.formats.dispatch import extract

        part = self._parts.by_id.get(relation, "")
        try:
            if not part:
                raise UnreadableFileError("the file is damaged: it does not say where this is")
            chunk = extract(part, self._parts.package.read(part))
            if any(place.label for place in chunk.places):
                self._gathered.include(chunk, PurePath(part).name)
            else:
                self._gathered.merge(chunk)
        except UnreadableFileError as error:
            self._gathered.could_not_read(part or "a document within it", str(error))
