"""Small files of every format, made when they are needed."""

import io
import zipfile
from collections.abc import Collection, Mapping, Sequence

_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
A = (
    'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"'
    ' xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main"'
    f' xmlns:r="{_OFFICE}"'
)


def zipped(files: Mapping[str, str | bytes]) -> bytes:
    """Return a ZIP archive of files."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return made.getvalue()


def relations(*targets: tuple[str, str, str]) -> str:
    rows = "".join(
        f'<Relationship Id="{i}" Type="{_OFFICE}/{k}" Target="{t}"/>' for i, k, t in targets
    )
    return f'<Relationships xmlns="{_PACKAGE}">{rows}</Relationships>'


def docx(body: str, **parts: str) -> bytes:
    """Return a Word document; `parts` are others beside its body, as `footnotes`."""
    named = {f"word/{name}.xml": content for name, content in parts.items()}
    related = relations(*((f"r{n}", n, f"{n}.xml") for n in parts))
    return zipped(
        {
            "_rels/.rels": relations(("r1", "officeDocument", "word/document.xml")),
            "word/document.xml": f"<w:document {W}><w:body>{body}</w:body></w:document>",
            "word/_rels/document.xml.rels": related,
            **named,
        }
    )


def paragraph(text: str, style: str = "") -> str:
    """Return a paragraph of WordprocessingML."""
    styled = f'<w:pPr><w:pStyle w:val="{style}"/></w:pPr>' if style else ""
    return f"<w:p>{styled}<w:r><w:t>{text}</w:t></w:r></w:p>"


def pptx(*slides: tuple[str, str, str]) -> bytes:
    """Return a presentation: of each slide its title, its text and its notes."""

    def shape(text: str, role: str = "") -> str:
        placed = f'<p:nvSpPr><p:nvPr><p:ph type="{role}"/></p:nvPr></p:nvSpPr>' if role else ""
        runs = f"<a:p><a:r><a:t>{text}</a:t></a:r></a:p>" if text else ""
        return f"<p:sp>{placed}<p:txBody>{runs}</p:txBody></p:sp>"

    files = {
        "_rels/.rels": relations(("r1", "officeDocument", "ppt/presentation.xml")),
        "ppt/presentation.xml": f"<p:presentation {A}><p:sldIdLst>"
        + "".join(f'<p:sldId r:id="s{n}"/>' for n in range(len(slides)))
        + "</p:sldIdLst></p:presentation>",
        "ppt/_rels/presentation.xml.rels": relations(
            *((f"s{n}", "slide", f"slides/slide{n}.xml") for n in range(len(slides)))
        ),
    }
    for n, (title, text, notes) in enumerate(slides):
        files[f"ppt/slides/slide{n}.xml"] = (
            f"<p:sld {A}>{shape(text)}{shape(title, 'title')}{shape('7', 'sldNum')}</p:sld>"
        )
        if notes:
            files[f"ppt/slides/_rels/slide{n}.xml.rels"] = relations(
                ("n", "notesSlide", f"../notesSlides/n{n}.xml")
            )
            files[f"ppt/notesSlides/n{n}.xml"] = f"<p:notes {A}>{shape(notes)}</p:notes>"
    return zipped(files)


def xlsx(**sheets: Sequence[Sequence[str | float]]) -> bytes:
    """Return a workbook of sheets, each a list of rows."""
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"

    def cell(value: str | float) -> str:
        if isinstance(value, str):
            return f'<c t="inlineStr"><is><t>{value}</t></is></c>'
        return f"<c><v>{value}</v></c>"

    listed = "".join(
        f'<sheet name="{name}" sheetId="{n}" r:id="s{n}"/>' for n, name in enumerate(sheets, 1)
    )
    types = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    files = {
        "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/'
        f'content-types"><Override PartName="/xl/workbook.xml" ContentType="{types}.sheet.main+xml"'
        "/></Types>",
        "_rels/.rels": relations(("r1", "officeDocument", "xl/workbook.xml")),
        "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{_OFFICE}"><sheets>{listed}</sheets>'
        "</workbook>",
        "xl/_rels/workbook.xml.rels": relations(
            *((f"s{n}", "worksheet", f"worksheets/sheet{n}.xml") for n in range(1, len(sheets) + 1))
        ),
    }
    for n, rows in enumerate(sheets.values(), 1):
        body = "".join(f"<row>{''.join(map(cell, row))}</row>" for row in rows)
        files[f"xl/worksheets/sheet{n}.xml"] = (
            f'<worksheet xmlns="{main}"><sheetData>{body}</sheetData></worksheet>'
        )
    return zipped(files)


def odt(body: str) -> bytes:
    """Return an OpenDocument text."""
    spaces = " ".join(
        f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
        for name in ("office", "text", "table", "draw")
    )
    content = (
        f"<office:document-content {spaces}><office:body><office:text>{body}"
        "</office:text></office:body></office:document-content>"
    )
    return zipped({"mimetype": "application/vnd.oasis.opendocument.text", "content.xml": content})


def epub(*chapters: tuple[str, str]) -> bytes:
    """Return a book: of each chapter its name in the table of contents and its page's body."""
    ids = range(len(chapters))
    items = "".join(
        f'<item id="c{n}" href="c{n}.xhtml" media-type="application/xhtml+xml"/>' for n in ids
    )
    entries = "".join(
        f'<li><a href="c{n}.xhtml#top">{name}</a></li>' for n, (name, _) in enumerate(chapters)
    )
    return zipped(
        {
            "META-INF/container.xml": '<container><rootfiles><rootfile full-path="OPS/book.opf"/>'
            "</rootfiles></container>",
            "OPS/book.opf": "<package><metadata><title>A Book</title></metadata><manifest>"
            f'{items}<item id="nav" properties="nav" href="nav.xhtml" '
            'media-type="application/xhtml+xml"/></manifest><spine>'
            + "".join(f'<itemref idref="c{n}"/>' for n in ids)
            + "</spine></package>",
            "OPS/nav.xhtml": f"<html><body><nav><ol>{entries}</ol></nav></body></html>",
            **{
                f"OPS/c{n}.xhtml": f"<html><body>{body}</body></html>"
                for n, (_, body) in enumerate(chapters)
            },
        }
    )


Written = tuple[float, float, float, str]
"""Where text stands on a page, from the left and from below, its size, and the text."""


_PICTURE = "q 600 0 0 780 6 6 cm BI /W 1 /H 1 /CS /G /BPC 8 ID x EI Q\n"


def pdf(
    *pages: Sequence[Written],
    title: str = "",
    pictures: Collection[int] = (),
    labels: str = "",
    bookmarks: Sequence[tuple[str, int]] = (),
) -> bytes:
    """Return a PDF of pages of text in Helvetica; on some, counted from 1, a picture under it.

    `labels` are the ranges of printed numbers, as "0 << /S /r >>", and `bookmarks` titles with
    their pages.
    """
    first = 5 + 2 * len(pages)  # the number of the object that holds the bookmarks
    objects = [
        "<< /Type /Catalog /Pages 2 0 R"
        + (f" /PageLabels << /Nums [{labels}] >>" if labels else "")
        + (f" /Outlines {first} 0 R" if bookmarks else "")
        + " >>",
        f"<< /Type /Pages /Count {len(pages)} /Kids ["
        + " ".join(f"{4 + 2 * n} 0 R" for n in range(len(pages)))
        + "] >>",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    ]
    for n, written in enumerate(pages):
        drawn = _PICTURE if n + 1 in pictures else ""
        drawn += "".join(
            f"BT /F1 {size} Tf {x} {y} Td ({pdf_escaped(text)}) Tj ET\n"
            for x, y, size, text in written
        )
        objects += [
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents {5 + 2 * n} 0 R"
            " /Resources << /Font << /F1 3 0 R >> >> >>",
            f"<< /Length {len(drawn)} >>\nstream\n{drawn}endstream",
        ]
    objects.append(f"<< /Title ({pdf_escaped(title)}) >>")
    information = len(objects)
    if bookmarks:
        last = first + len(bookmarks)
        objects.append(f"<< /Type /Outlines /First {first + 1} 0 R /Last {last} 0 R >>")
    for n, (name, page) in enumerate(bookmarks, first + 1):
        following = f" /Next {n + 1} 0 R" if n < last else ""
        objects.append(
            f"<< /Title ({pdf_escaped(name)}) /Parent {first} 0 R{following}"
            f" /Dest [{2 + 2 * page} 0 R /Fit] >>"
        )
    return pdf_file(objects, f"/Info {information} 0 R")


def pdf_file(objects: Sequence[str], trailer: str = "") -> bytes:
    """Return a PDF file of objects, numbered from 1, the first of which is the catalog."""
    file = b"%PDF-1.7\n"
    starts = []
    for number, content in enumerate(objects, 1):
        starts.append(len(file))
        file += f"{number} 0 obj\n{content}\nendobj\n".encode("cp1252")
    table = "".join(f"{start:010} 00000 n \n" for start in starts)
    size = len(objects) + 1
    return (
        file
        + (
            f"xref\n0 {size}\n0000000000 65535 f \n{table}trailer\n"
            f"<< /Size {size} /Root 1 0 R {trailer} >>\nstartxref\n{len(file)}\n%%EOF\n"
        ).encode()
    )


def pdf_escaped(text: str) -> str:
    """Return a text as it stands within a PDF's parentheses."""
    return text.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")


def column(
    lines: Sequence[str], *, x: float = 72, y: float = 700, size: float = 11
) -> list[Written]:
    """Return lines of text one below the other, as a paragraph stands."""
    return [(x, y - 1.2 * size * n, size, line) for n, line in enumerate(lines)]


def multipart(kind: str, boundary: str, *parts: str) -> str:
    """Return a part of a mail that holds others, each with its headers."""
    inner = "".join(f"--{boundary}\n{part}\n" for part in parts)
    return f"Content-Type: multipart/{kind}; boundary={boundary}\n\n{inner}--{boundary}--\n"
