"""Marks in RTF for what a plain text would lose: raised digits, hidden text, notes, cells.

They are noncharacters of Unicode, which no text holds, written so that striprtf passes them on.
Words are those of Microsoft's Rich Text Format Specification 1.9.1.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

LEVEL, RAISED, LOWERED = "\ufdd0", "\ufdd1", "\ufdd2"
HIDDEN, SHOWN = "\ufdd3", "\ufdd4"
NOTE, ENDNOTE, NOTE_END = "\ufdd5", "\ufdd6", "\ufdd7"
NOTE_MARK = "\ufdd8"
"""Where the number of a note is drawn."""
CELL, ROW, LINE = "\ufdd9", "\ufdda", "\ufddb"
"""The ends of a cell, of a row, and of a paragraph within a cell."""
MARKS = "\ufdd0-\ufddb"

_TOKEN = re.compile(
    r"\\(?P<word>[a-zA-Z]{1,32})(?P<number>-?[0-9]{1,10})? ?|(?P<brace>[{}])"
    r"|\\'[0-9a-fA-F]{2}|\\[^a-zA-Z]|[^\\{}]+|\\",
    re.DOTALL,
)
# Left out, these words leave heads and feet in the text, where a reader sees them.
_HEADS = {f"{kind}{side}" for kind in ("header", "footer") for side in ("", "l", "r", "f")}
_SMALLER = 0.9  # of the size of a line: text raised in full size only makes room for a picture
_INSIDE_OF_CELLS = {"nestcell": " | ", "nestrow": "; "}


@dataclass(frozen=True, slots=True)
class _State:
    """What holds in a group, and in those within it unless they say otherwise."""

    shift: str = LEVEL
    raised_by: int = 0
    size: int = 24  # half-points
    is_hidden: bool = False
    in_table: bool = False
    is_note: bool = False
    """Whether the group is a note, not one within it."""
    in_note: bool = False


def marked(source: str) -> str:
    """Return RTF with marks, each byte of the file one character."""
    return "".join(_Marking().pieces(source))


class _Marking:
    def __init__(self) -> None:
        self._state = _State()
        self._groups: list[_State] = []
        self._written = LEVEL, False
        self._largest = 0
        """The size of the largest text in the paragraph."""

    def pieces(self, source: str) -> Iterator[str]:
        """Give the source in pieces, with marks between them."""
        keeps_numbers = "\\listtext" in source  # then those for older programs are the same again
        at = 0
        while at < len(source) and (token := _TOKEN.match(source, at)):
            at = token.end()
            if brace := token["brace"]:
                yield from self._brace(brace)
            elif (word := token["word"]) is None:
                yield token[0]
            elif word == "bin":
                end = at + int(token["number"] or 0)
                yield source[token.start() : end]
                at = end
            elif word == "footnote":
                is_endnote = source.startswith("\\ftnalt", at)
                self._state = replace(self._state, is_note=True, in_note=True)
                yield _written(ENDNOTE if is_endnote else NOTE)
            elif word in _HEADS or (word == "pntext" and not keeps_numbers):
                pass
            elif (instead := self._instead(word)) is not None:
                yield instead
            else:
                self._set(word, token["number"])
                yield token[0]
                yield from self._changes()

    def _brace(self, brace: str) -> Iterator[str]:
        if brace == "{":
            self._groups.append(self._state)
            self._state = replace(self._state, is_note=False)
            yield brace
            return
        if self._state.is_note:
            yield _written(NOTE_END)
        self._state = self._groups.pop() if self._groups else _State()
        yield brace
        yield from self._changes()

    def _instead(self, word: str) -> str | None:
        """Return what stands for a word; None for a word that stays."""
        if word == "chftn":
            return "" if self._state.in_note else _written(NOTE_MARK)
        if word in ("cell", "row"):
            return _written(CELL if word == "cell" else ROW)
        if word == "par":
            self._largest = 0
            return _written(LINE) if self._state.in_table and not self._state.in_note else None
        return _INSIDE_OF_CELLS.get(word)

    def _set(self, word: str, argument: str | None) -> None:
        number = int(argument) if argument else None
        state = self._state
        if word == "plain":
            state = replace(state, shift=LEVEL, raised_by=0, size=24, is_hidden=False)
        elif word in ("super", "sub"):
            state = replace(state, shift=RAISED if word == "super" else LOWERED)
            state = replace(state, shift=LEVEL) if number == 0 else state
        elif word == "nosupersub":
            state = replace(state, shift=LEVEL)
        elif word in ("up", "dn"):
            state = replace(state, raised_by=(6 if number is None else number) * _SIGNS[word])
        elif word == "fs":
            state = replace(state, size=number or 24)
        elif word == "v":
            state = replace(state, is_hidden=number != 0)
        elif word in ("pard", "intbl"):
            state = replace(state, in_table=word == "intbl")
        self._state = state

    def _changes(self) -> Iterator[str]:
        """Give marks of what has changed since the last ones."""
        state = self._state
        shift = state.shift
        if state.raised_by == 0:
            self._largest = max(self._largest, state.size)
        elif shift == LEVEL and state.size <= _SMALLER * self._largest:
            shift = RAISED if state.raised_by > 0 else LOWERED
        if self._written != (shift, state.is_hidden):
            if shift != self._written[0]:
                yield _written(shift)
            if state.is_hidden != self._written[1]:
                yield _written(HIDDEN if state.is_hidden else SHOWN)
            self._written = shift, state.is_hidden


_SIGNS = {"up": 1, "dn": -1}


def _written(mark: str) -> str:
    """Return a mark as RTF writes characters; after the word behind it, nothing is skipped."""
    return f"\\u{ord(mark) - 0x10000}\\nomark "
