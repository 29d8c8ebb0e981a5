"""What a Word document of the binary format shows, from its tables of properties."""

import struct
from collections.abc import Sequence

import pytest

from rag.formats.office.word97.text import Shown, Tables, TextPiece, shown

TEXT = 4096
"""Where the text is in the main stream; before it are the header and pages of properties."""
SUPER, SUB = b"\x48\x2a\x01", b"\x48\x2a\x02"
HIDDEN, DELETED = b"\x3c\x08\x01", b"\x00\x08\x01"


def page(bounds: Sequence[int], held: Sequence[bytes], width: int) -> bytes:
    """Return a page of runs; each of `held` is what the page says of one."""
    made = bytearray(512)
    struct.pack_into(f"<{len(bounds)}I", made, 0, *bounds)
    at = 500
    for number, one in enumerate(held):
        if one:
            at = (at - len(one)) // 2 * 2
            made[at : at + len(one)] = one
            made[4 * len(bounds) + width * number] = at // 2
    made[511] = len(held)
    return bytes(made)


def read(
    text: str,
    runs: Sequence[tuple[str, bytes]] = (),
    lists: Sequence[int] = (),
    tables: dict[int, bytes] | None = None,
    lengths: Sequence[int] = (),
) -> Shown:
    """Return what is shown of a text.

    `runs` are changes to words in it, `lists` the levels of its paragraphs, -1 for those in none.
    """
    stream = bytearray(TEXT) + text.encode("cp1252")
    bounds, held = [TEXT], []
    for word, change in runs:
        start = text.index(word, bounds[-1] - TEXT)
        bounds += [TEXT + start, TEXT + start + len(word)]
        held += [b"", bytes([len(change)]) + change]
    stream[512:1024] = page(bounds, held, 1)
    ends = [TEXT] + [TEXT + n + 1 for n, one in enumerate(text) if one == "\r"]
    said = [
        b"\0\0\x0a\x26" + bytes([level]) + b"\x0b\x46\x01\0" if level >= 0 else b""
        for level in lists
    ]
    said = [bytes([(len(one) + 1) // 2]) + one if one else b"" for one in said]
    stream[1024:1536] = page(ends[: len(said) + 1], said, 13)
    parts = {12: struct.pack("<3I", 0, 0, 1), 13: struct.pack("<3I", 0, 0, 2), **(tables or {})}
    table = b""
    for number, part in parts.items():
        struct.pack_into("<II", stream, 154 + 8 * number, len(table), len(part))
        table += part
    struct.pack_into("<6I", stream, 76, *(lengths or (len(text), 0, 0, 0, 0, 0)))
    whole = [TextPiece(0, len(text), TEXT, 1)]
    return shown(text, whole, Tables(bytes(stream), table))


def level(pattern: str, numbering: int) -> bytes:
    text = struct.pack("<H", len(pattern)) + pattern.encode("utf-16-le")
    return struct.pack("<iB", 1, numbering) + bytes(23) + text


LISTS = {
    73: struct.pack("<HI", 1, 77) + bytes(24)
    + level("\0.", 0) + level("\0.\1", 0) + level("(\2)", 4) + 6 * level("", 23),
    74: struct.pack("<II", 1, 77) + bytes(12) + b"\xff\xff\xff\xff",
}  # fmt: skip


def test_raised_and_lowered_digits() -> None:
    found = read("3 x 106 and H2O\r", [("6", SUPER), ("2", SUB)])
    assert found == Shown("3 x 10⁶ and H₂O\r")


def test_hidden_text_is_told_apart_and_deleted_text_is_gone() -> None:
    found = read("At ten. Or not.\rOld new\r", [(" Or not.", HIDDEN), ("Old ", DELETED)])
    assert found == Shown("At ten.\rnew\r", [" Or not."])


def test_paragraphs_have_the_numbers_that_word_draws() -> None:
    text = "Term\rIt begins.\ronce\r\rRent\rDue.\rNone\r"
    found = read(text, lists=[0, 1, 2, 2, 0, 1, -1], tables=LISTS)
    assert found.text == "1. Term\r1.1 It begins.\r(a) once\r\r2. Rent\r2.1 Due.\rNone\r"


def test_deleted_paragraphs_do_not_count() -> None:
    found = read("a\rb\rc\r", [("b\r", DELETED)], lists=[0, 0, 0], tables=LISTS)
    assert found.text == "1. a\r2. c\r"


def test_notes_have_their_marks() -> None:
    text = "In 1628\x02 or 1629\x02.\r\x02 By wind.\r\x02 By rain.\r"
    main, note = text.index("\x02 By"), len("\x02 By wind.\r")
    tables = {
        2: struct.pack("<3I2H", 7, 16, main, 1, 1),
        3: struct.pack("<4I", 0, note, 2 * note, 2 * note),
    }
    found = read(text, tables=tables, lengths=(main, 2 * note, 0, 0, 0, 0))
    assert found.text == "In 1628[1] or 1629[2].\r[1]  By wind.\r[2]  By rain.\r"


def test_damaged_tables_are_told() -> None:
    with pytest.raises((struct.error, IndexError)):
        read("a\r", lists=[0], tables={**LISTS, 73: b"\x05\0\x01"})
