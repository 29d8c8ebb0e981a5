"""Safe file names for uploads; two different names never become the same.

A name that can be stored unchanged is. Any other gets a short digest of the original before its
suffix, so that sending the same file again replaces that file and no other.
"""

import hashlib
import os
import unicodedata
from pathlib import Path, PurePosixPath

import regex

from rag.errors import UnreadableFileError

_LONGEST_PART = 140
"""Bytes of UTF-8 in a name; encrypted file systems (eCryptfs) allow 143, others 255."""
_LONGEST_SUFFIX = 12
_MOST_PARTS = 16
"""Folders and name: 16 times 140 bytes leave room in Linux's 4,096 for the library's own path."""
_DIGITS = 10
"""Hexadecimal digits of a digest: 40 bits, among names that are otherwise the same."""
_ELLIPSIS = "…"
# Control characters, and marks that reverse the direction of the text after them.
_NOT_IN_NAMES = regex.compile(r"[\p{Cc}\p{Cs}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_DIGEST = regex.compile(rf"~[0-9a-f]{{{_DIGITS}}}\Z")
# Devices on Windows, whatever their suffix:
# https://learn.microsoft.com/windows/win32/fileio/naming-a-file
_DEVICE = regex.compile(r"(?i)(?:con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)[0-9¹²³])(?=\.|\Z)")


def safe_name(name: str) -> PurePosixPath:
    """Return a relative path for a name that a client sent: nothing hidden, no way up.

    Different names give different paths, even on a disk that does not distinguish NFC from NFD.
    Raises UnreadableFileError if nothing of the name is left.
    """
    sent_parts = unicodedata.normalize("NFC", name.replace("\\", "/")).split("/")
    parts = [part for part in map(_clean, sent_parts) if part][-_MOST_PARTS:]
    if not parts:
        raise UnreadableFileError("the file has no name")
    *folders, last = parts
    path = PurePosixPath(*(_shorten(folder, _LONGEST_PART) for folder in folders), last)
    stem, suffix = _split_suffix(last)
    if str(path) == name and len(last.encode()) <= _LONGEST_PART and not _DIGEST.search(stem):
        return path
    digest = "~" + hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:_DIGITS]
    room = _LONGEST_PART - len((digest + suffix).encode())
    return path.with_name(_shorten(stem, room) + digest + suffix)


def is_case_insensitive(folder: Path) -> bool:
    """Tell whether the disk of an existing folder takes `A` and `a` for the same name."""
    swapped = folder.with_name(folder.name.swapcase())
    try:
        return swapped.name != folder.name and swapped.samefile(folder)
    except OSError:
        return False


def paths_conflict(path: Path, other: Path, *, ignore_case: bool) -> bool:
    """Tell whether two different paths cannot both be files.

    One of them lies below the other or, with `ignore_case`, they differ only in case.
    """
    first, second = str(path), str(other)
    if first == second:
        return False
    if ignore_case:
        first, second = first.casefold(), second.casefold()
        if first == second:
            return True
    return first.startswith(second + os.sep) or second.startswith(first + os.sep)


def _clean(part: str) -> str:
    """Return a part of a path as every system can store it, apart from its length."""
    clean = _NOT_IN_NAMES.sub("", part).replace(":", "-").strip().lstrip(". ").rstrip(". ")
    device = _DEVICE.match(clean)
    return f"{device[0]}-{clean[device.end() :]}" if device else clean


def _split_suffix(name: str) -> tuple[str, str]:
    """Return a file's name without its suffix, and the suffix with its dot."""
    stem, dot, suffix = name.rpartition(".")
    return (stem, dot + suffix[:_LONGEST_SUFFIX]) if stem else (name, "")


def _shorten(text: str, room: int) -> str:
    """Return a text in `room` bytes of UTF-8, its middle cut out: names often differ at the end.

    Graphemes are not split.
    """
    if len(text.encode()) <= room:
        return text
    graphemes = regex.findall(r"\X", text)
    half = (room - len(_ELLIPSIS.encode())) // 2
    start = _take_bytes(graphemes, half)
    end = _take_bytes(graphemes[::-1], half)[::-1]
    return "".join(start).rstrip() + _ELLIPSIS + "".join(end)


def _take_bytes(graphemes: list[str], room: int) -> list[str]:
    """Return the first graphemes that fit in `room` bytes of UTF-8."""
    fitting = []
    for grapheme in graphemes:
        room -= len(grapheme.encode())
        if room < 0:
            break
        fitting.append(grapheme)
    return fitting
