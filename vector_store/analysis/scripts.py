"""How words are written: what is one word's spelling in each script, and what clings to it.

Every function here takes a word as `folded` returns it.
"""

import unicodedata

import regex

_INVISIBLE = regex.compile(r"[\u00ad\u200c-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_KANA_MARKS = "\u3099\u309a"  # they make another letter, where other marks only colour one

# What Unicode's compatibility decomposition leaves apart and readers do not: letters of Arabic
# that Persian and Urdu write another way (as in Lucene's ArabicNormalizer and PersianNormalizer),
# final letters of Hebrew, and letters of Latin with a stroke.
_LETTERS = str.maketrans(
    {
        "ٱ": "ا", "ى": "ي", "ی": "ي", "ې": "ي", "ے": "ي", "ۓ": "ي", "ک": "ك", "ڪ": "ك",
        "ة": "ه", "ۀ": "ه", "ە": "ه", "ہ": "ه", "ھ": "ه", "ۂ": "ه", "ۃ": "ه", "ء": "", "ـ": "",
        "ך": "כ", "ם": "מ", "ן": "נ", "ף": "פ", "ץ": "צ",
        "ø": "o", "ł": "l", "đ": "d", "ı": "i", "æ": "ae", "œ": "oe", "ð": "d", "þ": "th",
        "\u066b": ".", "\u066c": ",", "’": "'",
    }
)  # fmt: skip

_ARTICLES = ("وبال", "وكال", "وال", "فال", "بال", "كال", "ولل", "ال", "لل")
_PARTICLES = ("و", "ف", "ب", "ل", "ك", "س")
_ARABIC_ENDINGS = (
    "تهما", "تهم", "تها", "هما", "ات", "ان", "ين", "ون", "ها", "هم", "هن", "كم", "نا",
    "ته", "تي", "يه", "ه", "ي", "ا",
)  # fmt: skip
"""What Larkey's light stemmer takes off ("Light stemming for Arabic information retrieval", 2007),
with possessives that follow the feminine ending."""
_PERSIAN_BEGINNINGS = ("نمي", "مي")
_PERSIAN_ENDINGS = (
    "هايشان", "هايش", "هايي", "هاي", "ها", "ترين", "تر", "شان", "ان", "ات", "اش", "ام", "اي",
    "ي", "م", "ش", "ند",
)  # fmt: skip
_HEBREW_PREFIXES = "ושהכלבמ"
_HEBREW_ENDINGS = ("ימ", "ות", "יה", "ית", "ה", "י", "ו")

_LEAST_LEFT = 3
"""Letters that must remain of a word when something is taken off."""


def folded(word: str) -> str:
    """Return a word in the one spelling in which it is compared.

    It has no case and no marks, one letter for what readers take for one, and digits 0 to 9.
    """
    if word.isascii():
        return word.lower()
    decomposed = unicodedata.normalize("NFKD", _INVISIBLE.sub("", word)).casefold()
    bare = "".join(c for c in decomposed if not unicodedata.combining(c) or c in _KANA_MARKS)
    return unicodedata.normalize("NFC", "".join(map(_digit, bare)).translate(_LETTERS))


def _digit(character: str) -> str:
    return str(unicodedata.decimal(character)) if character.isdecimal() else character


def arabic_forms(word: str) -> list[str]:
    """Return an Arabic word, and what it may be without the clitics that are written onto it."""
    begun = [word]
    article = next((a for a in _ARTICLES if _can_lose(word, a, at_end=False, left=2)), None)
    if article:
        begun.append(word[len(article) :])
    elif word[0] in _PARTICLES and len(word) > _LEAST_LEFT:
        begun.append(word[1:])
    return _distinct(begun, _without_ending(begun, _ARABIC_ENDINGS))


def persian_forms(word: str) -> list[str]:
    """Return a Persian word, and what it may be without its endings or a verb's beginning."""
    begun = [word]
    begun += [word[len(b) :] for b in _PERSIAN_BEGINNINGS if _can_lose(word, b, at_end=False)][:1]
    return _distinct(begun, _without_ending(begun, _PERSIAN_ENDINGS))


def hebrew_forms(word: str) -> list[str]:
    """Return a Hebrew word, and what it may be without prefixed letters and endings.

    Which of its first letters are prefixes cannot be seen from the word; so each that may be is
    taken off, up to two.
    """
    prefixed = len(word) - len(word.lstrip(_HEBREW_PREFIXES))
    begun = [word[n:] for n in range(min(prefixed, 2) + 1) if not n or len(word) - n >= 2]
    return _distinct(begun, _without_ending(begun, _HEBREW_ENDINGS))


def _without_ending(words: list[str], endings: tuple[str, ...]) -> list[str]:
    def shortened(word: str) -> str:
        ending = next((e for e in endings if _can_lose(word, e, at_end=True)), "")
        return word.removesuffix(ending)

    return [shortened(word) for word in words]


def _can_lose(word: str, part: str, *, at_end: bool, left: int = _LEAST_LEFT) -> bool:
    there = word.endswith(part) if at_end else word.startswith(part)
    return there and len(word) - len(part) >= left


def _distinct(*groups: list[str]) -> list[str]:
    return list(dict.fromkeys(word for group in groups for word in group))
