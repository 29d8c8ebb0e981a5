"""Passages compared with a second reading of their files, by parsers that share nothing.

The first check of `quoth verify` reads a file again with the same reader, which errs the same way
twice. Here the letters and digits of each passage are looked for, in order, in the text that
another program or library reads: poppler for PDF, where it is installed; otherwise the parsers of
`rag.formats.second_reading`. What differs is not proved wrong, but is worth a look: a number in a
list that only the program draws, or a table read in another order, differs as well.
"""

import contextlib
import os
import re
import shutil
import signal
import subprocess
import tempfile
import threading
import time
import unicodedata
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import PurePath
from typing import NamedTuple

from rapidfuzz.distance import LCSseq

from rag.errors import UnreadableFileError
from rag.formats.second_reading.texts import NAMES, kind_of
from rag.formats.worker import Worker
from vector_store.records import Passage

LEAST_AGREEMENT = 0.97
"""A passage below this share is listed."""
_SECONDS = 90.0
_MEMORY = 3 << 29
"""Bytes of memory that poppler may use, as many as a reader's."""
_LONGEST = 64 << 20
"""Bytes of a second text, from which on it is not compared."""
_COMPARING_SECONDS = 60.0
"""For the passages of one document; after it the rest is not compared."""
_AT_ONCE = 1 << 16
"""Characters whose letters are gathered at once."""
_ANCHORS = (24, 8, 4)
"""Letters of the pieces by which a passage is located in the other text: long ones, then short."""
_CONTAINED = ("attachment ", "embedded ")
"""How places begin that lie in files within the file."""
_MOST_PLACES = 8
_DRAWN = re.compile(
    r"^[ \t]*(?:\[[\w*]{1,5}\]|\(?(?:\d{1,3}(?:\.\d{1,3}){0,4}|[a-zA-Z]{1,2}|[ivxlcIVXLC]{1,6})[.)]"
    r"|\d{1,3}(?:\.\d{1,3})+)\s+",
    re.MULTILINE,
)
"""A number before a line, which programs draw without writing it into the file."""
_DRAWING = frozenset({"docx", "pptx", "odt", "html", "epub", "mail"})
"""Kinds of file in which numbers are drawn."""
_MARGIN = 0.1
"""Of a passage's length, on each side of the place where it is looked for."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A passage that the second reading does not confirm."""

    paragraph: int
    place: str
    agreement: float
    """The share, 0 to 1, of its letters and digits that stand in the other text, in order."""
    text: str
    other: str
    """What the second reading has there; empty if nothing like it."""


@dataclass(frozen=True, slots=True)
class SecondReading:
    """A document's passages compared with a second reading of its file."""

    document: str
    path: str
    witness: str
    """What read it the second time."""
    agreements: tuple[float, ...]
    """Of each passage compared."""
    differences: tuple[Difference, ...]
    skipped: int = 0
    """How many passages were not compared, for lack of time."""


def compare(
    name: str, path: str, data: bytes, passages: Sequence[Passage], worker: Worker
) -> SecondReading | None:
    """Compare a document's passages with a second reading of its file, given its bytes.

    None when there is no second way of reading it, or that fails. Passages of files within the
    file, such as attachments, are left out.
    """
    kind = kind_of(name)
    own = [one for one in passages if not one.paragraph.place.startswith(_CONTAINED)]
    if kind is None or not own:
        return None
    reading = _read(kind, PurePath(path).name, data, worker)
    if reading is None:
        return None
    witness, text = reading
    other = _Letters.of(text, digits=kind != "xlsx")
    drawn = _DRAWN if kind in _DRAWING else None
    agreements, differences = [], []
    end, near, skipped = time.monotonic() + _COMPARING_SECONDS, 0, 0
    for position, passage in enumerate(own):
        if time.monotonic() > end:
            skipped = len(own) - position
            break
        match = _match(passage.text, other, drawn, near)
        if match is not None:
            near = match.start
            agreements.append(match.agreement)
            if match.agreement < LEAST_AGREEMENT:
                differences.append(_difference(passage, match, other))
    if not agreements:
        return None
    return SecondReading(name, path, witness, tuple(agreements), tuple(differences), skipped)


def _read(kind: str, name: str, data: bytes, worker: Worker) -> tuple[str, str] | None:
    """Return what reads a file the second time, and its text; None if that fails."""
    program = shutil.which("pdftotext") if kind == "pdf" else None
    if program is not None:
        text = _poppler_text(program, data)
        return None if text is None else ("poppler", text)
    try:
        text = worker.second_text(name, data)
    except UnreadableFileError:
        return None
    return (NAMES[kind], text) if len(text) < _LONGEST else None


def _poppler_text(program: str, data: bytes) -> str | None:
    """Return what poppler reads in a PDF, within limits on time, memory and length; else None."""
    command = [program, "-enc", "UTF-8", "-", "-"]
    if os.name == "posix":
        command = ["sh", "-c", f'ulimit -v {_MEMORY >> 10}; exec "$0" "$@"', *command]
    with tempfile.TemporaryFile() as file:
        file.write(data)
        file.seek(0)
        with subprocess.Popen(
            command,
            stdin=file,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        ) as process:
            timer = threading.Timer(_SECONDS, _kill, [process])
            timer.start()
            try:
                text = process.stdout.read(_LONGEST) if process.stdout else b""
                is_whole = len(text) < _LONGEST and process.wait() == 0
            finally:
                timer.cancel()
                _kill(process)
    return text.decode("utf-8", "replace") if is_whole else None


def _kill(process: "subprocess.Popen[bytes]") -> None:
    """Kill a process with those it started, which would keep its output open."""
    if os.name != "posix":
        process.kill()
    elif process.returncode is None:  # else its number may be another's by now
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)


@dataclass(frozen=True, slots=True, eq=False)
class _Letters:
    """A text's letters and digits, folded, and where each stands in the text."""

    text: str
    letters: str
    places: "array[int]"
    digits: bool
    """Whether digits are compared."""

    @classmethod
    def of(cls, text: str, *, digits: bool) -> "_Letters":
        pieces: list[str] = []
        places = array("L")
        for first in range(0, len(text), _AT_ONCE):
            letters: list[str] = []
            for place, character in enumerate(text[first : first + _AT_ONCE], start=first):
                for folded in _folded(character):
                    if folded.isalpha() or (digits and folded.isdigit()):
                        letters.append(folded)
                        places.append(place)
            pieces.append("".join(letters))
        return cls(text, "".join(pieces), places, digits)

    def between(self, start: int, end: int) -> str:
        """Return the text from one letter to another."""
        if start >= min(end, len(self.letters)):
            return ""
        return self.text[self.places[start] : self.places[min(end, len(self.letters)) - 1] + 1]


def _folded(character: str) -> str:
    """Return a character without case or form: "⁶" as "6", "ﬁ" as "fi", "é" as "e"."""
    if character.isascii():
        return character.lower()
    return unicodedata.normalize("NFKD", character).casefold()


class _Match(NamedTuple):
    """The place of the other text that is most like a passage."""

    agreement: float
    start: int
    """In letters of the other text."""
    end: int


def _match(text: str, other: _Letters, drawn: re.Pattern[str] | None, near: int) -> _Match | None:
    """Return where a passage stands in the other text, or what is most like it.

    `drawn` matches numbers that the other text may lack; the passage is first looked for after
    the letter `near`. None for a passage without letters.
    """
    own = _Letters.of(text, digits=other.digits).letters
    if not own:
        return None
    match = _nearest(own, other.letters, near)
    if match.agreement < 1 and drawn is not None:
        bare = _Letters.of(drawn.sub("", text), digits=other.digits).letters
        if bare and bare != own:
            match = max(match, _nearest(bare, other.letters, near))
    return match


def _difference(passage: Passage, match: _Match, other: _Letters) -> Difference:
    paragraph = passage.paragraph
    place = paragraph.place or (f"page {paragraph.page}" if paragraph.page else "")
    nearest = other.between(match.start, match.end)
    return Difference(paragraph.number, place, match.agreement, passage.text, nearest)


def _nearest(own: str, letters: str, near: int) -> _Match:
    """Return the share of `own` that stands in order at the best place of `letters`, and where."""
    at = letters.find(own, near)
    at = letters.find(own, 0, near + len(own)) if at < 0 else at
    if at >= 0:
        return _Match(1.0, at, at + len(own))
    margin = int(_MARGIN * len(own)) + 4
    best = _Match(0.0, 0, 0)
    for size in _ANCHORS:
        for start in islice(_places(own, letters, size), _MOST_PLACES):
            first, last = max(0, start - margin), start + len(own) + margin
            share = LCSseq.similarity(own, letters[first:last]) / len(own)
            best = max(best, _Match(share, first, last))
        if best.agreement >= LEAST_AGREEMENT:
            break
    return best


def _places(own: str, letters: str, size: int) -> Iterator[int]:
    """Yield where `own` would begin in `letters`, if a piece of it is where it was found."""
    seen: set[int] = set()
    for offset in range(0, max(1, len(own) - size), size):
        at = letters.find(own[offset : offset + size])
        start = at - offset
        if at >= 0 and all(abs(start - other) > size for other in seen):
            seen.add(start)
            yield start
