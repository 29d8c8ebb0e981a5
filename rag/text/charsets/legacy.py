"""Which encoding from before Unicode a text is in, by its bytes alone.

chardet weighs letters by language; with a few letters beyond ASCII it takes a lone sign of euro or
a dash for a letter of Hebrew. Western text is told first, by how its letters stand: alone among
ASCII ones, where those of other scripts stand in a row. For it windows-1252 is right unless what
it makes of the bytes is no writing, or another encoding is clearly likelier.
"""

from dataclasses import dataclass

import chardet
import regex

WESTERN = "cp1252"

_SAMPLE = 1 << 16
_ROW = regex.compile(rb"[\x80-\xff]+")
_BEYOND_ASCII = regex.compile(r"[^\x00-\x7f]")
_ROW_LENGTH = 3
"""Bytes in a row beyond ASCII, not all the same: a word of another script, or two or more letters
of an Asian one."""
_SHARE_IN_ROWS = 0.25
"""Of the bytes beyond ASCII. In western text it is 0.04 at most, of the languages tried, and 0.6 at
least in texts of other scripts."""
_NEIGHBOURS = frozenset(
    {"cp1250", "cp1254", "cp1257", "cp1258", "iso8859-2", "iso8859-9", "iso8859-13"}
)
"""Of central Europe, Turkey, the Baltic and Vietnam: their letters stand where windows-1252 has
others, so that only the language tells."""
_CLEARLY = 1.12
"""Times as likely as windows-1252, for a neighbour. Made texts of western languages reach 1.11, and
those of the neighbours fall below 1.2 in few."""
_FAR = 3.0
"""Times as likely, for any other: text in it would hardly look like writing in windows-1252."""
_FEWEST = 16
"""Characters; fewer say nothing of the language."""
_ODD = regex.compile(
    r"""
      \p{L}[^\x00-\x7f\p{L}\p{M}’‘·­–—ªº°\u00a0…™“”„»«›‹]\p{Ll}   # a sign within a word
    | \p{L}[“”„‚‘‹›]\p{Ll}                    # a quotation mark within a word
    | \p{Ll}[\p{Lu}--[A-Z]]                   # a capital within one
    | (?<![\p{L}\p{M}'’])                      # a letter that is no word of its own
      [\p{L}--[a-zA-ZàèéêóôòáúíìöåæøüýįőÀÈÉÊÓÔÒÁÚÍÌÖÅÆØÜÝĮŐªºµ]](?![\p{L}\p{M}'’.])
    | ®\p{L} | \p{L}±                          # a sign that belongs to no word
    | [\x80-\x9f¤\ufffd]                      # controls, and the sign that ISO 8859-15 replaced
    """,
    regex.VERBOSE | regex.V1,
)
_OTHER_SCRIPT = regex.compile(r"[\p{L}--\p{Latin}--[µªº]]", regex.V1)


_ICELANDIC = regex.compile(r"[ðþÐÞ]")
_NOT_ICELANDIC = regex.compile(r"[àãçèêëñõûÀÃÇÈÊËÑÕÛ]")
"""Letters that Icelandic and Faroese lack: with them ð and þ are š and ž of a Baltic encoding."""


@dataclass(frozen=True, slots=True)
class _Reading:
    """A text as an encoding has it, and how likely chardet finds it."""

    encoding: str
    confidence: float
    text: str
    oddities: int


def legacy_encoding(data: bytes) -> str | None:
    """Return the encoding of a text that is not UTF-8; None where nothing is likely."""
    sample = data[:_SAMPLE]
    guesses = chardet.detect_all(data, ignore_threshold=True, compat_names=False)
    best = guesses[0]["encoding"]
    if not _is_western(sample):
        return best
    readings = [
        _Reading(name, guess["confidence"], text, _oddities(text))
        for guess in guesses
        if (name := guess["encoding"]) is not None
        and (text := _decoded(sample, name)) is not None
        and not _OTHER_SCRIPT.search(text)
    ]
    western = _decoded(sample, WESTERN)
    if western is None:
        return _least_odd(readings).encoding if readings else best
    return _likeliest(readings, western)


def _likeliest(readings: list[_Reading], western: str) -> str:
    """Return the encoding of a western text, given how windows-1252 has it."""
    oddities = _oddities(western)
    if oddities:
        better = [one for one in readings if one.oddities < oddities]
        return _least_odd(better).encoding if better else WESTERN
    usual = next((one.confidence for one in readings if one.encoding == WESTERN), 0.0)
    if len(western) < _FEWEST:
        return WESTERN
    for one in readings:
        least = _CLEARLY if one.encoding in _NEIGHBOURS else _FAR
        likelier = not one.oddities and one.confidence > least * usual
        if likelier and _differs_in_letters(one.text, western):
            return one.encoding
    return WESTERN


def _least_odd(readings: list[_Reading]) -> _Reading:
    """Return the likeliest of the readings that are about as little odd as any."""
    counts = [one.oddities for one in readings]
    bound = min(counts) + (max(counts) - min(counts)) // 4
    return next(one for one in readings if one.oddities <= bound)


def _differs_in_letters(text: str, western: str) -> bool:
    """Return whether windows-1252 has another letter somewhere, and not only signs such as ½."""
    pairs = zip(text, western, strict=False)
    return any(other != usual and usual.isalpha() and usual != "µ" for other, usual in pairs)


def _oddities(text: str) -> int:
    """Return how many places of a text no western language writes."""
    baltic = len(_ICELANDIC.findall(text)) if _NOT_ICELANDIC.search(text) else 0
    return len(_ODD.findall(text)) + baltic


def _decoded(data: bytes, encoding: str) -> str | None:
    try:
        return data.decode(encoding)
    except (UnicodeDecodeError, LookupError):
        return None


def _is_western(data: bytes) -> bool:
    """Return whether few bytes beyond ASCII stand in rows, and among letters of ASCII if any do."""
    rows = [match[0] for match in _ROW.finditer(data)]
    long = sum(len(row) for row in rows if len(row) >= _ROW_LENGTH and len(set(row)) > 1)
    if long >= _SHARE_IN_ROWS * sum(map(len, rows)):
        return False
    text = data.decode(WESTERN, "replace")
    return regex.search(r"[a-zA-Z]", text) is not None or not any(
        letter.isalpha() for letter in _BEYOND_ASCII.findall(text)
    )
