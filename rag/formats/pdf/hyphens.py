"""Words that are broken at a line's end: put together, with or without the hyphen.

A hyphen is the typesetter's, and goes, unless it is part of what is written: of a compound that the
document writes so elsewhere, of an address, a file's name, an option of a command, the name of a
chemical or a number; or it stands for the second half of a pair, as in "Vor- und Nachteile".
"""

import re
from collections.abc import Collection, Sequence

from rag.formats.pdf.characters.letters import HYPHEN
from rag.formats.pdf.lines import Line

_MARKS = (HYPHEN, "-", "\xad", "\u2010", "\u2011")
_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
_LAST_WORD = re.compile(r"([^\W\d_]+)$")
_FIRST_WORD = re.compile(r"[^\W\d_]+")
_KNOWN = 4  # letters: shorter pieces of words are words by chance
_ADDRESS = re.compile(r"@|://|^www\.|\\|\w=|\w_\w|^-{1,2}\w|^~?/\w|/.*/|\./|[^\W\d_]\.[^\W\d_]{2}")
"""In what stands before a break: an address, a path, an option, a file's name."""
_ADDRESS_BEHIND = re.compile(
    r"[\w.+-]*@\w|[\w-]+(?:\.[\w-]+)*\.[a-z][a-z0-9]{1,5}(?![^\W\d_])|\w+(?:[\\_=]\w|/.*/)"
)
"""At the beginning of what stands after it: the rest of such a one."""
_CHEMICAL = re.compile(
    r"\d['′]?,\d+['′]?-[a-z]|^\(?[NOS]-[a-z]+yl|^(?:tert|sec|cis)-"
    r"|(?:^|[(-])\d+['′]?-(?:di|tri|tetra|cyclo)?(?:methyl|methoxy|eth[aeoy]|prop[aeoy]|but[aeoy]"
    r"|pent[aeoy]|hex[aeoy]|hept[aeoy]|oct[aeoy]|nitro|chlor|brom|fluor|iod|hydroxy|amino|oxo|phen"
    r"|benz|sulf|cyan|carb|acet)"
)
"""In the whole: places of atoms, as in "2,4-dinitrophenol" and "2-methylpropan-1-ol"."""
_AND = frozenset("und oder bzw sowie bis beziehungsweise and or nor eller och samt".split())
_SHORT_AND = frozenset("en et ou o y e i u of og ja tai a és ve veya to".split())
"""Words that join two, and are ends of words as well: they count where the document has them."""


class Hyphens:
    """Mends words, by all the words of a document."""

    def __init__(self, pages: Sequence[Sequence[Line]]) -> None:
        """Look through every page."""
        self._words = _words(pages)
        # What stands behind a hyphen elsewhere, as "level" in "high-level", does so again.
        self._seconds = {word.rpartition("-")[2] for word in self._words if "-" in word}

    def joined(self, text: str, following: str) -> str | None:
        """Return a text with the line that follows it; None where no word is broken."""
        if not text.endswith(_MARKS) or not text[-2:-1].isalnum() or not following[:1].isalnum():
            return None
        mark, before = text[-1], text[:-1]
        if _is_identifier(before, following):
            return f"{before}-{following}"
        first, second = _LAST_WORD.search(before), _FIRST_WORD.match(following)
        if first is None or second is None:
            return f"{before}-{following}"
        left, right = first[1].lower(), second[0].lower()
        if "/" in before.rsplit(maxsplit=1)[-1] and left + right not in self._words:
            return f"{before}-{following}"
        if self._is_pair(left, following):
            return f"{before}- {following}"
        if self._keeps_hyphen(left, right, following[0].isupper()):
            return f"{before}-{following}"
        if mark == "-" and left + right not in self._words and not second[0].islower():
            return f"{before}-{following}"
        return before + following

    def _is_pair(self, left: str, following: str) -> bool:
        """Tell a hyphen that stands for the end of the next word but one: "Vor- und Nachteile"."""
        word, _, rest = following.partition(" ")
        if not rest[:1].isalpha():
            return False
        if word in _AND:
            return left + word not in self._words
        return word in _SHORT_AND and word in self._words and left + word not in self._words

    def _keeps_hyphen(self, left: str, right: str, capital: bool) -> bool:
        if left + right in self._words:
            return False
        if f"{left}-{right}" in self._words or capital or len(left) == 1:
            return True
        if right in self._seconds and left in self._words:
            return True
        are_words = left in self._words and right in self._words
        return are_words and len(left) >= _KNOWN and len(right) >= _KNOWN


def _is_identifier(before: str, following: str) -> bool:
    """Tell whether a hyphen is part of an address, a name or a number."""
    left = before.rsplit(maxsplit=1)[-1].lstrip("(<[\"'„“‘«").replace(HYPHEN, "-")
    right = following.split(maxsplit=1)[0].rstrip(".,;:!?)>]\"'”’»")
    if _ADDRESS.search(left) or _ADDRESS_BEHIND.match(right):
        return True
    return bool(_CHEMICAL.search(f"{left}-{right}"))


def _words(pages: Sequence[Sequence[Line]]) -> Collection[str]:
    """Return the words that stand whole within lines, hyphenated ones as they are."""
    return frozenset(
        word
        for lines in pages
        for line in lines
        for word in _WORD.findall(line.text.lower().rsplit(" ", 1)[0])
    )
