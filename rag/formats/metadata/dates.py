"""Dates in metadata, in the notations of PDF, Office, books and web pages, as ISO 8601."""

import re
from datetime import date, time
from email.utils import parsedate_to_datetime

_PDF = re.compile(
    r"(?:D:)?(\d{4})(\d\d)?(\d\d)?(\d\d)?(\d\d)?(\d\d)?"
    r"(Z|[-+]\d\d)?'?(\d\d)?'?(?:00'?)?"
)
_ISO = re.compile(
    r"(\d{4})(?:[-/](\d{1,2})(?:[-/](\d{1,2})"
    r"(?:[T ](\d{1,2}):(\d\d)(?::(\d\d)(?:[.,]\d+)?)?\s?(Z|[-+]\d\d)?:?(\d\d)?)?)?)?"
)
_FIRST_YEAR, _LAST_YEAR = 1000, 2200
_LONGEST = 60
_ZEROS = {"1601-01-01", "1899-12-30", "1900-01-01", "1904-01-01", "1970-01-01", "1980-01-01"}
"""Where the clocks of file formats begin: no day on which a document was written."""


def iso_date(text: str) -> str:
    """Return a date as ISO 8601: a year, a month, a day, or a day and time.

    Empty for what is no date, and for the zero of a clock.
    """
    text = text.strip()[:_LONGEST]
    match = _ISO.fullmatch(text) or _PDF.fullmatch(text)
    if match is not None:
        return _composed(*match.groups())
    try:  # as in the header of a mail
        return _checked(parsedate_to_datetime(text).isoformat())
    except (ValueError, IndexError, OverflowError, TypeError):
        return ""


def _composed(
    year: str,
    month: str | None,
    day: str | None,
    hour: str | None,
    minute: str | None,
    second: str | None,
    zone: str | None,
    zone_minutes: str | None,
) -> str:
    if month is None:
        return _checked(year)
    if day is None:
        return _checked(f"{year}-{month:0>2}")
    whole = f"{year}-{month:0>2}-{day:0>2}"
    if hour is None:
        return _checked(whole)
    offset = "+00:00" if zone == "Z" else f"{zone}:{zone_minutes or '00'}" if zone else ""
    return _checked(f"{whole}T{hour:0>2}:{minute or '00'}:{second or '00'}{offset}")


def _checked(text: str) -> str:
    """Return a date in ISO 8601 if there is such a day and it says something."""
    parts = [int(part) for part in text[:10].split("-")]
    try:
        date(*[*parts, 1, 1][:3])
        if len(text) > len("2024-05-31"):
            time.fromisoformat(text[11:])
    except ValueError:
        return ""
    is_stated = _FIRST_YEAR <= parts[0] <= _LAST_YEAR and text[:10] not in _ZEROS
    return text if is_stated else ""
