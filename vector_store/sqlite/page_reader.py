"""Rows read straight from the pages of an SQLite file, however damaged the rest of it is.

SQLite gives up at the first page it cannot follow; here every page is looked at by itself, so a
damaged one costs only what stands on it. Whether a row is what was kept, the caller is to judge.
The layout is that of https://sqlite.org/fileformat2.html, with pages of 4,096 bytes.
"""

import io
import os
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

PAGE = 4096
"""Bytes; `vector_store.sqlite.database` makes no other."""

_TABLE_LEAF, _TABLE_INNER, _INDEX_LEAF, _INDEX_INNER = 0x0D, 0x05, 0x0A, 0x02
_LEAST_LOCAL = (PAGE - 12) * 32 // 255 - 23
_MOST_LOCAL = {_TABLE_LEAF: PAGE - 35, _INDEX_LEAF: (PAGE - 12) * 64 // 255 - 23}
_LOG_MAGIC = {0x377F0682: "<", 0x377F0683: ">"}
_INTEGER_BYTES = {1: 1, 2: 2, 3: 3, 4: 4, 5: 6, 6: 8}

Value = int | float | bytes | str | None


class _DamagedError(Exception):
    """What is looked at is not what it should be."""


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a table, or an entry of an index."""

    rowid: int | None
    """None in an index."""
    values: tuple[Value, ...]
    whole: bool
    """Whether every value was there to be read; else those before the first that was not."""


@dataclass(slots=True)
class Pages:
    """The pages of a database as of its last commit, counted from 1."""

    count: int
    _file: BinaryIO
    """Read page by page and not mapped: a bad block in a mapped file ends the process."""
    _later: dict[int, bytes] = field(default_factory=dict)
    """Pages that stand in the log only."""
    _unreadable: dict[int, OSError] = field(default_factory=dict)
    """Pages that the disk did not give, which are not asked for again."""

    @classmethod
    @contextmanager
    def of(cls, path: Path) -> Iterator["Pages"]:
        """Read a database file, which is open meanwhile, with the log beside it.

        A file that is missing is one without a page: the log may hold some. Raises OSError.
        """
        with path.open("rb", buffering=0) if path.exists() else io.BytesIO() as file:
            size = file.seek(0, os.SEEK_END)
            later = _logged(path.with_name(f"{path.name}-wal"))
            yield cls(max(-(-size // PAGE), *later, 0), file, later)

    def page(self, number: int) -> bytes:
        """Return a page, with zeros for what of it the file does not hold or the disk not give."""
        if number in self._later:
            return self._later[number]
        data = b""
        if number not in self._unreadable:
            try:
                self._file.seek((number - 1) * PAGE)
                data = self._file.read(PAGE)
            except OSError as error:
                self._unreadable[number] = error
        return data.ljust(PAGE, b"\0")

    def rows(self, *, without: frozenset[int] = frozenset()) -> Iterator[Row]:
        """Give the rows of every page, but for those named and those that are free.

        Raises OSError at the end when the disk gave no page at all.
        """
        left_out = without | self._free()
        for number in range(1, self.count + 1):
            if number not in left_out:
                yield from self._rows_of(number)
        if self._unreadable and self._unreadable.keys() >= set(range(1, self.count + 1)):
            raise self._unreadable[1]

    def of_table(self, name: str) -> frozenset[int]:
        """Return the pages of a table, as far as they can be followed."""
        found: set[int] = set()
        follow = [
            root
            for row in self._rows_of(1)
            if row.whole and row.values[:2] == ("table", name) and len(row.values) == 5
            for root in row.values[3:4]
        ]
        while follow:
            number = follow.pop()
            if isinstance(number, int) and 1 < number <= self.count and number not in found:
                found.add(number)
                page = self.page(number)
                if page[0] == _TABLE_INNER:
                    follow += _children(page)
        return frozenset(found)

    def _free(self) -> frozenset[int]:
        """Return the pages that hold nothing any more but what was removed."""
        free: set[int] = set()
        [trunk] = struct.unpack_from(">I", self.page(1), 32)
        while 1 < trunk <= self.count and trunk not in free:
            free.add(trunk)
            page = self.page(trunk)
            trunk, leaves = struct.unpack_from(">II", page)
            free.update(struct.unpack_from(f">{min(leaves, PAGE // 4 - 2)}I", page, 8))
        return frozenset(free)

    def _rows_of(self, number: int) -> Iterator[Row]:
        page = self.page(number)
        head = 100 if number == 1 else 0
        kind = page[head]
        if kind not in (_TABLE_LEAF, _INDEX_LEAF, _INDEX_INNER):
            return
        [cells] = struct.unpack_from(">H", page, head + 3)
        first = head + (12 if kind == _INDEX_INNER else 8)
        for at in range(first, min(first + 2 * cells, PAGE - 1), 2):
            [cell] = struct.unpack_from(">H", page, at)
            try:
                yield self._row(page, kind, cell)
            except (_DamagedError, IndexError, struct.error):
                continue

    def _row(self, page: bytes, kind: int, at: int) -> Row:
        if kind == _INDEX_INNER:
            at, kind = at + 4, _INDEX_LEAF
        size, at = _varint(page, at)
        rowid = None
        if kind == _TABLE_LEAF:
            rowid, at = _varint(page, at)
        local = size
        if size > _MOST_LOCAL[kind]:
            local = _LEAST_LOCAL + (size - _LEAST_LOCAL) % (PAGE - 4)
            local = local if local <= _MOST_LOCAL[kind] else _LEAST_LOCAL
        payload = page[at : at + local]
        if local < size:
            [follows] = struct.unpack_from(">I", page, at + local)
            payload += self._overflow(follows, size - local)
        return _decoded(rowid, payload, size)

    def _overflow(self, number: int, size: int) -> bytes:
        """Return what of a long value stands on pages of its own: less, where they break off."""
        parts: list[bytes] = []
        seen: set[int] = set()
        while size > 0 and 1 < number <= self.count and number not in seen:
            seen.add(number)
            page = self.page(number)
            [number] = struct.unpack_from(">I", page)
            parts.append(page[4 : 4 + size])
            size -= PAGE - 4
        return b"".join(parts)


def _children(page: bytes) -> list[int]:
    [cells, last] = struct.unpack_from(">H3xI", page, 3)
    found = [last]
    for at in range(12, min(12 + 2 * cells, PAGE - 1), 2):
        [cell] = struct.unpack_from(">H", page, at)
        if cell <= PAGE - 4:
            found += struct.unpack_from(">I", page, cell)
    return found


def _varint(data: bytes, at: int) -> tuple[int, int]:
    """Return a number of one to nine bytes, and where it ends. Raises IndexError."""
    value = 0
    for count in range(8):
        byte = data[at + count]
        value = value << 7 | byte & 0x7F
        if byte < 0x80:
            return value, at + count + 1
    value = value << 8 | data[at + 8]
    return value - (1 << 64) if value >> 63 else value, at + 9


def _decoded(rowid: int | None, payload: bytes, size: int) -> Row:
    """Decode a record. Raises _DamagedError, or IndexError when not even its head is there."""
    head, at = _varint(payload, 0)
    kinds: list[int] = []
    while at < head:
        kind, at = _varint(payload, at)
        kinds.append(kind)
    sizes = [_size_of(kind) for kind in kinds]
    if at != head or head + sum(sizes) != size:
        raise _DamagedError
    values: list[Value] = []
    for kind, length in zip(kinds, sizes, strict=True):
        if at + length > len(payload):
            return Row(rowid, tuple(values), whole=False)
        values.append(_value(kind, payload[at : at + length]))
        at += length
    return Row(rowid, tuple(values), whole=True)


def _size_of(kind: int) -> int:
    if kind >= 12:
        return (kind - 12) // 2
    if kind in (10, 11) or kind < 0:
        raise _DamagedError
    return _INTEGER_BYTES.get(kind, 8 if kind == 7 else 0)


def _value(kind: int, data: bytes) -> Value:
    if kind >= 12:
        if kind % 2 == 0:
            return data
        try:
            return data.decode()
        except UnicodeDecodeError as error:
            raise _DamagedError from error
    if kind == 7:
        [value] = struct.unpack(">d", data)
        return float(value)
    if kind in (0, 8, 9):
        return None if kind == 0 else kind - 8
    return int.from_bytes(data, "big", signed=True)


def _logged(path: Path) -> dict[int, bytes]:
    """Return the pages that a log holds, as of the last commit in it that SQLite would take."""
    log = _readable(path) if path.is_file() else b""
    if len(log) < 32:
        return {}
    magic, _, size = struct.unpack_from(">III", log)
    order, salt = _LOG_MAGIC.get(magic), log[16:24]
    if order is None or size != PAGE:
        return {}
    sums = _summed(log[:24], order, (0, 0))
    if struct.pack(">II", *sums) != log[24:32]:
        return {}
    committed: dict[int, bytes] = {}
    since: dict[int, bytes] = {}
    for at in range(32, len(log) - PAGE - 23, PAGE + 24):
        head, page = log[at : at + 24], log[at + 24 : at + 24 + PAGE]
        sums = _summed(head[:8] + page, order, sums)
        if head[8:16] != salt or struct.pack(">II", *sums) != head[16:]:
            break
        number, commit = struct.unpack_from(">II", head)
        since[number] = page
        if commit:
            committed |= since
            since = {}
    return committed


def _readable(path: Path) -> bytes:
    """Return what of a file stands before the first block that the disk does not give."""
    parts: list[bytes] = []
    with path.open("rb", buffering=0) as file:
        try:
            while part := file.read(PAGE):
                parts.append(part)
        except OSError:  # of a log nothing counts behind a gap
            pass
    return b"".join(parts)


def _summed(data: bytes, order: str, sums: tuple[int, int]) -> tuple[int, int]:
    """Return the log's checksum of data, continued from that of what stands before it."""
    first, second = sums
    words = struct.unpack(f"{order}{len(data) // 4}I", data)
    for one, other in zip(words[::2], words[1::2], strict=True):
        first = (first + one + second) & 0xFFFFFFFF
        second = (second + other + first) & 0xFFFFFFFF
    return first, second
