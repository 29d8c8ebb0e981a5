"""Things with a number: a clause, a version, an exhibit, a case, an invoice.

Which words name one kind of thing is listed here, in English and in the languages nearest to it.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import regex

from rag.query.exact.identifier import Identifier

_NUMBER_SIGN = r"(?:(?:no|nr|num|núm|numéro|número|nummer|number|id)\b\.?|n[°º]|#|:)"


@dataclass(frozen=True, slots=True)
class _Kind:
    """The words for one kind of numbered thing."""

    words: str
    """As alternatives of a pattern."""
    labels: bool = False
    """Whether its number alone may head a passage: "2.1 The rent is due"."""
    records: bool = False
    """Whether its number alone, if it has three digits or more, names it."""
    joined: bool = False
    """Whether its letter and number are one word: v3."""


_KINDS = (
    _Kind(
        r"sub-?clauses?|clauses?|klauseln?|sub-?sections?|sections?|sect?\.|abschnitte?s?|§{1,2}"
        r"|articles?|art\.|artikels?|artículos?|articulos?|paragraphs?|paras?\.?|paragraphe?n?"
        r"|absatz|abs\.|ziffern?|cláusulas?|clausulas?|secci[oó]n|rules?|regulations?",
        labels=True,
    ),
    _Kind(r"chapters?|kapitels?|chapitres?|capítulos?|capitulos?", labels=True),
    _Kind(r"annex(?:es|e)?|anhang|anexos?"),
    _Kind(r"appendix|appendices"),
    _Kind(r"schedules?"),
    _Kind(r"exhibits?"),
    _Kind(r"attachments?|anlagen?"),
    _Kind(r"figures?|fig\.|abbildung|abb\."),
    _Kind(r"tables?|tabelle"),
    _Kind(
        r"versions?|ver\.?|v\.?|rev\.?|revisions?|releases?|fassung|versión|versi[oó]ns?",
        joined=True,
    ),
    _Kind(r"cases?|fall|aktenzeichen|dossiers?", records=True),
    _Kind(r"claims?|schaden", records=True),
    _Kind(r"invoices?|rechnung|factures?|facturas?", records=True),
    _Kind(r"orders?|auftrag|bestellung|commande|pedidos?", records=True),
    _Kind(r"tickets?|issues?|bugs?", records=True),
    _Kind(r"contracts?|vertrag|contrats?|contratos?", records=True),
    _Kind(r"polic(?:y|ies)|police", records=True),
    _Kind(r"accounts?|konto|compte|cuenta", records=True),
    _Kind(r"batch(?:es)?|lots?|charge", records=True),
    _Kind(r"flights?|flug", records=True),
    _Kind(r"rooms?|zimmer|raum", records=True),
    _Kind(r"forms?|formular", records=True),
    _Kind(r"references?|ref\.?", records=True),
    _Kind(r"no\.|nr\.|number|nummer|numéro|número|n[°º]|#", records=True),
)
_VALUE = r"[0-9]+(?:\.[0-9]+)*(?:\([0-9a-z]{1,4}\))*[a-z]?"
_RECORD = "[0-9]{1,7}[a-z]?"
_PATTERNS = tuple(
    regex.compile(
        rf"(?<![\p{{L}}\p{{N}}_])(?P<word>{kind.words})[ ]?{_NUMBER_SIGN}?[ ]?"
        rf"(?P<value>{_RECORD if kind.records else _VALUE})"
        rf"(?![\p{{L}}\p{{N}}@]|[-/_.,:][\p{{L}}\p{{N}}])"
    )
    for kind in _KINDS
)
_ANY_WORD = regex.compile("|".join(f"(?:{kind.words})" for kind in _KINDS))
_LONGEST_ROMAN = 40
_ROMAN = ((10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i"))
_RECORD_DIGITS = 3
_ALONE = r"(?<![\p{L}\p{N}])(?<![0-9][-/.,:'])"
_ENDS = r"(?![\p{L}\p{N}])(?![-/.,:][0-9])"


def numbered(text: str) -> Iterator[tuple[tuple[int, int], Identifier]]:
    """Give the numbered things in a readable text, each with its span."""
    folded = text.casefold()
    if len(folded) != len(text) or _ANY_WORD.search(folded) is None:
        return
    for kind, pattern in zip(_KINDS, _PATTERNS, strict=True):
        for match in pattern.finditer(folded):
            start, end = match.span()
            yield (start, end), _identifier(kind, text[start:end], match["value"])


def _identifier(kind: _Kind, text: str, value: str) -> Identifier:
    digits = sum(map(str.isdigit, value))
    alone = kind.records and digits >= _RECORD_DIGITS
    named = rf"(?<![\p{{L}}\p{{N}}])(?:{kind.words})[\s._-]*{_NUMBER_SIGN}?\s*"
    exact = rf"(?:{_value(value)}){_end(kind)}"
    bodies = [named + exact]
    others = [rf"{named}{_VALUE}{_end(kind)}"]
    label = None
    if kind.labels:
        heading = rf"^[ (\[*#]*(?:(?:{kind.words})\s*)?"
        label = rf"{heading}{regex.escape(value)}(?:[.][0-9]+)*[.):\]]*(?:\s|$)"
        bodies.append(label)
        others.append(rf"{heading}[0-9]+(?:[.][0-9]+)*(?:[.):\]]+\s|\s+(?=\p{{L}}))")
    if alone:
        bodies.append(rf"{_ALONE}(?:{_value(value)}){_ENDS}")
        others.append(rf"{_ALONE}[0-9]{{{digits}}}{_ENDS}")
    joined = (f"v{value}", f"rev{value}", f"ver{value}", f"{value}.0") if kind.joined else ()
    return Identifier(
        text,
        regex.compile("|".join(bodies), regex.MULTILINE),
        regex.compile("|".join(others), regex.MULTILINE),
        (value, *joined, *_romans(value)),
        not kind.records or alone,
        alone,
        names_part=not kind.records,
        label=None if label is None else regex.compile(label, regex.MULTILINE),
    )


def _value(value: str) -> str:
    return "|".join(map(regex.escape, (value, *_romans(value))))


def _end(kind: _Kind) -> str:
    """Return what must not follow a number: more of it, as in 2.10 for 2.1."""
    zeros = r"(?:\.0)*" if kind.joined else ""
    return rf"{zeros}(?![\p{{L}}\p{{N}}])(?![.,/][0-9])"


def _romans(value: str) -> tuple[str, ...]:
    """Return a small whole number in Roman numerals, from 2 on: "i" is too often a word."""
    if not value.isdigit() or not 2 <= int(value) < _LONGEST_ROMAN:
        return ()
    left, roman = int(value), ""
    for worth, letters in _ROMAN:
        times, left = divmod(left, worth)
        roman += letters * times
    return (roman,)
