"""Codes: words of letters, digits and signs that name one thing, and addresses of e-mail.

SF-7777, INV-2024-9999, W77, 4711/32-B, 0x80070005, 1C4RJFBG2NC123456, keller@north.example.
"""

from collections.abc import Iterator

import regex

from rag.query.exact.identifier import Identifier
from vector_store.analysis.stop_words import STOP_WORDS

_LETTER = r"[\p{Latin}\p{Greek}\p{Cyrillic}]"
_PART = r"[\p{Latin}\p{Greek}\p{Cyrillic}0-9]"
_SIGN = r"[-_./:\\]"
_EMAIL = regex.compile(r"[\w.+%-]*\w@[\w-]+(?:\.[\w-]+)+")
_CODE = regex.compile(rf"(?<![\w@]){_PART}+(?:{_SIGN}{_PART}+)*")
_SPACED_CODE = regex.compile(
    rf"(?<![\w@/.-])(?P<name>{_LETTER}{{2,4}}) (?P<number>[0-9]+(?:[-/ ][0-9]+){{0,6}})"
    r"(?![\w/-]|[.,][0-9])"
)
_ACCOUNT = regex.compile(r"(?<!\w)[A-Z]{2}[0-9]{2}(?: [A-Z0-9]{4}){2,7}(?: [A-Z0-9]{1,4})?(?!\w)")
_LONG_GROUPS = regex.compile(
    r"(?<![\w.,])\+?[0-9]{1,5}(?:[ /()-]{1,2}[0-9]{2,5}){2,7}(?![\w]|[.,][0-9])"
)
_PIECE = regex.compile(rf"[0-9]+|{_LETTER}+")
_YEAR = r"(?:1[5-9]|20|21)[0-9]{2}"
_ORDINARY = regex.compile(
    rf"""{_YEAR}(?:[-/](?:{_YEAR}|[0-9]{{2}}))?            # a year, or two
      | (?:[0-9]{{1,2}}[-/:.])*[0-9]{{1,3}}                # 24/7, 9/11, 10:30, 3-5
      | [0-9]{{1,4}}{_LETTER}{{1,4}}(?:[-/.]{_LETTER}+)*   # 20th, 1990s, 10kg, 1080p, 5km/h
      | [0-9]{{1,4}}(?:[-/]{_LETTER}{{2,}})+               # 18-year-old, 2024-present
      | (?:pre|mid|post|(?-i:[a-z]{{4,}}))[-/](?:{_YEAR}s?|[0-9]{{2}}s)  # mid-2020, early-1990s
      | (?!0x)[0-9]{{1,4}}x[0-9]{{1,4}}                      # 4x4, 1920x1080
    """,
    regex.VERBOSE | regex.IGNORECASE,
)
_WORD = regex.compile(rf"{_LETTER}{{4,}}[-/]?[0-9]{{1,2}}")
"""A word with a number, such as covid-19, windows10 or python3: it may go by other names."""
_PLURAL = regex.compile(r"(?<=[0-9])s$")
_LONGEST = 80
_SPACED_DIGITS = 3
"""Digits from which on a number after capitals is one code with them: LX 318."""
_FUSED_FROM = 8
"""Letters and digits from which on a code may be written in groups: a card, an account."""
_STOP_WORDS = frozenset(
    word for language in ("en", "de", "fr", "es", "it", "nl", "pt") for word in STOP_WORDS[language]
)


def emails(text: str) -> Iterator[tuple[tuple[int, int], Identifier]]:
    """Give the addresses of e-mail in a readable text, each with its span."""
    for match in _EMAIL.finditer(text):
        address = regex.escape(match.group().casefold(), special_only=True)
        pattern = regex.compile(rf"(?<![\w+%-])(?<!\w\.){address}(?![\w-])(?!\.\w)")
        others = regex.compile(r"\w@\w")
        yield (
            match.span(),
            Identifier(match.group(), pattern, others, (match.group(),), True, True),
        )


def codes(text: str) -> Iterator[tuple[tuple[int, int], Identifier]]:
    """Give the codes in a readable text, each with its span; spans may overlap."""
    for match in _ACCOUNT.finditer(text):
        yield match.span(), _code(match.group(), strict=True)
    for match in _LONG_GROUPS.finditer(text):
        if sum(map(str.isdigit, match.group())) >= _FUSED_FROM and not _dated(match.group()):
            yield match.span(), _code(match.group(), strict=True)
    for match in _SPACED_CODE.finditer(text):
        if _is_spaced_code(match["name"], match["number"]):
            yield match.span(), _code(match.group(), strict=True)
    for match in _CODE.finditer(text):
        word = _PLURAL.sub("", match.group())
        if len(word) <= _LONGEST and _is_code(word):
            yield match.span(), _code(word, strict=_is_strict(word))


def _dated(groups: str) -> bool:
    return (
        regex.fullmatch(rf"(?:{_YEAR}[ /-]?)+|.*\b{_YEAR}-[0-9]{{2}}-[0-9]{{2}}", groups)
        is not None
    )


def _is_spaced_code(name: str, number: str) -> bool:
    """Tell whether a word and a number after it are one code, such as LX 318 or inv 2024 0012."""
    groups = regex.split("[-/ ]", number)
    digits = sum(map(len, groups))
    if digits < _SPACED_DIGITS or regex.fullmatch(_YEAR, number):
        return False
    if name.isupper():
        return True
    if name.casefold() in _STOP_WORDS or len(groups[0]) <= _SPACED_DIGITS:
        return False
    return len(groups) > 1 or not number.endswith("00")


def _is_code(word: str) -> bool:
    """Tell whether a word with or without signs names one thing."""
    if not any(map(str.isdigit, word)) or _ORDINARY.fullmatch(word):
        return False
    if not any(map(str.isalpha, word)):  # else a number: see numbers.py
        digits = sum(map(str.isdigit, word))
        is_signed = regex.search(r"[-_/\\]", word) is not None or word.startswith("0")
        if digits == len(word) >= _FUSED_FROM:
            return True
        return (digits >= 4 and is_signed) or (digits >= 3 and word.count(".") >= 2)
    return True


def _is_strict(word: str) -> bool:
    """Tell whether a code is too particular for a thing to be spoken of without it."""
    digits = sum(map(str.isdigit, word))
    return (digits >= 2 and _WORD.fullmatch(word) is None) or "_" in word


def _code(word: str, *, strict: bool) -> Identifier:
    pieces = _PIECE.findall(word.casefold())
    signs = _PIECE.sub("\0", word.casefold()).strip("+").split("\0")[1:-1]
    spaced, fused = " ".join(pieces), "".join(pieces)
    long = len(fused) >= _FUSED_FROM
    pattern = regex.compile(_boundaries(_body(pieces, signs, fused if long else ""), pieces))
    groups_differ = " " in word and all(map(str.isdigit, pieces))
    return Identifier(
        word,
        pattern,
        regex.compile(_boundaries(_others(pieces, signs), pieces)),
        tuple(dict.fromkeys((word, spaced, fused, *(_in_groups(fused) if long else ())))),
        strict,
        not groups_differ,
    )


def _in_groups(fused: str) -> Iterator[str]:
    """Give a long code in groups of four; of digits only, every first group it may have."""
    if not fused.isdigit():
        yield " ".join(fused[at : at + 4] for at in range(0, len(fused), 4))
        return
    for size in range(2, 7):
        yield fused[:size]


def _body(pieces: list[str], signs: list[str], fused: str) -> str:
    body = pieces[0]
    for before, sign, after in zip(pieces, signs, pieces[1:], strict=False):
        body += _between(before, sign, after) + after
    if not fused:
        return body
    one_by_one = r"[ -]?".join(fused)  # a card's number in groups of four
    return rf"(?:{body}|{one_by_one})"


def _between(before: str, sign: str, after: str) -> str:
    """Return what may stand between two pieces of a code that has this sign there."""
    if "." in sign:
        return r"\."
    if before.isdigit() and after.isdigit():
        return r"(?:\s?[-_/:\\]\s?|[ ])"
    single = len(before) == 1 or before in _STOP_WORDS
    return r"[-_/:\\]?" if single and not sign.isspace() else r"(?:\s?[-_/:\\]\s?|[ ])?"


def _others(pieces: list[str], signs: list[str]) -> str:
    """Return a pattern of codes made as this one: the same first letters, any digits."""
    fused = "".join(pieces)
    if fused.startswith("0x"):
        return "0x[0-9a-f]+"
    if len(pieces) > 3 and not any(signs):
        return rf"(?=[a-z]*[0-9])(?=[0-9]*[a-z])[a-z0-9]{{{len(fused)}}}"
    shape = pieces[0] if pieces[0].isalpha() else "[0-9]+"
    for before, sign, after in zip(pieces, signs, pieces[1:], strict=False):
        letters = f"{_LETTER}{{1,{len(after)}}}"
        between = _between(before, sign, after)
        # Without its signs, "4711a" or "12 b" would be taken for others of its shape.
        shape += between.rstrip("?") if sign and before.isdigit() else between
        shape += "[0-9]+" if after.isdigit() else letters
    return shape


def _boundaries(body: str, pieces: list[str]) -> str:
    before = r"(?<![\p{L}\p{N}])"
    if pieces[0].isdigit():
        signs = "-/.,:" if all(map(str.isdigit, pieces)) else "-/.,"
        before += rf"(?<![0-9][{signs}])"
    after = r"s?(?![\p{L}\p{N}])(?![-/.:,][0-9])(?![-/]\p{L}(?!\p{L}))"
    return rf"{before}(?:{body}){after}"
