"""Decoding of text files: detection of their encoding, and of files that are not text."""

import codecs
import os
import re

from rag.errors import UnreadableFileError
from rag.text.charsets.legacy import legacy_encoding

# Longer marks first: UTF-32's begins with UTF-16's.
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# Control characters, except tab to carriage return, escape, and three separators.
_NO_TEXT = re.compile("[\x00-\x08\x0e-\x1a\x1f]")
_SAMPLE = 1 << 16
_SURROGATES = re.compile("[\ud800-\udfff]")


def encodable(text: str) -> str:
    """Replace lone surrogates, which UTF-8 cannot encode, by U+FFFD; offsets do not change."""
    return _SURROGATES.sub("\N{REPLACEMENT CHARACTER}", text)


def printable(name: str) -> str:
    """Return a file's name for display; bytes that are not UTF-8 become U+FFFD."""
    return os.fsencode(name).decode("utf-8", "replace")


def decode(data: bytes) -> str:
    """Decode a file's bytes, without any normalisation.

    A byte-order mark decides, and is removed. Otherwise UTF-16 without a mark is tried, then UTF-8,
    then the encodings from before Unicode (`charsets.legacy`). In a file that is UTF-8 except for a
    few damaged places, each of them becomes U+FFFD.

    Raises UnreadableFileError for an empty file and for one that is not text.
    """
    if not data:
        raise UnreadableFileError("the file is empty")
    text = _decoded(data)
    if not text.strip():
        raise UnreadableFileError("the file contains no text")
    if _is_binary(text):
        raise UnreadableFileError("the file is not text")
    return text


def _decoded(data: bytes) -> str:
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            try:
                return data[len(mark) :].decode(encoding)
            except UnicodeDecodeError as error:
                raise UnreadableFileError(f"the file is damaged {encoding} text") from error
    wide = _utf16_without_mark(data)
    if wide is not None:
        return wide
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return _legacy(data)


def _utf16_without_mark(data: bytes) -> str | None:
    """Recognise UTF-16 by its zeros: mostly on one side of each pair, hardly any on the other."""
    sample = data[: _SAMPLE & ~1]
    pairs = len(sample) // 2
    left, right = sample[0::2].count(0), sample[1::2].count(0)
    if len(data) % 2 or pairs == 0 or max(left, right) < 0.4 * pairs:
        return None
    if min(left, right) > 0.05 * pairs:
        return None
    try:
        return data.decode("utf-16-le" if right > left else "utf-16-be")
    except UnicodeDecodeError:
        return None


def _legacy(data: bytes) -> str:
    repaired = data.decode("utf-8", "replace")
    damaged = repaired.count("\N{REPLACEMENT CHARACTER}")
    beyond_ascii = sum(character > "\x7f" for character in repaired) - damaged
    if beyond_ascii > 10 * damaged:
        return repaired  # UTF-8 with a few damaged places: any other reading garbles the rest
    if 0 in data[:_SAMPLE]:
        raise UnreadableFileError("the file is not text")
    try:
        return data.decode(legacy_encoding(data) or "ascii")
    except (UnicodeDecodeError, LookupError) as error:
        message = "the file is not text in any encoding that was recognised"
        raise UnreadableFileError(message) from error


def _is_binary(text: str) -> bool:
    """Tell bytes that merely happen to decode: text has few control characters and zeros."""
    sample = text[:_SAMPLE]
    return len(_NO_TEXT.findall(sample)) > 0.05 * len(sample) + 1
