"""Raised and lowered characters of a line: exponents, marks of notes, indices, fractions.

What is raised is told by its box: a font of a smaller size whose base is higher. A number in it is
an exponent after a number, a unit or a variable, and the mark of a note after a word, a year or a
mark of punctuation; where both are possible, the notes at the foot of the page decide.
"""

import re
from collections import Counter
from collections.abc import Callable, Collection, Sequence

from rag.formats.pdf.characters.letters import Letter, LetterRow
from rag.formats.pdf.characters.spacing import runs
from rag.formats.typesetting import raised

_BASE = 0.2
"""Share of a letter's height that is below the line it stands on."""
_RISE, _HIGH_RISE, _DROP = 0.12, 0.25, 0.06
"""Shares of the usual height: raised with a smaller font, raised with any, and lowered."""
_SMALLER = 0.92
_LEVEL, _RAISED, _LOWERED = 0, 1, 2
_BEFORE = 80
"""Letters before a raised one that tell what it is."""
_LONGEST = 12
"""Letters; what is longer is no exponent or index."""

_MARK = re.compile(r"\d{1,3}(?:\s?[,–-]\s?\d{1,3})*")
_SLASH = ("/", "\u2044", "\u2215")
_YEAR = re.compile(r"(?<![\d.,])(?:1\d|20)\d\d$")
_NUMBER = re.compile(r"[\d.,]*\d$")
_WORD = re.compile(r"[^\W\d_]+$")
_UNIT = re.compile(
    r"(?<![^\W\d_])(?:[kcdmµμn]?m|km|ft|in|yd|mi|[mµμn]?s|sec|min|h|cell|px|mol|Hz|Pa|eV|deg|rad"
    r"|sin|cos|tan|cot|log|ln|exp|det|lim|max|м|см|км|мм)$"
)
_NAME = re.compile(r"[^\W\d_a-z][a-z]")
_POWERS = ("10", "2")
_SHORT_WORD = 3
"""Letters: what is shorter may be a variable or a unit."""
_STOPS = frozenset(".,;:!?”\"’'»“…。，")


def is_uneven(bottoms: Sequence[float], size: float) -> bool:
    """Tell whether letters of about a size, in points, may not all be level."""
    return max(bottoms) - min(bottoms) > _DROP * size


def shifted(
    letters: Sequence[Letter],
    texts: list[str],
    notes: Collection[str],
    line_of: Callable[[Letter], float],
) -> list[Letter]:
    """Write raised and lowered characters so in `texts`; return the seen letters that are level.

    `texts` has the text of each letter; `notes` are the marks of the notes on the page; `line_of`
    returns the height of the line that a letter stands on, in points.
    """
    seen = [letter for letter in letters if letter.is_shown]
    kinds = _kinds(letters, seen, line_of)
    done = 0
    for kind, start, end in runs(kinds):
        text = "".join(texts[start:end]).strip()
        if start < done or not any(map(str.isdigit, text)) or len(text) > _LONGEST:
            continue
        before = "".join(texts[max(0, start - _BEFORE) : start])
        done = _fraction_end(letters, kinds, start, end)
        if done:
            blank = " " if before[-1:].isdigit() else ""
            text = f"{blank}{text}/{''.join(texts[end + 1 : done]).strip()}"
        elif kind == _RAISED:
            text = _exponent_or_mark(before, text, notes)
        elif before[-1:].isalpha() or before[-1:] in (")", "]"):
            text = raised.lowered(text)
        last = max(done, end)
        texts[start:last] = [text, *[""] * (last - start - 1)]
    level = [letter for letter, kind in zip(letters, kinds, strict=True) if not kind]
    return [letter for letter in level if letter.is_shown] or seen


def note_marks(rows: Sequence[LetterRow]) -> frozenset[str]:
    """Return the marks that notes on a page begin with: numbers, raised or in small letters."""
    marks = set()
    sizes: Counter[float] = Counter()
    for row in rows:
        sizes[round(row.letters[0].top - row.letters[0].bottom, 1)] += len(row.letters)
    usual = sizes.most_common(1)[0][0] if sizes else 0.0
    for row in rows:
        first = row.letters[0]
        if not first.letter.isdigit():
            continue
        mark = _MARK.match("".join(letter.letter for letter in row.letters[:4]))
        if mark is None or not mark[0].isdigit() or len(row.letters) <= mark.end() + 2:
            continue
        after = row.letters[mark.end() + 1]
        is_small = after.top - after.bottom < _SMALLER * usual
        if is_small or _is_raised(first, after):
            marks.add(mark[0])
    return frozenset(marks)


def _is_raised(one: Letter, other: Letter) -> bool:
    size = other.top - other.bottom
    rise = one.bottom + _BASE * (one.top - one.bottom) - other.bottom - _BASE * size
    return one.top - one.bottom < _SMALLER * size and rise > _RISE * size


def _kinds(
    letters: Sequence[Letter], seen: Sequence[Letter], line_of: Callable[[Letter], float]
) -> list[int]:
    """Return whether each letter is level, raised or lowered."""
    lines = {letter.at: line_of(letter) for letter in seen}
    usual = Counter(
        (round(letter.top - letter.bottom, 1), round(lines[letter.at], 1)) for letter in seen
    )
    [((size, line), _)] = usual.most_common(1)
    kinds = []
    for letter in letters:
        kind = _LEVEL
        if letter.is_shown and size > 0:
            is_small = letter.top - letter.bottom < _SMALLER * size
            rise = (lines[letter.at] - line) / size
            if rise > _HIGH_RISE or (is_small and rise > _RISE):
                kind = _RAISED
            elif is_small and rise < -_DROP:
                kind = _LOWERED
        kinds.append(kind)
    return kinds


def _fraction_end(letters: Sequence[Letter], kinds: Sequence[int], start: int, slash: int) -> int:
    """Return where a fraction of small digits ends whose numerator is `[start, slash)`, else 0."""
    if slash >= len(letters) or letters[slash].letter not in _SLASH or kinds[start] != _RAISED:
        return 0
    size = letters[start].top - letters[start].bottom
    last = slash + 1
    while (
        last < len(letters)
        and letters[last].letter.isdigit()
        and letters[last].top - letters[last].bottom < 1.1 * size
        and kinds[last] != _RAISED
    ):
        last += 1
    return last if last > slash + 1 else 0


def _exponent_or_mark(before: str, text: str, notes: Collection[str]) -> str:
    """Return a raised number as it is written after `before`, the line up to it."""
    if not _MARK.fullmatch(text):
        return raised.raised(text)
    if not before.strip():
        return f"{raised.note_mark(text)} "
    if _is_mark(before, text, notes):
        blank = "" if before[-1:].isspace() else " "
        return f"{blank}{raised.note_mark(text)}"
    return raised.raised(text)


def _is_mark(before: str, text: str, notes: Collection[str]) -> bool:
    last = before.rstrip()[-1:]
    if last in _STOPS or _YEAR.search(before) or (before[-1:].isspace() and last.isalnum()):
        return True
    is_note = any(mark in notes for mark in re.split(r"\D+", text))
    if number := _NUMBER.search(before):
        return is_note and number[0] not in _POWERS
    if word := _WORD.search(before):
        is_word = len(word[0]) >= _SHORT_WORD or _NAME.fullmatch(word[0])
        return not _UNIT.search(before) and bool(is_note or is_word)
    return is_note
