"""Old Word documents (.doc): their text, by the table of pieces that it is kept in.

The container is read by olefile; the layout is that of Microsoft's published [MS-DOC]. Headings
are told by their look, as in a plain text. The file's properties are not looked at: their parser in
olefile goes on for hours where one of their counts is damaged.
"""

import io
import re
import struct

from rag.errors import UnreadableFileError
from rag.formats.extract import Extract, Gathering, one_spaced, visible
from rag.formats.office.embedded_files import NATIVE, gather_native
from rag.formats.office.lead_ins import LeadIns, typed_depth
from rag.formats.office.word97 import text as text97
from rag.text import plain_text

_WORD97 = 0xC1
_LOCKED, _OTHER_TABLE = 0x0100, 0x0200  # flags of the header
_CLX_AT = 0x01A2
# Word keeps what is read above a word, as in Japanese, in the code of a field.
_ABOVE = re.compile("\x13EQ [^\x13\x14\x15]*\\\\up *[0-9]+\\(([^()]*)\\),([^()]*)\\)\x15")
# The format counts each of these characters as two.
_WIDE = re.compile("[\U00010000-\U0010ffff]")
_CODE = re.compile("\x13[^\x13\x14\x15]*\x14|\x13[^\x13\x14\x15]*\x15")


def read(data: bytes, name: str) -> Extract:
    """Read a document; see the module. Raises UnreadableFileError."""
    import olefile

    try:
        container = olefile.OleFileIO(io.BytesIO(data))
    except OSError as error:
        raise UnreadableFileError(f"the file is damaged ({error})") from error
    with container:
        if not container.exists("WordDocument"):
            if container.exists("EncryptedPackage") or container.exists("\x06DataSpaces"):
                raise UnreadableFileError("a password or a licence is needed to read it")
            raise UnreadableFileError("the file is damaged: it holds no Word document")
        stream = container.openstream("WordDocument").read()
        magic, version, flags = struct.unpack_from("<HH6xH", stream)
        if flags & _LOCKED:
            raise UnreadableFileError("a password is needed to read it")
        if version < _WORD97 or magic != 0xA5EC:
            raise UnreadableFileError("it is from a Word older than 97; save it as .docx")
        table = "1Table" if flags & _OTHER_TABLE else "0Table"
        pieces = container.openstream(table).read()
        objects = [entry for entry in container.listdir() if entry[-1] == NATIVE]
        natives = [container.openstream(entry).read() for entry in objects]
    at, size = struct.unpack_from("<II", stream, _CLX_AT)
    text, where = _text(stream, _plcpcd(pieces[at : at + size]))
    gathered = Gathering()
    try:
        shown = text97.shown(text, where, text97.Tables(stream, pieces))
    except (struct.error, IndexError, OverflowError):
        shown = text97.Shown(text)
        gathered.could_not_read("its numbers, raised digits and hidden text", "they are damaged")
    lines = _lines(shown.text)
    lead_ins = LeadIns(gathered)
    for block in plain_text.blocks(lines):
        paragraph = lines[block.start : block.end]
        lead_ins.add(paragraph, block.level, typed_depth(paragraph))
    lead_ins.flush()
    if hidden := _lines("\r".join(shown.hidden)):
        gathered.place("hidden text")
        gathered.add(hidden)
        gathered.place("")
    for native in natives:
        gather_native(native, gathered)
    return gathered.extract()


def _plcpcd(clx: bytes) -> bytes:
    """Return the table of pieces, which stands behind any number of property lists."""
    at = 0
    while at < len(clx) and clx[at] == 1:
        at += 3 + int.from_bytes(clx[at + 1 : at + 3], "little")
    if at >= len(clx) or clx[at] != 2:
        raise UnreadableFileError("the file is damaged: its text has no table of pieces")
    (size,) = struct.unpack_from("<I", clx, at + 1)
    return clx[at + 5 : at + 5 + size]


def _text(stream: bytes, table: bytes) -> tuple[str, list[text97.TextPiece]]:
    """Put the pieces together, and tell where they lie: each is one byte a character, or two."""
    count = (len(table) - 4) // 12
    positions = struct.unpack_from(f"<{count + 1}I", table)
    texts: list[str] = []
    pieces: list[text97.TextPiece] = []
    start = 0
    for number in range(count):
        (at,) = struct.unpack_from("<I", table, 4 * (count + 1) + 8 * number + 2)
        length = max(0, positions[number + 1] - positions[number])
        is_narrow = bool(at & 0x40000000)
        offset, width = ((at & 0x3FFFFFFF) // 2, 1) if is_narrow else (at, 2)
        held = stream[offset : offset + width * length]
        held = held[: len(held) // width * width]
        if is_narrow:
            texts.append(held.decode("cp1252", "replace"))
        else:
            texts.append(_WIDE.sub(_halves, held.decode("utf-16-le", "surrogatepass")))
        pieces.append(text97.TextPiece(start, start + len(texts[-1]), offset, width))
        start = pieces[-1].end
    return "".join(texts), pieces


def _halves(wide: re.Match[str]) -> str:
    return "".join(map(chr, struct.unpack("<2H", wide[0].encode("utf-16-le"))))


def _lines(text: str) -> str:
    """Return text as it is shown: fields by their results, cells apart, an empty line between."""
    text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")  # halves as one
    text = _ABOVE.sub(lambda above: f"{above[2]}（{above[1]}）", text)
    while (without := _CODE.sub("", text)) != text:
        text = without
    text = text.replace("\x15", "").replace("\x1e", "-").replace("\x07\x07", "\r")
    lines = text.replace("\x07", " | ").replace("\x0b", "\n").replace("\x0c", "\r").split("\r")
    return "\n\n".join(one_spaced(visible(line)).strip(" |") for line in lines if line.strip())
