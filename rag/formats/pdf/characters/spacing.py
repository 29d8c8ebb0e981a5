"""The words of a line of a PDF page: what is apart and what is joined, by the gaps between letters.

PDFium puts a space where a gap is wide by a measure of its own. Text that is set closely runs
together so, and the letters of a heading that is set widely fall apart. What is wide is told here
by the other gaps of the same line.
"""

import operator
import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import compress, pairwise
from statistics import median

from rag.formats.pdf.characters.letters import Letter

_WIDER, _TIGHT, _APART = 0.08, 0.05, 0.06
"""Shares of a letter's height: by which a gap between words exceeds the usual gap between letters,
by which no other gap does, and how far the two kinds are from each other."""
_AS_WIDE = 0.6
"""Of the gap between other words of the line: a narrower one parts no words."""
_ENDS, _STARTS = frozenset(".,;:!?)]”’»"), frozenset("([“‘«")
_LEAST_PAIRS = 5
"""Letters that stand side by side, for their usual distance to be known."""
_SPACED = re.compile(r"(?<![^\s])[^\W_](?:[ \u00a0]+[^\W_]){3,}(?![^\s.,:;!?])")
"""Single letters and digits, with spaces between them."""
_LEAST_SPACED, _LEAST_SMALL = 4, 5
"""Letters that are joined to words; small ones may be names of things, as in "a b c d"."""
_WIDE_GAP, _WIDE_PITCH = 1.5, 1.2
"""Times the usual gap between spaced letters, and from middle to middle: a gap between words."""


def spaced(letters: Sequence[Letter]) -> Sequence[str]:
    """Return the text of each character of a line: with a space before it, or without any."""
    joined = "".join([letter[0] for letter in letters])
    starts = _word_starts(letters)
    is_letter_by_letter = list(map(len, joined.split())).count(1) >= _LEAST_SPACED - 1
    if not (starts or is_letter_by_letter):
        return joined
    texts = list(joined)
    for at in starts:
        texts[at] = f" {texts[at]}"
    if is_letter_by_letter:
        for match in _SPACED.finditer(joined):
            _join(letters, texts, match.start(), match.end())
    return texts


def _word_starts(letters: Sequence[Letter]) -> list[int]:
    """Return which letters begin a word though no space stands before them."""
    _, _, lefts, bottoms, rights, tops, shown = zip(*letters, strict=True)
    beside = map(operator.and_, shown[1:], shown)
    gaps = list(compress(map(operator.sub, lefts[1:], rights), beside))
    size = tops[0] - bottoms[0]
    if len(gaps) < _LEAST_PAIRS or max(gaps) <= _WIDER * size:
        return []
    gaps.sort()
    usual = min(gaps[len(gaps) // 2], 2 * _WIDER * size)
    small = gaps[: bisect_right(gaps, usual + _WIDER * size)]
    if len(small) < len(gaps) / 2 or len(small) == len(gaps):
        return []
    least = gaps[len(small)]
    if small[-1] > usual + _TIGHT * size or least - small[-1] < _APART * size:
        return []
    words = [
        lefts[at + 1] - rights[at - 1]
        for at in range(1, len(letters) - 1)
        if shown[at - 1] and shown[at + 1] and not shown[at]
    ]
    if words and least < _AS_WIDE * median(words):
        return []
    return [
        at
        for at in range(1, len(letters))
        if shown[at]
        and shown[at - 1]
        and lefts[at] - rights[at - 1] >= least
        and _may_part(letters, at)
    ]


def _may_part(letters: Sequence[Letter], at: int) -> bool:
    """Tell whether a space may stand before a letter: not beside a dash, nor within an ellipsis."""
    before, after = letters[at - 1].letter, letters[at].letter
    is_end, is_start = before.isalnum() or before in _ENDS, after.isalnum() or after in _STARTS
    return is_end and is_start and not (before.isdigit() and after.isdigit())


def _join(letters: Sequence[Letter], texts: list[str], start: int, end: int) -> None:
    """Take the spaces out between letters `[start, end)` that are set widely apart."""
    shown = [at for at in range(start, end) if letters[at].is_shown]
    pairs = [(letters[at], letters[after]) for at, after in pairwise(shown)]
    gaps = [after.left - before.right for before, after in pairs]
    pitches = [after.left + after.right - before.left - before.right for before, after in pairs]
    size = letters[start].top - letters[start].bottom
    usual, usual_pitch = median(gaps), median(pitches)
    widest = max(_WIDE_GAP * usual, usual + 0.15 * size)
    words: list[list[int]] = [shown[:1]]
    for gap, pitch, at in zip(gaps, pitches, shown[1:], strict=True):
        if gap > widest and pitch > _WIDE_PITCH * usual_pitch:
            words.append([])
        words[-1].append(at)
    if usual <= 0 or not _are_words(["".join(letters[at].letter for at in word) for word in words]):
        return
    for word in words:
        for at in range(word[0] + 1, word[-1]):
            if not letters[at].is_shown:
                texts[at] = ""


def _are_words(words: Sequence[str]) -> bool:
    """Tell words set letter by letter from a row of names, such as those of columns."""
    longest = max((word for word in words if word.isalpha()), key=len, default="")
    least = _LEAST_SMALL if longest.islower() else _LEAST_SPACED
    if len(longest) < least:
        return False
    return not all(ord(other) - ord(one) in (0, 1) for one, other in pairwise(longest.lower()))


def runs(kinds: Sequence[int]) -> Iterator[tuple[int, int, int]]:
    """Give the runs of equal kinds other than 0: kind, start, end."""
    start = 0
    for at in range(1, len(kinds) + 1):
        if at == len(kinds) or kinds[at] != kinds[start]:
            if kinds[start]:
                yield kinds[start], start, at
            start = at
