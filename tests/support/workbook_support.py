"""Workbooks (.xlsx) built from the XML of their parts, with number formats and hidden sheets."""

from collections.abc import Mapping, Sequence

from tests_files import relations, zipped

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_TYPES = "application/vnd.openxmlformats-officedocument.spreadsheetml"


def formatted_xlsx(
    sheets: Mapping[str, str],
    formats: Sequence[str | int] = (),
    states: Mapping[str, str] | None = None,
) -> bytes:
    """Return a workbook whose sheets are given by their XML.

    Style 1 has the first of the `formats`, a code or the number of a built-in one, and so on.
    `states` says which sheets are hidden or veryHidden.
    """
    listed = "".join(
        f'<sheet name="{name}" sheetId="{n}" state="{(states or {}).get(name, "visible")}"'
        f' r:id="s{n}"/>'
        for n, name in enumerate(sheets, 1)
    )
    own = {code: 164 + n for n, code in enumerate(formats) if isinstance(code, str)}
    codes = "".join(
        f'<numFmt numFmtId="{n}" formatCode="{_escaped(code)}"/>' for code, n in own.items()
    )
    numbers = [0, *(own[code] if isinstance(code, str) else code for code in formats)]
    styles = "".join(f'<xf numFmtId="{number}" fontId="0"/>' for number in numbers)
    parts = [f"worksheets/sheet{n}.xml" for n in range(1, len(sheets) + 1)]
    files = {
        "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/'
        'content-types"><Override PartName="/xl/workbook.xml" '
        f'ContentType="{_TYPES}.sheet.main+xml"/></Types>',
        "_rels/.rels": relations(("r1", "officeDocument", "xl/workbook.xml")),
        "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}">'
        f"<sheets>{listed}</sheets></workbook>",
        "xl/styles.xml": f'<styleSheet xmlns="{_MAIN}"><numFmts>{codes}</numFmts><cellStyleXfs>'
        f'<xf numFmtId="9"/></cellStyleXfs><cellXfs>{styles}</cellXfs></styleSheet>',
        "xl/_rels/workbook.xml.rels": relations(
            ("styles", "styles", "styles.xml"),
            *((f"s{n}", "worksheet", part) for n, part in enumerate(parts, 1)),
        ),
    }
    for part, xml in zip(parts, sheets.values(), strict=True):
        files[f"xl/{part}"] = f'<worksheet xmlns="{_MAIN}">{xml}</worksheet>'
    return zipped(files)


def _escaped(code: str) -> str:
    return code.replace("&", "&amp;").replace('"', "&quot;").replace("<", "&lt;")


def row(number: int, *cells: str, attributes: str = "") -> str:
    """Return a row of cells, the first in column A; an empty one is left out."""
    placed = (
        cell.replace("<c", f'<c r="{chr(65 + column)}{number}"', 1)
        for column, cell in enumerate(cells)
        if cell
    )
    return f'<row r="{number}" {attributes}>{"".join(placed)}</row>'


def text(value: str, style: int = 0) -> str:
    """Return a cell of text."""
    return f'<c s="{style}" t="inlineStr"><is><t>{value}</t></is></c>'


def number(value: float, style: int = 0) -> str:
    """Return a cell of a number."""
    return f'<c s="{style}"><v>{value}</v></c>'
