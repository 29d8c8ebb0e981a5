"""PDFs drawn operator by operator: rules, turned text, forms, printed page numbers."""

import math
from collections.abc import Sequence

from tests_files import pdf_escaped, pdf_file

_PAGE = 5
"""Number of the first page's object: before it stand catalog, pages and two fonts."""


def drawn_pdf(
    *pages: str,
    rotate: int = 0,
    labels: str = "",
    fields: Sequence[str] = (),
    appearances: Sequence[str] = (),
) -> bytes:
    """Return a PDF of pages, each a stream of operators; F1 is Helvetica, F2 its bold.

    `labels` are the entries of /PageLabels; `fields` dictionaries of a form's fields on the first
    page, in which APPEARANCE0 and so on refer to the `appearances`, each a box and a stream.
    """
    first_field = _PAGE + 2 * len(pages)
    first_appearance = first_field + len(fields)
    references = " ".join(f"{first_field + n} 0 R" for n in range(len(fields)))
    form = f"/AcroForm << /Fields [{references}] >>" if fields else ""
    numbering = f"/PageLabels << /Nums [{labels}] >>" if labels else ""
    objects = [
        f"<< /Type /Catalog /Pages 2 0 R {form} {numbering} >>",
        f"<< /Type /Pages /Count {len(pages)} /Kids ["
        + " ".join(f"{_PAGE + 2 * n} 0 R" for n in range(len(pages)))
        + "] >>",
        *(
            f"<< /Type /Font /Subtype /Type1 /BaseFont /{name} /Encoding /WinAnsiEncoding >>"
            for name in ("Helvetica", "Helvetica-Bold")
        ),
    ]
    fonts = "<< /Font << /F1 3 0 R /F2 4 0 R >> >>"
    for n, stream in enumerate(pages):
        annotations = f"/Annots [{references}]" if fields and not n else ""
        objects += [
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Rotate {rotate} {annotations}"
            f" /Contents {_PAGE + 1 + 2 * n} 0 R /Resources {fonts} >>",
            f"<< /Length {len(stream)} >>\nstream\n{stream}endstream",
        ]
    for field in fields:
        for n in range(len(appearances)):
            field = field.replace(f"APPEARANCE{n}", f"{first_appearance + n} 0 R")
        objects.append(field)
    for stream in appearances:
        objects.append(
            f"<< /Type /XObject /Subtype /Form /BBox [0 0 300 40] /Resources {fonts}"
            f" /Length {len(stream)} >>\nstream\n{stream}endstream"
        )
    return pdf_file(objects)


def text(x: float, y: float, words: str, *, size: float = 11, font: str = "F1") -> str:
    """Return the operators that draw a text."""
    return f"BT /{font} {size} Tf {x} {y} Td ({pdf_escaped(words)}) Tj ET\n"


def lines(*texts: str, x: float = 72, y: float = 700, size: float = 11) -> str:
    """Return the operators that draw lines one below the other."""
    return "".join(text(x, y - 1.2 * size * n, line, size=size) for n, line in enumerate(texts))


def turned(degrees: float, stream: str, *, x: float = 306, y: float = 396) -> str:
    """Return operators turned counter-clockwise about a point that was the page's lower left."""
    cos, sin = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    return f"q {cos:.5f} {sin:.5f} {-sin:.5f} {cos:.5f} {x} {y} cm\n{stream}Q\n"


def grid(across: Sequence[float], down: Sequence[float]) -> str:
    """Return the operators that draw the rules of a table."""
    level = "".join(f"{across[0]} {y} m {across[-1]} {y} l S\n" for y in down)
    return level + "".join(f"{x} {down[0]} m {x} {down[-1]} l S\n" for x in across)
