"""Rows read from an SQLite file page by page, as SQLite itself reads them."""

import random
from pathlib import Path

import apsw
import pytest

from vector_store.pages import PAGE, Pages

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


def made(path: Path, rows: list[tuple[object, ...]]) -> apsw.Connection:
    connection = apsw.Connection(str(path))
    connection.pragma("page_size", PAGE)
    connection.pragma("journal_mode", "wal")
    connection.execute("CREATE TABLE things (id INTEGER PRIMARY KEY, a, b, c)")
    connection.executemany("INSERT INTO things (a, b, c) VALUES (?, ?, ?)", rows)
    return connection


def things(path: Path) -> list[tuple[object, ...]]:
    found = [row for row in Pages.of(path).rows() if len(row.values) == 4 and row.whole]
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
    pages = Pages.of(path)
    of_things = pages.of_table("things")
    assert of_things == set(range(2, pages.count + 1))
    assert not [row for row in pages.rows(without=of_things) if len(row.values) == 4]
    assert pages.of_table("others") == frozenset()
