"""The names under which files that are sent are kept: no two different names become one.

A name that can be kept as it was given is. Every other name gets a short digest of the name given
before its suffix, so that the same file sent again replaces itself, and nothing else.
"""

import hashlib
import os
import unicodedata
from pathlib import Path, PurePosixPath

import regex

from rag.errors import UnreadableFileError

_LONGEST_PART = 140
"""Bytes of UTF-8 in a name; encrypted file systems (eCryptfs) take 143, others 255."""
_LONGEST_SUFFIX = 12
_DEEPEST = 16
"""Folders and name: 16 times 140 bytes leave room in Linux's 4,096 for the library's own path."""
_DIGITS = 10
"""Hexadecimal digits of a digest: 40 bits, among names whose rest is the same as well."""
_CUT = "…"
# Controls, and marks that turn the direction of what follows: none belongs in a file's name.
_NOT_IN_NAMES = regex.compile(r"[\p{Cc}\p{Cs}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_TAGGED = regex.compile(rf"~[0-9a-f]{{{_DIGITS}}}\Z")
# Devices on Windows, whatever their suffix:
# https://learn.microsoft.com/windows/win32/fileio/naming-a-file
_DEVICE = regex.compile(r"(?i)(?:con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)[0-9¹²³])(?=\.|\Z)")


def safe_name(name: str) -> PurePosixPath:
    """Return a relative path for a name that a browser gave: no way out, nothing hidden.

    Two different names have different paths, also where a disk takes NFC and NFD for one.
    Raises UnreadableFileError when nothing of the name is left.
    """
    given = unicodedata.normalize("NFC", name.replace("\\", "/")).split("/")
    parts = [part for part in map(_clean, given) if part][-_DEEPEST:]
    if not parts:
        raise UnreadableFileError("the file has no name")
    *folders, last = parts
    path = PurePosixPath(*(_cut(folder, _LONGEST_PART) for folder in folders), last)
    stem, suffix = _split(last)
    if str(path) == name and len(last.encode()) <= _LONGEST_PART and not _TAGGED.search(stem):
        return path
    tag = "~" + hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:_DIGITS]
    room = _LONGEST_PART - len((tag + suffix).encode())
    return path.with_name(_cut(stem, room) + tag + suffix)


def is_one_for_the_disk(folder: Path) -> bool:
    """Tell whether the disk of an existing folder takes `A` and `a` in a name for one."""
    other = folder.with_name(folder.name.swapcase())
    try:
        return other.name != folder.name and other.samefile(folder)
    except OSError:
        return False


def clash(path: Path, other: Path, *, folded: bool) -> bool:
    """Tell whether two different paths cannot both be those of files.

    One lies below the other, or, where capitals are `folded`, both are the same but for these.
    """
    first, second = str(path), str(other)
    if first == second:
        return False
    if folded:
        first, second = first.casefold(), second.casefold()
        if first == second:
            return True
    return first.startswith(second + os.sep) or second.startswith(first + os.sep)


def _clean(part: str) -> str:
    """Return a part of a path as every system can keep it, but for its length."""
    clean = _NOT_IN_NAMES.sub("", part).replace(":", "-").strip().lstrip(". ").rstrip(". ")
    device = _DEVICE.match(clean)
    return f"{device[0]}-{clean[device.end() :]}" if device else clean


def _split(last: str) -> tuple[str, str]:
    """Return a file's name without its suffix, and the suffix with its dot."""
    stem, dot, suffix = last.rpartition(".")
    return (stem, dot + suffix[:_LONGEST_SUFFIX]) if stem else (last, "")


def _cut(text: str, room: int) -> str:
    """Return a text in `room` bytes: its beginning and its end, as the end often tells two apart.

    What is read as one letter (a grapheme) is left whole.
    """
    if len(text.encode()) <= room:
        return text
    letters = regex.findall(r"\X", text)
    half = (room - len(_CUT.encode())) // 2
    return _fitting(letters, half).rstrip() + _CUT + _fitting(letters[::-1], half, back=True)


def _fitting(letters: list[str], room: int, *, back: bool = False) -> str:
    """Return the first letters that fit in `room` bytes, put in order again when read `back`."""
    taken = []
    for letter in letters:
        room -= len(letter.encode())
        if room < 0:
            break
        taken.append(letter)
    return "".join(taken[::-1] if back else taken)
