"""Rows read from an SQLite file page by page, as SQLite itself reads them."""

import errno
import io
import os
import random
from collections.abc import Sequence
from pathlib import Path

import apsw
import pytest

from vector_store.sqlite.page_reader import PAGE, Pages

VALUES = (
    0,
    1,
    -1,
    127,
    -129,
    1 << 20,
    -(1 << 40),
    (1 << 63) - 1,
    None,
    1.5,
    "naïve رحلة",
    b"\0\xff",
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "some.sqlite3"


def made(path: Path, rows: Sequence[tuple[object, ...]]) -> apsw.Connection:
    connection = apsw.Connection(str(path))
    connection.pragma("page_size", PAGE)
    connection.pragma("journal_mode", "wal")
    connection.execute("CREATE TABLE things (id INTEGER PRIMARY KEY, a, b, c)")
    connection.executemany("INSERT INTO things (a, b, c) VALUES (?, ?, ?)", rows)
    return connection


def things(path: Path) -> list[tuple[object, ...]]:
    with Pages.of(path) as pages:
        return things_of(pages)


def things_of(pages: Pages) -> list[tuple[object, ...]]:
    found = [row for row in pages.rows() if len(row.values) == 4 and row.whole]
    return sorted((row.rowid, *row.values[1:]) for row in found)


def test_every_row_is_read_whatever_its_values_and_length(path: Path) -> None:
    chance = random.Random(1)
    rows = [
        (chance.choice(VALUES), chance.randbytes(chance.choice((0, 5, 3000, 4060, 50_000))), number)
        for number in range(300)
    ]
    connection = made(path, rows)
    expected = list(connection.execute("SELECT * FROM things"))
    assert things(path) == expected  # partly or all in the log still
    connection.close()
    assert not path.with_name("some.sqlite3-wal").exists()
    assert things(path) == expected


def test_of_the_log_what_was_committed_counts(path: Path) -> None:
    connection = made(path, [("old", None, None)])
    connection.pragma("wal_checkpoint(truncate)")
    connection.pragma("wal_autocheckpoint", 0)
    connection.execute("UPDATE things SET a = 'new'")
    log = path.with_name("some.sqlite3-wal")
    assert things(path) == [(1, "new", None, None)]
    whole = log.read_bytes()
    log.write_bytes(whole[:-1])  # as a power cut may leave it
    assert things(path) == [(1, "old", None, None)]
    log.write_bytes(whole)
    connection.close()


def test_a_damaged_page_costs_what_stands_on_it(path: Path) -> None:
    connection = made(path, [(number, b"x" * 500, None) for number in range(100)])
    connection.close()
    data = bytearray(path.read_bytes())
    expected = things(path)
    for number in range(3, len(data) // PAGE + 1):
        path.write_bytes(data[: (number - 1) * PAGE] + bytes(PAGE) + data[number * PAGE :])
        left = things(path)
        assert set(left) < set(expected)
        assert len(left) >= 92
    path.write_bytes(data[:100] + bytes(PAGE - 100) + data[PAGE:])  # the names of the tables
    assert things(path) == expected


def test_removed_rows_do_not_come_back(path: Path) -> None:
    connection = made(path, [(number, b"x" * 3000, None) for number in range(50)])
    connection.execute("DELETE FROM things WHERE a > 4")
    connection.close()
    assert [row[1] for row in things(path)] == [0, 1, 2, 3, 4]


def test_the_pages_of_a_table_are_told(path: Path) -> None:
    connection = made(path, [(number, b"x" * 500, None) for number in range(100)])
    connection.close()
    with Pages.of(path) as pages:
        of_things = pages.of_table("things")
        assert of_things == set(range(2, pages.count + 1))
        assert not [row for row in pages.rows(without=of_things) if len(row.values) == 4]
        assert pages.of_table("others") == frozenset()


class Disk(io.FileIO):
    """A file of which some pages cannot be read."""

    bad: frozenset[int] = frozenset()

    def read(self, size: int | None = -1, /) -> bytes:
        if self.tell() // PAGE + 1 in self.bad:
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        return super().read(-1 if size is None else size)


def test_a_page_that_the_disk_does_not_give_is_a_damaged_page(path: Path) -> None:
    connection = made(path, [(number, b"x" * 500, None) for number in range(100)])
    connection.close()
    expected = things(path)
    data = path.read_bytes()
    count = len(data) // PAGE
    for number in range(1, count + 1):
        with Disk(path) as disk:
            disk.bad = frozenset({number})
            left = things_of(Pages(count, disk))
        path.write_bytes(data[: (number - 1) * PAGE] + bytes(PAGE) + data[number * PAGE :])
        assert left == things(path)
        assert (left == expected) == (number <= 2)
        path.write_bytes(data)
    with Disk(path) as disk:
        disk.bad = frozenset(range(1, count + 1))
        with pytest.raises(OSError, match=os.strerror(errno.EIO)):
            things_of(Pages(count, disk))


def test_a_file_cut_while_it_is_read_costs_what_was_cut_off(path: Path) -> None:
    connection = made(path, [(number, b"x" * 500, None) for number in range(100)])
    connection.close()
    whole = things(path)
    with Pages.of(path) as pages:
        os.truncate(path, 5 * PAGE)
        left = things_of(pages)
    assert left
    assert left == whole[: len(left)] != whole
