"""Dates and times of workbooks, as days since the end of 1899, written by a number format."""

from collections.abc import Callable, Sequence
from datetime import date, datetime, time, timedelta

from rag.formats.spreadsheets.cell_formats.tokens import Kind, Token

BEYOND = 2_958_466
"""The first day after the year 9999, which no format shows."""
Part = Callable[[datetime, int], str]
"""Writes a part of a moment, given the whole seconds from the epoch to it as well."""

_EPOCH = datetime(1899, 12, 30)
_DAY = timedelta(days=1)
_NO_DAY = 60
"""29 February 1900, which workbooks count and no calendar has: days before it are one less."""
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def serial(value: date | time | datetime | timedelta) -> float:
    """Return a date or time as a workbook counts it, in days."""
    if isinstance(value, timedelta):
        return value / _DAY
    if isinstance(value, time):
        return (datetime.combine(_EPOCH, value) - _EPOCH) / _DAY
    if not isinstance(value, datetime):
        value = datetime.combine(value, time())
    days = (value.replace(tzinfo=None) - _EPOCH) / _DAY
    return days if days > _NO_DAY else days - 1


def iso(value: date | time | datetime | timedelta) -> str:
    """Return a date or time in ISO 8601, a date without a time where it is midnight."""
    if isinstance(value, datetime):
        return str(value.date()) if value.time() == time() else value.isoformat(" ")
    return str(value)


_HALVES = ("AM/PM", "A/P")


def _places_of_seconds(tokens: Sequence[Token]) -> int:
    """Return how many digits of a second's parts are shown."""
    points = (at for at, token in enumerate(tokens) if token.kind is Kind.POINT)
    return max((_digits(tokens, at) for at in points), default=0)


def _digits(tokens: Sequence[Token], point: int) -> int:
    """Return how many digits follow a point, at most those of a microsecond."""
    count = 0
    for token in tokens[point + 1 : point + 7]:
        if token.kind is not Kind.DIGIT:
            break
        count += 1
    return count


def _minutes(tokens: Sequence[Token]) -> set[int]:
    """Return where an m stands for minutes: next to hours before it or seconds behind it."""
    dated = [at for at, token in enumerate(tokens) if token.kind is Kind.DATE]
    dated = [at for at in dated if tokens[at].text.upper() not in _HALVES]
    minutes = set()
    for position, at in enumerate(dated):
        before = tokens[dated[position - 1]].text if position else ""
        after = tokens[dated[position + 1]].text if position + 1 < len(dated) else ""
        near = before.strip("[").startswith("h") or after.strip("[").startswith("s")
        if tokens[at].text in ("m", "mm") and near:
            minutes.add(at)
    return minutes


def _elapsed(unit: int, width: int) -> Part:
    return lambda moment, seconds: f"{seconds // unit:0{width}}"


_CLOCK: dict[str, Part] = {
    "m": lambda moment, _: str(moment.minute),
    "mm": lambda moment, _: f"{moment.minute:02}",
    "AM/PM": lambda moment, _: "PM" if moment.hour >= 12 else "AM",
    "A/P": lambda moment, _: "P" if moment.hour >= 12 else "A",
}
_TWELVE: dict[str, Part] = {
    "h": lambda moment, _: str(moment.hour % 12 or 12),
    "hh": lambda moment, _: f"{moment.hour % 12 or 12:02}",
}
_PARTS: dict[str, Part] = {
    "y": lambda moment, _: f"{moment.year % 100:02}",
    "yy": lambda moment, _: f"{moment.year % 100:02}",
    "yyy": lambda moment, _: f"{moment.year:04}",
    "e": lambda moment, _: str(moment.year),
    "m": lambda moment, _: str(moment.month),
    "mm": lambda moment, _: f"{moment.month:02}",
    "mmm": lambda moment, _: _MONTHS[moment.month - 1][:3],
    "mmmm": lambda moment, _: _MONTHS[moment.month - 1],
    "mmmmm": lambda moment, _: _MONTHS[moment.month - 1][0],
    "d": lambda moment, _: str(moment.day),
    "dd": lambda moment, _: f"{moment.day:02}",
    "ddd": lambda moment, _: _DAYS[moment.weekday()][:3],
    "dddd": lambda moment, _: _DAYS[moment.weekday()],
    "h": lambda moment, _: str(moment.hour),
    "hh": lambda moment, _: f"{moment.hour:02}",
    "s": lambda moment, _: str(moment.second),
    "ss": lambda moment, _: f"{moment.second:02}",
}
"""What letters of a date show; more of a letter than these shows what the most of it shows."""
_MOST = {"y": "yyy", "e": "e", "m": "mmmm", "d": "dddd", "h": "hh", "s": "ss"}
_UNITS = {"h": 3600, "m": 60, "s": 1}
"""Seconds, of a time that has passed."""


def _part(letters: str, *, is_minute: bool, halves: bool) -> Part:
    """Return what letters of a code show."""
    if letters.startswith("["):
        return _elapsed(_UNITS[letters[1]], len(letters) - 2)
    if is_minute or letters.upper() in _HALVES:
        return _CLOCK[letters.upper() if "/" in letters else letters]
    if letters not in _PARTS:
        letters = _MOST.get(letters[0], "")
    if halves and letters in _TWELVE:
        return _TWELVE[letters]
    return _PARTS.get(letters, _literal(""))


def _literal(text: str) -> Part:
    return lambda moment, seconds: text


class DateFormat:
    """A section of a number format that shows a date or a time."""

    def __init__(self, tokens: Sequence[Token]) -> None:
        """Take the tokens of the section."""
        self._places = _places_of_seconds(tokens)
        self._parts: list[Part | int] = []
        halves = any(token.kind is Kind.DATE and token.text.upper() in _HALVES for token in tokens)
        minutes = _minutes(tokens)
        at = 0
        while at < len(tokens):
            token = tokens[at]
            if token.kind is Kind.POINT and (digits := _digits(tokens, at)):
                self._parts.append(digits)
                at += digits
            elif token.kind is Kind.DATE:
                self._parts.append(_part(token.text, is_minute=at in minutes, halves=halves))
            else:
                self._parts.append(_literal(token.literal))
            at += 1

    def shown(self, days: float) -> str:
        """Return a date or time as it is shown; `days` are from 0 to below BEYOND."""
        scale: int = 10**self._places
        seconds, rest = divmod(round(days * 86_400 * scale), scale)
        moment = _EPOCH + timedelta(days=1 <= days < _NO_DAY, seconds=seconds)
        return "".join(
            f".{rest:0{self._places}}"[: part + 1]
            if isinstance(part, int)
            else part(moment, seconds)
            for part in self._parts
        )
