"""Numbers of lists and headings as programs draw them: 1, iv, (c), AA, 第三."""

from collections.abc import Callable

_ROMAN = ((1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"),
          (40, "xl"), (10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i"))  # fmt: skip
_GREEK = "αβγδεζηθικλμνξοπρστυφχψω"
_RUSSIAN = "абвгдежзиклмнопрстуфхцчшщыэюя"
_HEBREW = ((400, "ת"), (300, "ש"), (200, "ר"), (100, "ק"), (90, "צ"), (80, "פ"), (70, "ע"),
           (60, "ס"), (50, "נ"), (40, "מ"), (30, "ל"), (20, "כ"), (16, "טז"), (15, "טו"), (10, "י"),
           (9, "ט"), (8, "ח"), (7, "ז"), (6, "ו"), (5, "ה"), (4, "ד"), (3, "ג"), (2, "ב"),
           (1, "א"))  # fmt: skip
_ARABIC_ABJAD = "أبجدهوزحطيكلمنسعفصقرشتثخذضظغ"
_ARABIC_ALPHABET = "أبتثجحخدذرزسشصضطظعغفقكلمنهوي"
_CHINESE_DIGITS = "〇一二三四五六七八九"
_CIRCLED = 0x2460


def roman(number: int) -> str:
    """Return a number from 1 to 3,999 in small Roman numerals, others in digits."""
    if not 0 < number < 4000:
        return str(number)
    return _additive(number, _ROMAN)


def alphabetic(number: int, letters: str = "abcdefghijklmnopqrstuvwxyz") -> str:
    """Return a, b ... z, aa, ab, as spreadsheets count their columns; digits below 1."""
    if number < 1:
        return str(number)
    text = ""
    while number:
        number, rest = divmod(number - 1, len(letters))
        text = letters[rest] + text
    return text


def repeated(number: int, letters: str = "abcdefghijklmnopqrstuvwxyz") -> str:
    """Return a, b ... z, aa, bb, as Word counts: the same letter again; digits below 1."""
    if number < 1:
        return str(number)
    times, rest = divmod(number - 1, len(letters))
    return letters[rest] * min(times + 1, 30)


def hebrew(number: int) -> str:
    """Return a number from 1 to 999 in Hebrew letters, others in digits."""
    return _additive(number, _HEBREW) if 0 < number < 1000 else str(number)


def chinese(number: int) -> str:
    """Return a number from 0 to 9,999 in Chinese numerals, others in digits."""
    if not 0 <= number < 10_000:
        return str(number)
    if number < 10:
        return _CHINESE_DIGITS[number]
    text, pending_zero = "", False
    for unit, sign in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit, number = divmod(number, unit)
        if digit:
            text += ("〇" if pending_zero else "") + _CHINESE_DIGITS[digit] + sign
            pending_zero = False
        elif text and number:
            pending_zero = True
    return text.removeprefix("一") if text.startswith("一十") else text


def ordinal(number: int) -> str:
    """Return an English ordinal: 1st, 2nd, 11th."""
    if number % 100 in (11, 12, 13):
        return f"{number}th"
    return f"{number}{ {1: 'st', 2: 'nd', 3: 'rd'}.get(number % 10, 'th') }"


def circled(number: int) -> str:
    """Return a number from 1 to 20 in a circle, others in digits."""
    return chr(_CIRCLED + number - 1) if 0 < number <= 20 else str(number)


NUMBERINGS: dict[str, Callable[[int], str]] = {
    "decimal": str,
    "decimal-leading-zero": lambda number: f"{number:02}",
    "lower-roman": roman,
    "upper-roman": lambda number: roman(number).upper(),
    "lower-alpha": alphabetic,
    "upper-alpha": lambda number: alphabetic(number).upper(),
    "lower-repeated": repeated,
    "upper-repeated": lambda number: repeated(number).upper(),
    "lower-greek": lambda number: alphabetic(number, _GREEK),
    "lower-russian": lambda number: alphabetic(number, _RUSSIAN),
    "upper-russian": lambda number: alphabetic(number, _RUSSIAN).upper(),
    "hebrew": hebrew,
    "arabic-abjad": lambda number: alphabetic(number, _ARABIC_ABJAD),
    "arabic-alphabet": lambda number: alphabetic(number, _ARABIC_ALPHABET),
    "chinese": chinese,
    "ordinal": ordinal,
    "circled": circled,
}
"""How a number is drawn, by the name of the numbering: CSS's where it has one."""


def _additive(number: int, values: tuple[tuple[int, str], ...]) -> str:
    text = ""
    for value, sign in values:
        while number >= value:
            text, number = text + sign, number - value
    return text
