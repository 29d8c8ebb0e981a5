"""How Word writes a number, by the name of the format (ECMA-376 Part 1, 17.18.59)."""

from collections.abc import Callable

from rag.formats.typesetting.numerals import NUMBERINGS

_ONES = ("", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
         "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen",
         "nineteen")  # fmt: skip
_TENS = ("", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_ORDINALS = {"one": "first", "two": "second", "three": "third", "five": "fifth", "eight": "eighth",
             "nine": "ninth", "twelve": "twelfth"}  # fmt: skip
_CHINESE_DIGITS = "〇一二三四五六七八九"
_STEMS = "甲乙丙丁戊己庚辛壬癸"
_BRANCHES = "子丑寅卯辰巳午未申酉戌亥"
_AIUEO = (
    "アイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワヲン"
)
_IROHA = (
    "イロハニホヘトチリヌルヲワカヨタレソツネナラムウヰノオクヤマケフコエテアサキユメミシヱヒモセス"
)
_GANADA = "가나다라마바사아자차카타파하"
_CHOSUNG = "ㄱㄴㄷㄹㅁㅂㅅㅇㅈㅊㅋㅌㅍㅎ"
_THAI = "กขคงจฉชซฌญฎฏฐฑฒณดตถทธนบปผฝพฟภมยรลวศษสหฬอฮ"
_CHICAGO = "*†‡§"


def written(number: int, numbering: str) -> str:
    """Return a number in a format of Word's; in digits where the format is not known."""
    return _FORMATS.get(numbering, str)(number)


def is_drawn(numbering: str) -> bool:
    """Tell whether a format draws numbers, not bullets."""
    return numbering != "bullet"


def padded(sample: str) -> Callable[[int], str] | None:
    """Return the format of a sample of its own, as "001, 002, 003, ..."; None for others."""
    first = sample.partition(",")[0].strip()
    if first.isascii() and first.isdigit() and 1 < len(first) < 10 and int(first) == 1:
        return lambda number: str(number).zfill(len(first))
    return None


def _cycled(letters: str) -> Callable[[int], str]:
    """Begin again after the last letter, as Word does with letters that are not Latin."""
    return lambda number: letters[(number - 1) % len(letters)] if number > 0 else str(number)


def _doubled(letters: str) -> Callable[[int], str]:
    def sign(number: int) -> str:
        times, rest = divmod(number - 1, len(letters))
        return letters[rest] * min(times + 1, 30) if number > 0 else str(number)

    return sign


def _digits(digits: str) -> Callable[[int], str]:
    return lambda number: "".join(digits[int(one)] if one.isdigit() else one for one in str(number))


def _cardinal(number: int) -> str:
    if not 0 < number < 1000:
        return str(number)
    hundreds, rest = divmod(number, 100)
    tens, ones = divmod(rest, 10) if rest > 19 else (0, rest)
    small = "-".join(word for word in (_TENS[tens], _ONES[ones]) if word)
    words = [f"{_ONES[hundreds]} hundred"] if hundreds else []
    return " ".join([*words, small] if small else words).capitalize()


def _ordinal_words(number: int) -> str:
    words = _cardinal(number)
    if words.isdigit() or number < 0:
        return words
    cut = max(words.rfind(" "), words.rfind("-")) + 1
    last = words[cut:].lower()
    ordinal = _ORDINALS.get(last) or (f"{last[:-1]}ieth" if last.endswith("y") else f"{last}th")
    return (words[:cut] + ordinal).capitalize()


def _hebrew_letters(number: int) -> str:
    letters = "אבגדהוזחטיכלמנסעפצקרשת"
    times, rest = divmod(number - 1, len(letters))
    return (letters[-1] * min(times, 30) + letters[rest]) if number > 0 else str(number)


def _enclosed(first: int, most: int) -> Callable[[int], str]:
    return lambda number: chr(first + number - 1) if 0 < number <= most else str(number)


_CHINESE = NUMBERINGS["chinese"]
_FULL_WIDTH = _digits("０１２３４５６７８９")
_FORMATS: dict[str, Callable[[int], str]] = {
    "none": lambda number: "",
    "decimal": str,
    "decimalZero": NUMBERINGS["decimal-leading-zero"],
    "upperRoman": NUMBERINGS["upper-roman"],
    "lowerRoman": NUMBERINGS["lower-roman"],
    "upperLetter": NUMBERINGS["upper-repeated"],
    "lowerLetter": NUMBERINGS["lower-repeated"],
    "ordinal": NUMBERINGS["ordinal"],
    "cardinalText": _cardinal,
    "ordinalText": _ordinal_words,
    "hex": lambda number: f"{number:X}",
    "chicago": _doubled(_CHICAGO),
    "numberInDash": lambda number: f"- {number} -",
    "decimalFullWidth": _FULL_WIDTH,
    "decimalFullWidth2": _FULL_WIDTH,
    "decimalEnclosedCircle": NUMBERINGS["circled"],
    "decimalEnclosedCircleChinese": NUMBERINGS["circled"],
    "decimalEnclosedParen": _enclosed(0x2474, 20),
    "decimalEnclosedFullstop": _enclosed(0x2488, 20),
    "ideographDigital": _digits(_CHINESE_DIGITS),
    "japaneseDigitalTenThousand": _digits(_CHINESE_DIGITS),
    "taiwaneseDigital": _digits("○" + _CHINESE_DIGITS[1:]),
    "koreanDigital": _digits("영일이삼사오육칠팔구"),
    "koreanDigital2": _digits("零" + _CHINESE_DIGITS[1:]),
    **dict.fromkeys(("chineseCounting", "chineseCountingThousand", "japaneseCounting",
                     "taiwaneseCounting", "taiwaneseCountingThousand"), _CHINESE),
    "ideographTraditional": _cycled(_STEMS),
    "ideographZodiac": _cycled(_BRANCHES),
    "aiueo": _cycled(_AIUEO),
    "aiueoFullWidth": _cycled(_AIUEO),
    "iroha": _cycled(_IROHA),
    "irohaFullWidth": _cycled(_IROHA),
    "ganada": _cycled(_GANADA),
    "chosung": _cycled(_CHOSUNG),
    "thaiLetters": _cycled(_THAI),
    "thaiNumbers": _digits("๐๑๒๓๔๕๖๗๘๙"),
    "hindiNumbers": _digits("०१२३४५६७८९"),
    "hebrew1": NUMBERINGS["hebrew"],
    "hebrew2": _hebrew_letters,
    "arabicAlpha": NUMBERINGS["arabic-alphabet"],
    "arabicAbjad": NUMBERINGS["arabic-abjad"],
    "russianLower": _cycled("абвгдежзиклмнопрстуфхцчшщыэюя"),
    "russianUpper": _cycled("АБВГДЕЖЗИКЛМНОПРСТУФХЦЧШЩЫЭЮЯ"),
}  # fmt: skip
