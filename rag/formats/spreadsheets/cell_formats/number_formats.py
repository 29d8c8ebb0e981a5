"""Number formats of workbooks: the text that a cell shows for its value.

The codes are those of ECMA-376 Part 1, 18.8.30 and 18.8.31, as .xlsx and .xls write them. Where a
code leaves something to the reader's country, as the order of a short date, nothing is made up:
dates are given in ISO 8601, and amounts without a currency.
"""

import re
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import lru_cache

from rag.formats.spreadsheets.cell_formats import dates
from rag.formats.spreadsheets.cell_formats.dates import DateFormat
from rag.formats.spreadsheets.cell_formats.digits import fraction, plain, scientific, simple
from rag.formats.spreadsheets.cell_formats.tokens import Kind, Token, sections

Value = str | float | bool | date | time | datetime | timedelta

GENERAL = "General"
BUILT_IN = {
    1: "0", 2: "0.00", 3: "#,##0", 4: "#,##0.00", 5: "#,##0;-#,##0", 6: "#,##0;-#,##0",
    7: "#,##0.00;-#,##0.00", 8: "#,##0.00;-#,##0.00", 9: "0%", 10: "0.00%", 11: "0.00E+00",
    12: "# ?/?", 13: "# ??/??", 14: "yyyy-mm-dd", 15: "d-mmm-yy", 16: "d-mmm", 17: "mmm-yy",
    18: "h:mm AM/PM", 19: "h:mm:ss AM/PM", 20: "h:mm", 21: "h:mm:ss", 22: "yyyy-mm-dd h:mm",
    37: "#,##0;(#,##0)", 38: "#,##0;(#,##0)", 39: "#,##0.00;(#,##0.00)", 40: "#,##0.00;(#,##0.00)",
    41: "#,##0;(#,##0);\\-;@", 42: "#,##0;(#,##0);\\-;@", 43: "#,##0.00;(#,##0.00);\\-;@",
    44: "#,##0.00;(#,##0.00);\\-;@", 45: "mm:ss", 46: "[h]:mm:ss", 47: "mm:ss.0", 48: "##0.0E+0",
    49: "@", **dict.fromkeys((*range(27, 32), 36, *range(50, 55), 57, 58), "yyyy-mm-dd"),
    **dict.fromkeys((32, 33, 34, 35, 55, 56), "h:mm"),
}  # fmt: skip
"""Codes that a file need not define, by their number: ECMA-376 Part 1, 18.8.30."""

_LONGEST_CODE = 255
"""Characters; Excel takes no more."""
_SHOWN_DIGITS = 11
"""Characters of a number without a format, as Excel fits them into a cell."""
_LONGEST_WHOLE = 1e21
"""Whole numbers below it are shown with all digits, as article and account numbers need, where
Excel shortens those of more than eleven."""
_CONDITION = re.compile(r"(<=|>=|<>|<|>|=)\s*(-?[\d.]{1,20}(?:E[+-]?\d{1,2})?)", re.IGNORECASE)


class _Section:
    """One of the up to four parts of a code: for positive numbers, negative ones, zero, texts."""

    def __init__(self, tokens: list[Token]) -> None:
        self.condition: tuple[str, float] | None = None
        for token in tokens:
            if token.kind is Kind.BRACKET and (match := _CONDITION.fullmatch(token.text)):
                self.condition = match[1], float(match[2])
        self.tokens = tuple(token for token in tokens if token.kind is not Kind.BRACKET)
        self.kinds = frozenset(token.kind for token in self.tokens)
        self.date = DateFormat(self.tokens) if Kind.DATE in self.kinds else None
        self.simple = simple(self.tokens)

    def takes(self, value: float) -> bool:
        """Return whether a number meets the section's own condition."""
        if self.condition is None:
            return True
        sign, bound = self.condition
        return (
            ("=" in sign and value == bound)
            or ("<" in sign and value < bound)
            or (">" in sign and value > bound)
        )

    @property
    def is_of_negatives(self) -> bool:
        """Return whether it takes negative numbers only, whose sign it then writes itself."""
        return (
            self.condition is not None and "<" in self.condition[0] and self.condition[1] <= 0
        ) and self.condition[0] != "<>"


def shown(value: Value, code: str = GENERAL) -> str:
    """Return the text that a cell shows for its value by a number format."""
    if isinstance(value, str):
        return value if code == GENERAL else _text(value, _parsed(code))
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int | float):
        return general(value) if code == GENERAL else _number(value, _parsed(code))
    if code == GENERAL:
        return dates.iso(value)
    number = dates.serial(value)
    section, _ = _chosen(number, _parsed(code))
    return dates.iso(value) if Kind.GENERAL in section.kinds else _number(number, _parsed(code))


def general(value: float) -> str:
    """Return a number as a cell without a format shows it; whole ones with all their digits."""
    size = abs(value)
    if size < _LONGEST_WHOLE and value == int(value):
        return str(int(value))
    if size >= 1e15 or size < 1e-4:
        mantissa, _, exponent = f"{value:.5E}".partition("E")
        return f"{mantissa.rstrip('0').rstrip('.')}E{exponent}"
    decimals = max(0, _SHOWN_DIGITS - 1 - len(str(int(size))))
    text = f"{value:.{decimals}f}"
    return text.rstrip("0").rstrip(".") if decimals else text


def _decimal(value: float) -> Decimal:
    """Return a number by the 15 digits that a workbook counts on."""
    return Decimal(f"{value:.15g}")


@lru_cache(maxsize=1_000)
def _parsed(code: str) -> tuple[_Section, ...]:
    if len(code) > _LONGEST_CODE:
        code = GENERAL
    return tuple(map(_Section, sections(code)))


def _chosen(value: float, parts: tuple[_Section, ...]) -> tuple[_Section, bool]:
    """Return the section for a number, and whether a minus sign is written before it."""
    numeric = parts[:3]
    if any(part.condition for part in numeric):
        chosen = next((part for part in numeric if part.takes(value)), numeric[-1])
        return chosen, value < 0 and not chosen.is_of_negatives
    if value < 0 and len(numeric) > 1 and len(parts) > 1:
        return numeric[1], False
    if value == 0 and len(numeric) > 2:
        return numeric[2], False
    return numeric[0], value < 0


def _number(value: float, parts: tuple[_Section, ...]) -> str:
    section, is_negative = _chosen(value, parts)
    if not section.tokens:
        return ""
    if section.date is not None:
        return section.date.shown(value) if 0 <= value < dates.BEYOND else general(value)
    sign = "-" if is_negative else ""
    if Kind.GENERAL in section.kinds or (
        Kind.TEXT in section.kinds and Kind.DIGIT not in section.kinds
    ):
        inner = general(abs(value))
        return sign + "".join(
            inner if t.kind in (Kind.GENERAL, Kind.TEXT) else t.literal for t in section.tokens
        )
    size = abs(_decimal(value))
    if section.simple is not None:
        return sign + section.simple.shown(size)
    if Kind.EXPONENT in section.kinds:
        return sign + scientific(size, section.tokens)
    return sign + (fraction(size, section.tokens) or plain(size, section.tokens))


def _text(value: str, parts: tuple[_Section, ...]) -> str:
    """Return a text as its section shows it: the fourth, or else the last that has a place."""
    section = parts[3] if len(parts) > 3 else parts[-1]
    if len(parts) < 4 and Kind.TEXT not in section.kinds:
        return value
    return "".join(value if t.kind is Kind.TEXT else t.literal for t in section.tokens)
