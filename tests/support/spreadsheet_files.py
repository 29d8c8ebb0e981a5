"""Spreadsheets (.ods, .xls) built from their parts, and the rows that are read of any."""

import struct

from tests_files import zipped

from rag.formats.extract import Extract

Rows = list[tuple[str, str, str]]


def rows_of(extracted: Extract) -> Rows:
    """Return of each row its place, its text, and the names of its columns."""
    rows = []
    for block in extracted.blocks:
        place = [place.label for place in extracted.places if place.start <= block.start][-1]
        rows.append((place, extracted.text[block.start : block.end], block.columns))
    return rows


def ods(*, hidden: str = "", **sheets: str) -> bytes:
    """Return an OpenDocument spreadsheet: of each sheet the XML of its rows.

    `hidden` names the sheet of the style Hidden.
    """
    spaces = " ".join(
        f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
        for name in ("office", "text", "table", "style", "draw")
    )
    tables = "".join(
        f'<table:table table:name="{name}" table:style-name="{"Hidden" if name == hidden else ""}">'
        f"{rows}</table:table>"
        for name, rows in sheets.items()
    )
    return zipped(
        {
            "mimetype": "application/vnd.oasis.opendocument.spreadsheet",
            "META-INF/manifest.xml": "<manifest:manifest/>",
            "content.xml": f"<office:document-content {spaces}><office:automatic-styles>"
            '<style:style style:name="Hidden" style:family="table"><style:table-properties '
            'table:display="false"/></style:style></office:automatic-styles>'
            "<office:body><office:spreadsheet>"
            f"{tables}</office:spreadsheet></office:body></office:document-content>",
        }
    )


def row(*cells: str, times: int = 1) -> str:
    """Return a row of cells."""
    return (
        f'<table:table-row table:number-rows-repeated="{times}">{"".join(cells)}</table:table-row>'
    )


def cell(text: str, times: int = 1) -> str:
    """Return a cell of text, or an empty one."""
    content = f"<text:p>{text}</text:p>" if text else ""
    kind = 'office:value-type="string" ' if text else ""
    end = f">{content}</table:table-cell>" if text else "/>"
    return f'<table:table-cell {kind}table:number-columns-repeated="{times}"{end}'


def record(kind: int, content: bytes) -> bytes:
    """Return a record of a workbook of the old kind."""
    return struct.pack("<HH", kind, len(content)) + content


def old_workbook(
    *, styles: bytes = b"", records: bytes = b"", **sheets: list[tuple[int, int, str]]
) -> bytes:
    """Return a workbook of the old kind: of each sheet its cells, by row and column from 0.

    `styles` are records of the whole workbook, and `records` others of each sheet.
    """

    def begun(kind: int) -> bytes:
        return record(0x0809, struct.pack("<HHHHII", 0x0600, kind, 0, 1996, 0, 6))

    def label(row: int, column: int, text: str) -> bytes:
        head = struct.pack("<HHHHB", row, column, 0, len(text), 0)
        return record(0x0204, head + text.encode())

    bodies = [
        begun(0x10) + b"".join(label(*cell) for cell in cells) + records + record(0x000A, b"")
        for cells in sheets.values()
    ]
    size = len(begun(5)) + len(styles) + sum(4 + 8 + len(name) for name in sheets) + 4
    stream = begun(5) + styles
    for name, body in zip(sheets, bodies, strict=True):
        stream += record(0x0085, struct.pack("<IHBB", size, 0, len(name), 0) + name.encode())
        size += len(body)
    stream += record(0x000A, b"") + b"".join(bodies)
    return compound("Workbook", stream.ljust(4096, b"\0"))


def compound(name: str, stream: bytes) -> bytes:
    """Return an OLE file of one stream, of whole sectors and at least 4,096 bytes."""
    free, end = 0xFFFFFFFF, 0xFFFFFFFE

    def entry(title: str, kind: int, child: int, start: int, size: int) -> bytes:
        encoded = f"{title}\0".encode("utf-16-le") if title else b""
        head = struct.pack("<64sHBB", encoded, len(encoded), kind, 1)
        return head + struct.pack("<III36xIQ", free, free, child, start, size)

    sectors = len(stream) // 512
    table = [0xFFFFFFFD, end, *range(3, sectors + 2), end]
    table += [free] * (128 - len(table))
    folder = entry("Root Entry", 5, 1, end, 0) + entry(name, 2, free, 2, len(stream))
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16)
    head += struct.pack("<5H6x9I", 0x3E, 3, 0xFFFE, 9, 6, 0, 1, 1, 0, 4096, end, 0, end, 0)
    head += struct.pack("<109I", 0, *[free] * 108)
    return head + struct.pack("<128I", *table) + folder + entry("", 0, free, 0, 0) * 2 + stream
