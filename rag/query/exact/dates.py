"""Days, however they are written: 2021-06-18, 18.06.2021, 18 June 2021, June 18, 2021.

A passage with the day asked for is preferred. That it stands nowhere is never said, because there
are more ways to write a day than are known here.
"""

from collections.abc import Iterator
from datetime import date

import regex

from rag.query.exact.identifier import Identifier

_MONTHS = (
    "january jan januar jänner janvier enero gennaio",
    "february feb februar février fevrier febrero febbraio",
    "march mar märz maerz mars marzo",
    "april apr avril abril aprile",
    "may mai mayo maggio",
    "june jun juni juin junio giugno",
    "july jul juli juillet julio luglio",
    "august aug août aout agosto",
    "september sep sept septembre septiembre settembre",
    "october oct oktober okt octobre octubre ottobre",
    "november nov novembre noviembre",
    "december dec dezember dez décembre decembre diciembre dicembre",
)
_NUMBER_OF = {name: at for at, names in enumerate(_MONTHS, start=1) for name in names.split()}
_NAME = "|".join(sorted(_NUMBER_OF, key=len, reverse=True))
_ORDINAL = r"(?:st|nd|rd|th|\.|er|º)?"
_OF = r"(?:of\s|de\s|del\s)?"
_BEFORE, _AFTER = r"(?<![\p{L}\p{N}])", r"(?![\p{L}\p{N}])"
_DAYS = regex.compile(
    rf"""{_BEFORE}(?:
        (?P<y>[12][0-9]{{3}})[-/.](?P<m>[0-9]{{1,2}})[-/.](?P<d>[0-9]{{1,2}})
      | (?P<d>[0-9]{{1,2}})[-/.](?P<m>[0-9]{{1,2}})[-/.](?P<y>[12][0-9]{{3}})
      | (?P<d>[0-9]{{1,2}}){_ORDINAL}\s{_OF}(?P<name>{_NAME})\.?,?\s{_OF}(?P<y>[12][0-9]{{3}})
      | (?P<name>{_NAME})\.?\s(?P<d>[0-9]{{1,2}}){_ORDINAL},?\s(?P<y>[12][0-9]{{3}})
    ){_AFTER}""",
    regex.VERBOSE,
)


def dates(text: str) -> Iterator[tuple[tuple[int, int], Identifier]]:
    """Give the days in a readable text, each with its span."""
    folded = text.casefold()
    if len(folded) != len(text):
        return
    for match in _DAYS.finditer(folded):
        month = _NUMBER_OF[match["name"]] if match["name"] else int(match["m"])
        numbers = [(month, int(match["d"]))]
        if not match["name"] and match.start("d") < match.start("m"):
            numbers.append((int(match["d"]), month))  # 06/18/2021 as well as 18/06/2021
        days = [day for one in numbers if (day := _day(int(match["y"]), *one)) is not None]
        if days:
            yield match.span(), _identifier(text[slice(*match.span())], days)


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _identifier(text: str, days: list[date]) -> Identifier:
    pattern = regex.compile("|".join(map(_pattern, days)))
    spellings = [text]
    for day in days:
        numbers = (day.strftime("%Y-%m-%d"), day.strftime("%d.%m.%Y"), f"{day.year}")
        spellings += [*numbers, f"{day.day}.{day.month}.{day.year}"]
    return Identifier(text, pattern, None, tuple(dict.fromkeys(spellings)), False, False)


def _pattern(day: date) -> str:
    d, m, y = f"0?{day.day}", f"0?{day.month}", f"{day.year}"
    names = "|".join(_MONTHS[day.month - 1].split())
    short = rf"(?:{y}|{y[2:]})"
    written = (
        rf"{y}[-/.]{m}[-/.]{d}",
        rf"{d}[-/.]\s?{m}[-/.]\s?{short}",
        rf"{m}/{d}/{short}",
        rf"{d}{_ORDINAL}\s{_OF}(?:{names})\.?,?\s{_OF}{y}",
        rf"(?:{names})\.?\s{d}{_ORDINAL},?\s{y}",
        f"{y}{day.month:02d}{day.day:02d}",
    )
    return f"{_BEFORE}(?:{'|'.join(written)}){_AFTER}"
