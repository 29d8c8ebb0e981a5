"""Lists of a Word document of the binary format ([MS-DOC] 2.9.131 LFO, 2.9.147 LSTF, 2.9.150 LVLF).

Every list is read as one of the new format is, so that both count alike.
"""

import struct
from dataclasses import dataclass

from rag.formats.office.word.counting import LEVELS, Counting, ListLevel, ListUse
from rag.formats.office.word97.properties import changes

_FORMATS = {
    0: "decimal", 1: "upperRoman", 2: "lowerRoman", 3: "upperLetter", 4: "lowerLetter",
    5: "ordinal", 6: "cardinalText", 7: "ordinalText", 8: "hex", 9: "chicago",
    10: "ideographDigital", 11: "japaneseCounting", 12: "aiueo", 13: "iroha",
    14: "decimalFullWidth", 17: "japaneseDigitalTenThousand", 18: "decimalEnclosedCircle",
    19: "decimalFullWidth2", 20: "aiueoFullWidth", 21: "irohaFullWidth", 22: "decimalZero",
    23: "bullet", 24: "ganada", 25: "chosung", 26: "decimalEnclosedFullstop",
    27: "decimalEnclosedParen", 28: "decimalEnclosedCircleChinese", 30: "ideographTraditional",
    31: "ideographZodiac", 33: "taiwaneseCounting", 35: "taiwaneseCountingThousand",
    36: "taiwaneseDigital", 37: "chineseCounting", 39: "chineseCountingThousand",
    41: "koreanDigital", 44: "koreanDigital2", 45: "hebrew1", 46: "arabicAlpha", 47: "hebrew2",
    48: "arabicAbjad", 53: "thaiLetters", 54: "thaiNumbers", 57: "numberInDash",
    58: "russianLower", 59: "russianUpper", 255: "none",
}  # fmt: skip
"""Names of the formats ([MS-OSHARED] 2.2.1.3 MSONFC) in the new format."""
_LIST, _LEVEL = 0x460B, 0x260A
_NO_STYLE = 0xFFF
_LONGEST_CHAIN = 20
_MOST_LISTS = 4_000


@dataclass(frozen=True, slots=True)
class Style:
    """What a style says of lists; None where it does not."""

    parent: int
    list_number: int | None
    level: int | None


def counting(definitions: bytes, uses: bytes) -> Counting:
    """Return the lists of a document, by their numbers from 1.

    `definitions` begins with the PlfLst, and has the levels behind it; `uses` is the PlfLfo.
    Raises struct.error or IndexError for what is cut off.
    """
    known = _definitions(definitions)
    count = min(struct.unpack_from("<I", uses)[0], _MOST_LISTS)
    at = 4 + 16 * count
    lists = {}
    for number in range(count):
        (identity,) = struct.unpack_from("<I", uses, 4 + 16 * number)
        starts: dict[int, int] = {}
        levels: dict[int, ListLevel] = {}
        at += 4
        for _ in range(uses[4 + 16 * number + 12]):
            start, flags = struct.unpack_from("<iI", uses, at)
            at += 8
            if flags & 0x20:
                levels[flags & 15], at = _level(uses, at)
            if flags & 0x10:
                starts[flags & 15] = start
        lists[str(number + 1)] = ListUse(str(identity), starts, levels)
    return Counting(lists, known)


def styles(sheet: bytes) -> dict[int, Style]:
    """Return the styles of a document by their numbers; `sheet` is the STSH (2.9.271)."""
    if len(sheet) < 6:
        return {}
    size, count, base = struct.unpack_from("<HHH", sheet)
    at = 2 + size
    known = {}
    for number in range(count):
        if at + 2 > len(sheet):
            break
        (length,) = struct.unpack_from("<H", sheet, at)
        if length > base:
            known[number] = _style(sheet[at + 2 : at + 2 + length], base)
        at += 2 + length
    return known


def place(
    known: dict[int, Style], style: int, list_number: int | None, level: int | None
) -> tuple[str, int]:
    """Return the list and the level of a paragraph; list "0" where it is in none."""
    for _ in range(_LONGEST_CHAIN):
        named = known.get(style)
        if named is None or list_number is not None:
            break
        list_number = named.list_number
        level = named.level if level is None else level
        style = named.parent
    return str(list_number or 0), min(level or 0, LEVELS - 1)


def _style(held: bytes, base: int) -> Style:
    (kind,) = struct.unpack_from("<H", held, 2)
    parent = kind >> 4
    at = base + 2 + 2 * int.from_bytes(held[base : base + 2], "little") + 2
    said: dict[int, int] = {}
    if kind & 15 == 1:  # of paragraphs
        length = int.from_bytes(held[at : at + 2], "little")
        said = dict(changes(held[at + 4 : at + 2 + length]))
    return Style(parent if parent != _NO_STYLE else -1, said.get(_LIST), said.get(_LEVEL))


def _definitions(held: bytes) -> dict[str, dict[int, ListLevel]]:
    (count,) = struct.unpack_from("<H", held)
    count = min(count, _MOST_LISTS)
    at = 2 + 28 * count
    definitions: dict[str, dict[int, ListLevel]] = {}
    for number in range(count):
        (identity,) = struct.unpack_from("<I", held, 2 + 28 * number)
        is_simple = held[2 + 28 * number + 26] & 1
        levels = definitions.setdefault(str(identity), {})
        for level in range(1 if is_simple else LEVELS):
            levels[level], at = _level(held, at)
    return definitions


def _level(held: bytes, at: int) -> tuple[ListLevel, int]:
    """Return the level at an offset, and where it ends."""
    start, numbering, flags = struct.unpack_from("<iBB", held, at)
    follow, of_characters, of_paragraph, restart = (held[at + n] for n in (15, 24, 25, 26))
    at += 28 + of_characters + of_paragraph
    (length,) = struct.unpack_from("<H", held, at)
    text = held[at + 2 : at + 2 + 2 * length].decode("utf-16-le", "replace")
    pattern = "".join(f"%{ord(one) + 1}" if ord(one) < LEVELS else one for one in text)
    level = ListLevel(
        start=start,
        numbering=_FORMATS.get(numbering, "decimal"),
        pattern=pattern,
        restart=restart if flags & 8 else None,
        gap="" if follow == 2 else " ",
        legal=bool(flags & 4),
    )
    return level, at + 2 + 2 * length
