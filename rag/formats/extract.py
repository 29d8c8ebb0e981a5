"""A reader's result (text, blocks, and their places in the file), and a builder for it."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from rag.errors import UnreadableFileError
from rag.formats import tables
from rag.formats.metadata.properties import Properties
from rag.text.blocks import Block, Place
from rag.text.encodings import encodable

LONGEST_TEXT = 50_000_000
"""Characters. A file with more is a data dump."""
MOST_BLOCKS = 500_000
"""Paragraphs and rows of one file. Their records take some 300 MB in the indexing process, half of
what a file may take there."""

_OF_FIELDS = 0
"""The level of the heading made of a contained file's fields: above all of its own headings."""
_LONGEST_TABLE = 1_200  # characters; a longer table is cited row by row
# Control characters except tab and line feed, soft hyphens, zero-width spaces, byte order marks.
_INVISIBLE = re.compile("[\x00-\x08\x0b-\x1f\x7f\xad\u200b\ufeff]")
_LINE_ENDS = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
_BULLETS = str.maketrans("\uf0b7\uf0a7\uf0d8", "•▪➢")  # as symbol fonts number them
_SPACES = re.compile("[ \t\u00a0\u2007\u202f]+")


_OF_MAILS = {"from", "to", "cc", "subject"}
Fields = tuple[tuple[str, str], ...]
"""Names and values, as in `vector_store.records`, which a worker does not load."""


@dataclass(frozen=True, slots=True)
class UnreadPart:
    """A part of a file, such as an attachment, that could not be read, and the reason."""

    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class Extract:
    """The text read from a file's bytes."""

    title: str
    """The title in the file's metadata; empty when it has none."""
    text: str
    blocks: tuple[Block, ...]
    places: tuple[Place, ...] = ()
    unread: tuple[UnreadPart, ...] = ()
    fields: Fields = ()
    """What the file says of itself beside its text, by the name of the field: those of a mail are
    "from", "to", "cc", "date" (ISO 8601) and "subject", in this order; those of another document
    are "title", "author" and "date", as its metadata state them."""

    def check_size(self) -> None:
        """Raise UnreadableFileError when the text is too long for one document."""
        if len(self.text) > LONGEST_TEXT:
            raise _too_long()
        if len(self.blocks) > MOST_BLOCKS:
            raise UnreadableFileError(
                f"the file contains more than {MOST_BLOCKS:,} paragraphs or rows; split it"
            )

    def columns(self) -> dict[str, Any]:
        """Return everything except the text, ready for JSON.

        Blocks and places are stored as columns, and each distinct string once (every row of a
        table repeats its header). As objects they would take several times the memory.
        """
        numbers: dict[str, int] = {}

        def number(text: str) -> int:
            return numbers.setdefault(text, len(numbers))

        blocks, places = self.blocks, self.places
        return {
            "title": self.title,
            "starts": [block.start for block in blocks],
            "ends": [block.end for block in blocks],
            "levels": [block.level for block in blocks],
            "headings": [number(block.heading) for block in blocks],
            "columns": [number(block.columns) for block in blocks],
            "lead_ins": [number(block.lead_in) for block in blocks],
            "place_starts": [place.start for place in places],
            "labels": [number(place.label) for place in places],
            "pages": [place.page for place in places],
            "fresh": [place.fresh for place in places],
            "unread": [asdict(part) for part in self.unread],
            "fields": [list(field) for field in self.fields],
            "strings": list(numbers),
        }

    @classmethod
    def from_columns(cls, text: str, values: dict[str, Any]) -> "Extract":
        """Return an extract from its text and `columns`.

        Raises TypeError, KeyError, IndexError or ValueError for anything else.
        """
        string = values["strings"].__getitem__
        strings = ("headings", "columns", "lead_ins")
        headings, columns, lead_ins = (map(string, values[name]) for name in strings)
        spans = values["starts"], values["ends"], values["levels"]
        labels = map(string, values["labels"])
        placed = values["place_starts"], labels, values["pages"], values["fresh"]
        return cls(
            values["title"],
            text,
            tuple(map(Block, *spans, headings, columns, lead_ins)),
            tuple(map(Place, *placed)),
            tuple(UnreadPart(**part) for part in values["unread"]),
            tuple((str(name), str(value)) for name, value in values["fields"]),
        )


class Gathering:
    """A builder of an extract. Blocks are added in order, separated by empty lines."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self._pieces: list[str] = []
        self._length = 0
        self._blocks: list[Block] = []
        self._places: list[Place] = []
        self._unread: list[UnreadPart] = []
        self._fields: list[tuple[str, str]] = []

    def field(self, name: str, value: str) -> None:
        """Set a field of the document; see `Extract.fields`. An empty one is left out."""
        value = " ".join(visible(value).split())
        if value:
            self._fields.append((name, value))

    def describe(self, properties: Properties) -> str:
        """Set the fields that the file's metadata state; return the title among them."""
        for name, value in properties.fields():
            self.field(name, value)
        return properties.title

    def place(self, label: str, page: int | None = None, *, fresh: bool = False) -> None:
        """Set the place of what follows; with `fresh`, no earlier heading applies to it."""
        label = " ".join(visible(label).split())
        if self._places and self._places[-1].start == self._length:
            fresh = fresh or self._places[-1].fresh  # the previous place was empty
        if not self._places or (self._places[-1].label, self._places[-1].page) != (label, page):
            self._places.append(Place(self._length, label, page, fresh))

    def add(
        self,
        text: str,
        level: int | None = None,
        *,
        columns: str = "",
        lead_in: str = "",
        gap: str = "\n\n",
    ) -> None:
        """Add a block, a heading if it has a level. Text of only white space is ignored."""
        whole = visible(text).strip()
        if whole:
            start = self._append(whole, gap)
            heading = " ".join(whole.split()) if level is not None else ""
            self._blocks.append(Block(start, self._length, level, heading, columns, lead_in))

    def pass_over(self, text: str) -> None:
        """Add text outside all blocks, such as a page's running head."""
        whole = visible(text).strip()
        if whole:
            self._append(whole, "\n\n")

    def table(self, rows: Sequence[Sequence[str]], headers: int | None = None) -> None:
        """Add a table: a short one as one block, others row by row, each with the columns' names.

        `headers` is the number of header rows that the file itself marks, None where it marks none
        and only the rows can tell. A label that spans columns or rows stands in each of them.
        """
        cells = [one_lined(row) for row in rows]
        header = tables.header(cells, headers)
        lines = tables.lines(cells, header)
        if sum(map(len, lines)) <= _LONGEST_TABLE:
            self.add("\n".join(line for line in lines if line))
            return
        for position, line in enumerate(lines):
            below = position >= header.end
            self.add(line, columns=header.names if below else "", gap="\n")

    def include(self, part: Extract, name: str) -> None:
        """Add the extract of a file contained in this one under `name`; a mail's fields head it."""
        name = " ".join(visible(name).split())
        mail = mail_fields(part.fields)
        fields = "; ".join(field_lines(field for field in mail if field[0] != "subject"))
        if fields:
            self.place(name, fresh=True)
            self.add(fields, _OF_FIELDS)
        start = self._append(part.text, "\n\n")
        is_placed = bool(fields or (part.places and part.places[0].start == 0))
        ahead = [] if is_placed else [Place(0, "", fresh=True)]
        for place in (*ahead, *part.places):
            label = f"{name}, {place.label}" if place.label else name
            fresh = place.fresh or (place.start == 0 and not fields)
            self._places.append(Place(start + place.start, label, place.page, fresh))
        self._blocks += [replace(b, start=start + b.start, end=start + b.end) for b in part.blocks]
        self._unread += [UnreadPart(f"{name}/{u.name}", u.reason) for u in part.unread]

    def merge(self, part: Extract) -> None:
        """Add text and blocks of this file's own, at the current place."""
        start = self._append(part.text, "\n\n")
        self._blocks += [replace(b, start=start + b.start, end=start + b.end) for b in part.blocks]
        self._unread += part.unread

    def could_not_read(self, name: str, reason: str) -> None:
        """Record a part that cannot be read."""
        self._unread.append(UnreadPart(visible(name), reason))

    @property
    def is_empty(self) -> bool:
        """Whether no block has been added."""
        return not self._blocks

    def extract(self, title: str = "") -> Extract:
        """Return the finished extract."""
        return Extract(
            " ".join(visible(title).split()),
            "".join(self._pieces),
            tuple(self._blocks),
            tuple(self._places),
            tuple(self._unread),
            tuple(self._fields),
        )

    def _append(self, text: str, gap: str) -> int:
        """Append text after a gap, and return its start."""
        if self._pieces:
            self._pieces.append(gap)
            self._length += len(gap)
        if self._places and self._places[-1].start == self._length - len(gap):
            self._places[-1] = replace(self._places[-1], start=self._length)
        start = self._length
        self._pieces.append(text)
        self._length += len(text)
        if self._length > LONGEST_TEXT:  # before more memory is used
            raise _too_long()
        return start


def _too_long() -> UnreadableFileError:
    millions = LONGEST_TEXT // 1_000_000
    return UnreadableFileError(
        f"the file contains more than {millions} million characters of text; split it"
    )


def visible(text: str) -> str:
    """Return text with uniform line ends and without invisible characters."""
    return encodable(_INVISIBLE.sub("", _LINE_ENDS.sub("\n", text))).translate(_BULLETS)


def one_spaced(text: str) -> str:
    """Return text with single spaces, and none at either end of a line."""
    lines = (_SPACES.sub(" ", line).strip() for line in text.split("\n"))
    return "\n".join(lines).strip("\n")


def field_lines(fields: Iterable[tuple[str, str]]) -> list[str]:
    """Return fields as lines for people; the same as in `vector_store.records`."""
    return [f"{name.capitalize()}: {value}" for name, value in fields]


def mail_fields(fields: Fields) -> Fields:
    """Return the fields of a mail, none of another document's; as in `vector_store.records`."""
    return fields if any(name in _OF_MAILS for name, _ in fields) else ()


def one_lined(cells: Sequence[str]) -> list[str]:
    """Return a table's cells as they stand in one line, without white space at either end."""
    return [_one_line(cell) for cell in cells]


def _one_line(cell: str) -> str:
    if not (cell.isascii() and cell.isprintable()):  # else there is nothing to leave out
        cell = visible(cell)
    return " ".join(cell.split())
