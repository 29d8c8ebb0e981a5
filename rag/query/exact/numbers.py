"""Numbers that name one thing: amounts with a fraction, and runs of five digits or more.

33276.75, 33,276.75 and 33 276,75 are one number; 9,90 is not in 19,90.
"""

from collections.abc import Iterator

import regex

from rag.query.exact.identifier import Identifier

_NUMBER = regex.compile(
    r"(?<![\w@/-])(?<![0-9][.,:])(?:[0-9]{1,3}(?:[ ,.'][0-9]{3})+|[0-9]+)(?:[.,][0-9]+)?"
    r"(?![\w/:-])(?![.,][0-9])"
    r"|(?<![\w@/-])(?<![0-9][.,:])[0-9]+[.,][0-9]{2}(?=(?:eur|usd|chf|gbp)\b|[€$£%])",
    regex.IGNORECASE,
)
_MONEY = regex.compile(
    r"(?<![\p{L}\p{N}])(?<![0-9][.,:'])(?:[0-9]{1,3}(?:[ ,.'][0-9]{3})+|[0-9]{3,})[.,][0-9]{2}"
    r"(?![0-9])"
)
_LONG = regex.compile(
    r"(?<![\p{L}\p{N}])(?<![0-9][-/.,:'])[0-9]{5,}(?![\p{L}\p{N}])(?![-/.,:][0-9])"
)
_LONG_DIGITS = 5
_PARTICULAR = 4
"""The fewest digits of a number with a fraction that is unlikely to occur by coincidence."""


def numbers(text: str) -> Iterator[tuple[tuple[int, int], Identifier]]:
    """Give the numbers in a readable text that name one thing, each with its span."""
    for match in _NUMBER.finditer(text):
        number = match.group().strip()
        whole, fraction = _parts(number)
        if fraction:
            yield match.span(), _number(number, whole, fraction)
        elif len(whole) >= _LONG_DIGITS:
            yield match.span(), _number(number, whole, "")


def _parts(number: str) -> tuple[str, str]:
    """Return the digits before and after the decimal sign; none after it when it has none."""
    signs = regex.findall(r"[.,]", number)
    grouped = regex.fullmatch(r"[1-9][0-9]{0,2}(?:([ ,.'])[0-9]{3})+", number)
    if not signs or (grouped and (len(signs) != 1 or len(number) > 5)):
        return regex.sub(r"[^0-9]", "", number), ""
    head, _, tail = number.rpartition(signs[-1])
    if len(tail) == 3 and len(signs) == 1 and len(head) <= 3 and not head.startswith("0"):
        return head + tail, ""  # 1,100
    return regex.sub(r"[^0-9]", "", head), tail


def _number(text: str, whole: str, fraction: str) -> Identifier:
    significant = fraction.rstrip("0") if len(whole) >= 3 else fraction
    groups = _groups(whole)
    grouped = "[ ,.']?".join(groups)
    tail = rf"[.,]{significant}0*" if significant else r"(?:[.,](?:0+|-))?"
    not_after = r"(?<![\p{L}\p{N}])(?<![0-9][-/.,:'])"
    if fraction and len(whole) == 3:  # "276,75" is a part of "33 276,75"
        not_after += r"(?<![0-9] )"
    not_before = r"(?![0-9])" if fraction else r"(?![\p{L}\p{N}])"
    pattern = regex.compile(rf"{not_after}{grouped}{tail}{not_before}(?![.,:/-][0-9])")
    is_round = not fraction and whole.endswith("000")  # "50,000" may be "50 thousand"
    particular = len(whole + fraction) >= (_PARTICULAR if fraction else _LONG_DIGITS)
    strict = particular and not is_round
    alike = None if not strict else _MONEY if fraction else _LONG
    spellings = _spellings(groups, fraction)
    return Identifier(text, pattern, alike, spellings, strict, not is_round)


def _groups(whole: str) -> list[str]:
    """Return the digits in groups of three, the first of one to three."""
    first = len(whole) % 3 or 3
    return [whole[:first], *(whole[at : at + 3] for at in range(first, len(whole), 3))]


def _spellings(groups: list[str], fraction: str) -> tuple[str, ...]:
    fractions = {fraction, fraction.rstrip("0"), f"{fraction.rstrip('0')}0"} - {"0"}
    if not fraction.strip("0"):
        fractions |= {"", "0", "00"}
    wholes = {sign.join(groups) for sign in ("", ".", ",", " ", "'")}
    return tuple(
        sorted(
            f"{whole}{sign}{digits}" if digits else whole
            for whole in wholes
            for digits in fractions
            for sign in ".,"
            if digits or whole
        )
    )
