"""Plain text to blocks: paragraphs between blank lines, or one to a line; headings by their look.

Text files mark nothing, so this reads the signs a person would: lines that break where a margin
would break them belong together; long lines, and lines that each end a sentence, stand alone.
"""

import itertools
import math
from dataclasses import dataclass

import regex

from rag.text.blocks import Block

_WIDEST_MARGIN = 132  # nobody wraps wider by hand; longer lines are paragraphs
_LONGEST_STANZA = 2_000  # an unwrapped block beyond this is a table or a log, not a verse
_GOES_ON = (",", ";", "،", "、", "，")
"""Ends of a line that no heading has: a salutation's, or that of a sentence cut in two."""
_LONGEST_HEADING = 80
_MOST_HEADING_WORDS = 10
_WRAPPED_SHARE = 0.7  # of lines that a margin broke; hand-broken text is never exact
_MIXED_SHARE = 0.3  # below this a long group is line by line; above, running text among tables

_SENTENCE_END = regex.compile(r"[.!?…؟。！？:;]['\"”’»)\]]*$")
_CHAPTER = regex.compile(r"(?i:chapter|section|part|appendix)\s+(?:\d+|[IVXLC]+|\p{Lu})\b")
_NUMBERED = regex.compile(r"(\d+(?:\.\d+)*)[.)]?\s+\p{Lu}")
_UNDERLINE = regex.compile(r"(=+|-+|~+|\*+)$")
_LIST_ITEM = regex.compile(r"(?:[-*+•‣◦–]|\(?\d{1,3}[.)]|\(?[a-z][.)])\s+\S")


@dataclass(frozen=True, slots=True)
class _Line:
    start: int
    end: int
    text: str
    """The line without its white space; `start` and `end` are the whole line's."""


def blocks(text: str) -> list[Block]:
    """Return the blocks of a plain text, in order, headings marked as such."""
    blocks: list[Block] = []
    groups = _between_blank_lines(text)
    for before, group, after in zip([[], *groups], groups, [*groups[1:], []], strict=False):
        level = _heading_level(before, group, after)
        if level is not None:
            blocks.append(Block(group[0].start, group[0].end, level, group[0].text))
        else:
            blocks.extend(_split(group))
    return blocks


def _between_blank_lines(text: str) -> list[list[_Line]]:
    groups: list[list[_Line]] = [[]]
    at = 0
    for whole in text.splitlines(keepends=True):
        line = _Line(at, at + len(whole), whole.strip())
        at = line.end
        if line.text:
            groups[-1].append(line)
        elif groups[-1]:
            groups.append([])
    return [group for group in groups if group]


def _heading_level(before: list[_Line], group: list[_Line], after: list[_Line]) -> int | None:
    """Return the level of a group that looks like a heading of what comes after it, else None."""
    first = group[0].text
    if not after or len(first) > _LONGEST_HEADING or _SENTENCE_END.search(first):
        return None
    if len(group) == 2 and (rule := _UNDERLINE.match(group[1].text)) and len(rule[0]) > 2:
        return 1 if rule[0][0] in "=*" else 2
    if len(group) > 1:
        return None
    if depth := _numbering(group):
        # Numbered lines in a row are the steps of a list, not headings without a text.
        return None if depth in (_numbering(before), _numbering(after)) else depth + 1
    if first.isupper() or _CHAPTER.match(first):
        return 1
    if first[0].islower() or first.endswith(_GOES_ON) or _LIST_ITEM.match(first):
        return None
    # Otherwise only what follows tells: a heading is short and stands above running text.
    body = sum(len(line.text) for line in after)
    runs = body > 2 * len(first) and _SENTENCE_END.search(after[-1].text)
    short = len(first.split()) <= _MOST_HEADING_WORDS and ": " not in first and "\t" not in first
    return 2 if runs and short else None


def _numbering(group: list[_Line]) -> int:
    """Return how deep a group's leading number is ("2" 1, "2.1" 2), or 0 when it has none."""
    match = _NUMBERED.match(group[0].text) if group else None
    return match[1].count(".") + 1 if match else 0


def _split(group: list[_Line]) -> list[Block]:
    """Split a group of lines without a blank one between into its paragraphs."""
    if len(group) == 1:
        return [_joined(group)]
    full = _full_lines(group)
    wrapped = sum(full) / len(full) if full else 0.0
    items = [i for i, line in enumerate(group) if _LIST_ITEM.match(line.text)]
    long = sum(len(line.text) for line in group) > _LONGEST_STANZA
    if wrapped >= _WRAPPED_SHARE or (long and wrapped >= _MIXED_SHARE):
        # A line that had room for the next word and ends a sentence ends its paragraph.
        ends = [
            i + 1
            for i, is_full in enumerate(full)
            if not is_full and _SENTENCE_END.search(group[i].text)
        ]
        return _cut(group, ends + (items if len(items) > 1 else []))
    if len(items) > 1:
        return _cut(group, items if long else [])
    return _cut(group, list(range(1, len(group))) if _is_line_by_line(group) else [])


def _cut(group: list[_Line], at: list[int]) -> list[Block]:
    bounds = sorted({0, *at, len(group)})
    return [_joined(group[a:b]) for a, b in itertools.pairwise(bounds)]


def _joined(lines: list[_Line]) -> Block:
    return Block(lines[0].start, lines[-1].end)


def _full_lines(group: list[_Line]) -> list[bool]:
    """Tell for each line but the last whether a margin broke it; nothing when none could have.

    A line broken by a margin could not have taken the next line's first word as well. The margin
    is where three lines in four end at the latest: overlong ones among them say nothing.
    """
    lengths = sorted(len(line.text) for line in group)
    margin = lengths[math.ceil(0.75 * (len(lengths) - 1))]
    if margin > _WIDEST_MARGIN or any("\t" in line.text for line in group):
        return []
    return [
        len(line.text) + 1 + len(after.text.split(maxsplit=1)[0]) > 0.85 * margin
        for line, after in itertools.pairwise(group)
    ]


def _is_line_by_line(group: list[_Line]) -> bool:
    """Tell whether each line is a paragraph: long, or a sentence, or a row of a long table."""
    if max(len(line.text) for line in group) > _WIDEST_MARGIN:
        return True
    if sum(len(line.text) for line in group) > _LONGEST_STANZA:
        return True
    ending = sum(bool(_SENTENCE_END.search(line.text)) for line in group)
    return ending > 0.6 * len(group)
