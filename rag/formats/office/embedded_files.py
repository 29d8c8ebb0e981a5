"""Files within office files: each read as the file it is, placed under its name.

Office keeps another program's file in an envelope of the old kind; a few names of streams tell
what lies in it. What is not a document of a known kind, as a picture, is passed over.
"""

import io
import struct
from pathlib import PurePath

from rag.errors import UnreadableFileError
from rag.formats.extract import Gathering
from rag.formats.parts import step
from rag.formats.registry import KINDS, container
from rag.formats.safe_zip import Archive

NATIVE = "\x01Ole10Native"
"""The stream of an envelope that holds a file as it was, with its name."""

_MOST = 50
_STREAMS = {"WordDocument": ".doc", "Workbook": ".xls", "Book": ".xls"}


def gather_embedded(archive: Archive, gathered: Gathering) -> None:
    """Gather every document that is embedded in an Office Open XML package."""
    names = [name for name in archive.names() if "/embeddings/" in name]
    for part in names[:_MOST]:
        name = PurePath(part).name
        try:
            _include(*_unwrapped(name, archive.read(part)), gathered)
        except UnreadableFileError as error:
            gathered.could_not_read(f"embedded {name}", str(error))
    for part in names[_MOST:]:
        if PurePath(part).suffix.lower() in {*KINDS, ".bin"}:
            reason = f"at most {_MOST} embedded files are read"
            gathered.could_not_read(f"embedded {PurePath(part).name}", reason)


def gather_native(stream: bytes, gathered: Gathering) -> None:
    """Gather the document that a stream of this kind holds, if it is one."""
    try:
        _include(*_native(stream), gathered)
    except (struct.error, UnreadableFileError) as error:
        gathered.could_not_read("embedded file", str(error))


def _include(name: str, data: bytes, gathered: Gathering) -> None:
    from rag.formats.dispatch import extract

    if data:
        with step():
            gathered.include(extract(name, data), f"embedded {name}")


def _unwrapped(name: str, data: bytes) -> tuple[str, bytes]:
    """Return a document's name and bytes, out of its envelope; no bytes for anything else."""
    if PurePath(name).suffix.lower() in KINDS:
        return name, data
    if container(data) != "ole":
        return name, b""
    import olefile

    try:
        with olefile.OleFileIO(io.BytesIO(data)) as envelope:
            streams = {entry[0]: entry for entry in envelope.listdir() if len(entry) == 1}
            for stream, suffix in _STREAMS.items():
                if stream in streams:
                    return name + suffix, data
            if NATIVE in streams:
                return _native(envelope.openstream(NATIVE).read())
            for stream in ("CONTENTS", "Package"):
                if stream in streams:
                    return _guessed(name, envelope.openstream(stream).read())
    except (OSError, struct.error, ValueError) as error:
        raise UnreadableFileError(f"its envelope is damaged ({error})") from error
    return name, b""


def _native(stream: bytes) -> tuple[str, bytes]:
    """Return the file that Windows' packager put in: names ended by zeros, then the bytes."""
    label, _, rest = stream[6:].partition(b"\0")
    _, _, rest = rest.partition(b"\0")
    (length_of_path,) = struct.unpack_from("<I", rest, 4)
    start = 8 + length_of_path
    (size,) = struct.unpack_from("<I", rest, start)
    name = label.decode("utf-8", "replace")
    is_document = PurePath(name).suffix.lower() in KINDS
    return name, rest[start + 4 : start + 4 + size] if is_document else b""


def _guessed(name: str, data: bytes) -> tuple[str, bytes]:
    kind = container(data)
    if kind == "pdf":
        return f"{name}.pdf", data
    if kind == "zip":
        entries = Archive(data).names()
        for folder, suffix in (("word/", ".docx"), ("ppt/", ".pptx"), ("xl/", ".xlsx")):
            if any(entry.startswith(folder) for entry in entries):
                return name + suffix, data
    return name, b""
