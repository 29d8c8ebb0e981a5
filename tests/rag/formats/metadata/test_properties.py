"""Title, author and date of documents, as the metadata of each format state them."""

import io
import zipfile

import pytest
from spreadsheet_files import cell, ods, row
from tests_files import docx, epub, odt, paragraph, pdf_file, pptx, xlsx, zipped

from rag.formats.dispatch import extract
from rag.formats.metadata.dates import iso_date
from rag.formats.metadata.properties import Properties

STATED = (("title", "The tide tables"), ("author", "Anna Keller"), ("date", "2019-05-03"))
CORE = (
    '<cp:coreProperties xmlns:cp="c" xmlns:dc="d" xmlns:dcterms="t"><dc:title>The tide tables'
    "</dc:title><dc:creator>Anna Keller</dc:creator><dcterms:created>2019-05-03</dcterms:created>"
    "<dcterms:modified>2022-01-01T00:00:00Z</dcterms:modified></cp:coreProperties>"
)
META = (
    '<office:document-meta xmlns:office="o" xmlns:meta="m" xmlns:dc="d"><office:meta>'
    "<dc:title>The tide tables</dc:title><meta:initial-creator>Anna Keller</meta:initial-creator>"
    "<dc:creator>Ben Ito</dc:creator><meta:creation-date>2019-05-03</meta:creation-date>"
    "<dc:date>2022-01-01</dc:date></office:meta></office:document-meta>"
)
PAGE = (
    "<html><head><title>The tide tables</title><meta name='author' content='Anna Keller'>"
    "<meta property='article:published_time' content='2019-05-03'>"
    "<meta name='date' content='2022-01-01'></head><body><p>High water.</p></body></html>"
)


def with_entries(data: bytes, **entries: str) -> bytes:
    """Return an archive with more entries; what names the main part names the properties too."""
    old = zipfile.ZipFile(io.BytesIO(data))
    files = {name: old.read(name) for name in old.namelist()}
    if "docProps/core.xml" in entries:
        kind = "http://schemas.openxmlformats.org/package/2006/relationships/metadata"
        related = f'<Relationship Id="p" Type="{kind}/core-properties" Target="docProps/core.xml"/>'
        rels = files["_rels/.rels"].replace(b"</Rel", related.encode() + b"</Rel", 1)
        files["_rels/.rels"] = rels if related.encode() in rels else files["_rels/.rels"]
    return zipped({**files, **entries})


def book() -> bytes:
    data = epub(("One", "<p>High water is at nine.</p>"))
    old = zipfile.ZipFile(io.BytesIO(data))
    files = {name: old.read(name).decode() for name in old.namelist()}
    [package] = [name for name in files if name.endswith(".opf")]
    files[package] = files[package].replace(
        "<title>A Book</title>",
        "<title>The tide tables</title><creator>Anna Keller</creator>"
        '<date event="modification">2022-01-01</date><date event="publication">2019-05-03</date>',
    )
    return zipped(files)


def drawn(information: str, xmp: str = "") -> bytes:
    stream = "BT /F1 12 Tf 72 700 Td (High water is at nine.) Tj ET"
    return pdf_file(
        [
            "<</Type/Catalog/Pages 2 0 R>>",
            "<</Type/Pages/Kids[3 0 R]/Count 1>>",
            "<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Contents 4 0 R"
            "/Resources<</Font<</F1 5 0 R>>>>>>",
            f"<</Length {len(stream)}>>stream\n{stream}\nendstream",
            "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
            f"<<{information}>>",
            f"<</Type/Metadata/Length {len(xmp)}>>stream\n{xmp}\nendstream",
        ],
        "/Info 6 0 R",
    )


XMP = (
    '<x:xmpmeta xmlns:x="x"><r:RDF xmlns:r="r"><r:Description xmlns:dc="d" xmlns:xmp="p" '
    'xmp:CreateDate="2019-05-03"><dc:title><r:Alt><r:li>The tide tables</r:li></r:Alt></dc:title>'
    "<dc:creator><r:Seq><r:li>Anna Keller</r:li></r:Seq></dc:creator></r:Description></r:RDF>"
    "</x:xmpmeta>"
)
FILES = {
    "a.docx": with_entries(docx(paragraph("High water.")), **{"docProps/core.xml": CORE}),
    "a.pptx": with_entries(pptx(("Tides", "High water.", "")), **{"docProps/core.xml": CORE}),
    "a.xlsx": with_entries(xlsx(Tides=[["Hour"], [9]]), **{"docProps/core.xml": CORE}),
    "a.odt": with_entries(odt("<text:p>High water.</text:p>"), **{"meta.xml": META}),
    "a.ods": with_entries(ods(Tides=row(cell("High water"))), **{"meta.xml": META}),
    "a.epub": book(),
    "a.html": PAGE.encode(),
    "a.pdf": drawn("/Title(The tide tables)/Author(Anna Keller)/CreationDate(D:20190503)"),
    "xmp.pdf": drawn("/Title(Microsoft Word - tides.doc)", XMP),
    "a.fb2": (
        b"<FictionBook><description><title-info><author><first-name>Anna</first-name><last-name>"
        b"Keller</last-name></author><book-title>The tide tables</book-title><date "
        b'value="2019-05-03">May</date></title-info></description><body><section><p>High water.</p>'
        b"</section></body></FictionBook>"
    ),
}


@pytest.mark.parametrize("name", FILES)
def test_each_format_states_title_author_and_date(name: str) -> None:
    found = extract(name, FILES[name])
    assert found.fields == STATED
    assert found.title == "The tide tables"
    assert "Keller" not in found.text


def test_a_file_in_a_mail_does_not_lend_it_its_metadata() -> None:
    found = extract("all.zip", zipped({"a.docx": FILES["a.docx"], "b.txt": "Low water."}))
    assert found.fields == ()
    assert "Keller" not in found.text
    assert [block.heading for block in found.blocks if block.level == 0] == []


def test_what_programs_fill_in_says_nothing() -> None:
    said = Properties.of(
        "Microsoft Word - x.doc", ["python-docx", "Ann Poe", "Ann Poe"], "1970-01-01"
    )
    assert said == Properties(author="Ann Poe")
    for title in ("untitled", "report.pdf", "  ", "--", "PowerPoint Presentation", "x" * 201):
        assert Properties.of(title).fields() == ()
    assert Properties.of("Word order in Basque - a study").title == "Word order in Basque - a study"
    assert Properties.of(authors=["A", "B"]).fields() == (("author", "A; B"),)


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("D:20190503120000+02'00'", "2019-05-03T12:00:00+02:00"),
        ("D:20190503120000Z", "2019-05-03T12:00:00+00:00"),
        ("D:2019", "2019"),
        ("2019-5", "2019-05"),
        ("2019-05-03T10:11:12.123Z", "2019-05-03T10:11:12+00:00"),
        ("20190503", "2019-05-03"),
        ("Fri, 03 May 2019 10:00:00 +0200", "2019-05-03T10:00:00+02:00"),
        ("1813", "1813"),
        ("last May", ""),
        ("2019-13-01", ""),
        ("0101-01-01T00:00:00+00:00", ""),
        ("1904-01-01T00:00:00Z", ""),
        ("", ""),
    ],
)
def test_dates_become_iso_8601(text: str, date: str) -> None:
    assert iso_date(text) == date
