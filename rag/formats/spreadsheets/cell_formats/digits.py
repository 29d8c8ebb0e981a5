"""Numbers written by the places of a number format: plain, scientific, and as fractions."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context, Decimal
from fractions import Fraction

from rag.formats.spreadsheets.cell_formats.tokens import Kind, Token

_EXACT = Context(prec=700, rounding=ROUND_HALF_UP)
_MOST_DIGITS = 7
"""Of a fraction's denominator."""


@dataclass(frozen=True, slots=True)
class Simple:
    """A common code, of one number between literals: the digits that it has at least."""

    before: str
    after: str
    whole: int
    decimals: int
    mark: str
    """The sign between thousands, if any."""
    power: int
    """The power of ten that a number is multiplied by, as for percentages."""

    def shown(self, size: Decimal) -> str:
        """Return a number from zero up."""
        step = Decimal(1).scaleb(-self.decimals)
        rounded = size.scaleb(self.power, context=_EXACT).quantize(step, context=_EXACT)
        digits = f"{rounded:{self.mark}f}"
        if self.whole != 1 and not self.mark:
            digits = digits.zfill(self.whole + self.decimals + (self.decimals > 0))
        return f"{self.before}{digits}{self.after}"


_SIMPLE = re.compile(r"(#,##0|0+)(?:\.(0+))?")


def simple(tokens: Sequence[Token]) -> Simple | None:
    """Return a code in its simple form, None where it is no such code."""
    places = [at for at, t in enumerate(tokens) if t.kind in (Kind.DIGIT, Kind.POINT, Kind.COMMA)]
    if not places or any(t.kind not in _PLAIN for t in tokens):
        return None
    first, end = places[0], places[-1] + 1
    code = "".join(token.text for token in tokens[first:end])
    match = _SIMPLE.fullmatch(code)
    if match is None or end - first > len(places):
        return None
    percent = sum(token.kind is Kind.PERCENT for token in tokens)
    before, after = ("".join(t.literal for t in one) for one in (tokens[:first], tokens[end:]))
    mark = "," if "," in match[1] else ""
    return Simple(before, after, len(match[1]), len(match[2] or ""), mark, 2 * percent)


_PLAIN = {Kind.DIGIT, Kind.POINT, Kind.COMMA, Kind.LITERAL, Kind.PERCENT}


def plain(size: Decimal, tokens: Sequence[Token]) -> str:
    """Return a number from zero up, with literals where the code has them."""
    places = [at for at, token in enumerate(tokens) if token.kind is Kind.DIGIT]
    if not places:
        return "".join(token.literal for token in tokens)
    point = next((at for at, t in enumerate(tokens) if t.kind is Kind.POINT), len(tokens))
    whole, decimals = [at for at in places if at < point], [at for at in places if at > point]
    commas = {at for at, token in enumerate(tokens) if token.kind is Kind.COMMA}
    last = {whole[-1] if whole else point, decimals[-1] if decimals else point}
    scaling = {at for at in commas if _follows(tokens, at, last)}
    grouping = {at for at in commas - scaling if whole and whole[0] < at < whole[-1]}
    percent = sum(token.kind is Kind.PERCENT for token in tokens)
    size = size.scaleb(2 * percent - 3 * len(scaling), context=_EXACT)
    rounded = size.quantize(Decimal(1).scaleb(-len(decimals)), context=_EXACT)
    before, _, after = f"{rounded:f}".partition(".")
    written = {at: "" for at in scaling | grouping}
    written |= _whole_digits(before.lstrip("0"), tokens, whole, grouped=bool(grouping))
    written |= _decimal_digits(after, tokens, decimals)
    if not whole and before.strip("0"):
        written[point] = before + "."
    return "".join(written.get(at, token.literal) for at, token in enumerate(tokens))


def _follows(tokens: Sequence[Token], at: int, last: set[int]) -> bool:
    """Return whether a comma stands, among commas, right behind the last place of a number."""
    while at and tokens[at].kind is Kind.COMMA:
        at -= 1
    return at in last


def _whole_digits(
    digits: str, tokens: Sequence[Token], places: Sequence[int], *, grouped: bool
) -> dict[int, str]:
    """Return the digits at each place before the point; the first takes all that are left."""
    written: dict[int, str] = {}
    count = 0
    for at in reversed(places):
        if at == places[0]:
            taken, digits = digits or _empty(tokens[at].text), ""
        else:
            taken, digits = digits[-1:] or _empty(tokens[at].text), digits[:-1]
        piece = ""
        for digit in reversed(taken):
            if grouped and count and count % 3 == 0 and digit.isdigit():
                piece = "," + piece
            piece = digit + piece
            count += 1
        written[at] = piece
    return written


def _decimal_digits(digits: str, tokens: Sequence[Token], places: Sequence[int]) -> dict[int, str]:
    """Return the digit at each place behind the point, without zeros that need not stand there."""
    needed = len(digits.rstrip("0"))
    return {
        at: digit if number < needed else _empty(tokens[at].text)
        for number, (at, digit) in enumerate(zip(places, digits, strict=True))
    }


def _empty(place: str) -> str:
    """Return what stands at a place that has no digit of its own."""
    return {"0": "0", "?": " "}.get(place, "")


def scientific(size: Decimal, tokens: Sequence[Token]) -> str:
    """Return a number with its power of ten."""
    split = next(at for at, token in enumerate(tokens) if token.kind is Kind.EXPONENT)
    mantissa, power = tokens[:split], tokens[split + 1 :]
    point = next((at for at, t in enumerate(mantissa) if t.kind is Kind.POINT), split)
    width = max(1, sum(token.kind is Kind.DIGIT for token in mantissa[:point]))
    decimals = sum(token.kind is Kind.DIGIT for token in mantissa[point:])
    exponent = (size.adjusted() // width) * width if size else 0
    scaled = size.scaleb(-exponent, context=_EXACT)
    rounded = scaled.quantize(Decimal(1).scaleb(-decimals), context=_EXACT)
    if rounded >= 10**width:
        exponent, scaled = exponent + width, scaled.scaleb(-width, context=_EXACT)
    sign = "-" if exponent < 0 else "+" if tokens[split].text.endswith("+") else ""
    return f"{plain(scaled, mantissa)}E{sign}{plain(Decimal(abs(exponent)), power)}"


def fraction(size: Decimal, tokens: Sequence[Token]) -> str:
    """Return a number with a fraction; nothing where the code has none."""
    slash = next((at for at, token in enumerate(tokens) if token.kind is Kind.SLASH), 0)
    above = slash
    while above and tokens[above - 1].kind is Kind.DIGIT:
        above -= 1
    below = slash + 1
    while below < len(tokens) and (tokens[below].text.isdigit() or tokens[below].text in "?#"):
        below += 1
    if not above < slash < below - 1:
        return ""
    whole = [at for at, token in enumerate(tokens[:above]) if token.kind is Kind.DIGIT]
    number = int(size) if whole else 0
    numerator, denominator = _ratio(
        Fraction(size) - number, "".join(token.text for token in tokens[slash + 1 : below])
    )
    if whole and numerator == denominator:
        number, numerator = number + 1, 0
    prefix = "".join(token.literal for token in tokens[: whole[0] if whole else above])
    suffix = "".join(token.literal for token in tokens[below:])
    parts = [str(number)] if number or (whole and not numerator) else []
    if numerator or not whole:
        parts.append(f"{numerator}/{denominator}")
    return prefix + " ".join(parts) + suffix


def _ratio(rest: Fraction, places: str) -> tuple[int, int]:
    """Return a fraction that fits its places: those of digits, or a denominator as it stands."""
    fixed = places if places.isdigit() and places.strip("0") else ""
    if fixed:
        denominator = int(fixed[:_MOST_DIGITS])
        return int(rest * denominator + Fraction(1, 2)), denominator
    near = rest.limit_denominator(10 ** min(len(places), _MOST_DIGITS) - 1)
    return near.numerator, near.denominator
