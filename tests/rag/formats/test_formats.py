"""What each reader makes of a small file: text, headings and places, as exact values."""

from pathlib import Path

import pytest
from tests_files import docx, epub, odt, paragraph, pdf, pptx, xlsx, zipped

from rag.errors import UnreadableFileError
from rag.formats.dispatch import extract
from rag.formats.extract import Extract
from rag.text.paragraphs import paragraphs
from vector_store.records import context_of

OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
DiscoveredFiles = list[tuple[str, tuple[str, ...], str]]


def found_in(name: str, data: bytes) -> DiscoveredFiles:
    """Return what is read of a file: of each paragraph its place, headings and text."""
    return placed(extract(name, data))


def placed(found: Extract) -> DiscoveredFiles:
    kept = paragraphs(found.text, found.blocks, places=found.places)
    return [
        (p.place, context_of((), p.headings, p.columns), found.text[p.start : p.end]) for p in kept
    ]


def refusal(name: str, data: bytes) -> str:
    with pytest.raises(UnreadableFileError) as refused:
        extract(name, data)
    return str(refused.value)


def test_word_documents_have_headings_tables_notes_and_what_changes_left() -> None:
    styles = (
        '<w:styles xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">'
        '<w:style w:styleId="berschrift1"><w:name w:val="heading 1"/></w:style>'
        '<w:style w:styleId="Own"><w:name w:val="Own"/><w:basedOn w:val="berschrift1"/></w:style>'
        "</w:styles>"
    )
    notes = (
        '<w:footnotes xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">'
        '<w:footnote w:type="separator"><w:p><w:r><w:t>no</w:t></w:r></w:p></w:footnote>'
        f"<w:footnote>{paragraph('A footnote.')}</w:footnote></w:footnotes>"
    )
    row = "<w:tr>{}</w:tr>".format
    cell = "<w:tc>{}</w:tc>".format
    space = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
    head = f"<w:hdr {space}>{paragraph('The Harbour Company')}</w:hdr>"
    foot = f"<w:ftr {space}>{paragraph('Page 1 of 2')}</w:ftr>"
    body = (
        paragraph("Chapter", "berschrift1")
        + "<w:p><w:r><w:t>Kept</w:t></w:r><w:del><w:r><w:delText>gone</w:delText></w:r></w:del>"
        "<w:ins><w:r><w:t xml:space='preserve'> and\u00ad added.</w:t></w:r></w:ins></w:p>"
        + paragraph("Section", "Own")
        + "<w:tbl>" + row(cell(paragraph("Name")) + cell(paragraph("Age")))
        + row(cell(paragraph("Ada")) + cell(paragraph("36"))) + "</w:tbl>"
        + "<w:p><w:r><w:instrText>HYPERLINK x</w:instrText><w:t>link</w:t><w:br/><w:t>two</w:t>"
        "</w:r>"
        "<w:txbxContent>" + paragraph("In a box.") + "</w:txbxContent></w:p>"
    )  # fmt: skip
    data = docx(body, styles=styles, footnotes=notes, header=head, footer=foot)
    assert found_in("a.docx", data) == [
        ("", ("Chapter",), "Kept and added."),
        ("", ("Section",), "Name | Age\nAda | 36"),
        ("", ("Section",), "link\ntwo"),
        ("", ("Section",), "In a box."),
        ("", ("Section",), "A footnote."),
        ("", ("Section",), "The Harbour Company"),
    ]


def test_slides_have_numbers_titles_tables_and_notes() -> None:
    data = pptx(("Plan", "We go north.", "Say why."), ("Ahead", "", ""), ("", "No title.", ""))
    assert found_in("a.pptx", data) == [
        ("slide 1", ("Plan",), "We go north."),
        ("slide 1, notes", ("Plan",), "Say why."),
        ("slide 2", (), "Ahead"),
        ("slide 3", (), "No title."),
    ]


def test_sheets_have_rows_each_with_its_header() -> None:
    data = xlsx(
        Prices=[["Price list"], [], ["Fruit", "Price"], ["Apple", 1.5], ["Pear", 2.0]],
        Empty=[],
        Notes=[["Only one remark here"]],
    )
    assert found_in("a.xlsx", data) == [
        ("sheet Prices, row 1", (), "Price list"),
        ("sheet Prices, row 3", (), "Fruit | Price"),
        ("sheet Prices, row 4", ("Fruit | Price",), "Apple | 1.5"),
        ("sheet Prices, row 5", ("Fruit | Price",), "Pear | 2"),
        ("sheet Notes, row 1", (), "Only one remark here"),
    ]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.csv", 'City,Said\r\nQom,"one,\r\ntwo"\r\n\r\nBasra,x\r\n'),
        ("a.csv", 'City;Said\nQom;"one,\ntwo"\n\nBasra;x'),
        ("a.tsv", 'City\tSaid\nQom\t"one,\ntwo"\n\nBasra\tx'),
    ],
)
def test_separated_values_stay_as_they_stand(name: str, text: str) -> None:
    assert extract(name, text.encode()).text == text
    header, qom, basra = found_in(name, text.encode())
    assert header == ("row 1", (), text.splitlines()[0])
    assert qom[:2] == ("row 2", ("City | Said",))
    assert qom[2] in text
    assert "one" in qom[2]
    assert "two" in qom[2]
    assert basra == ("row 3", ("City | Said",), text.splitlines()[-1])


def test_opendocument_texts() -> None:
    body = (
        '<text:h text:outline-level="1">Title</text:h>'
        "<text:tracked-changes><text:p>gone</text:p></text:tracked-changes>"
        "<text:p>One<text:s/><text:span>two</text:span>"
        "<text:note><text:note-citation>1</text:note-citation><text:note-body>"
        "<text:p>The note.</text:p></text:note-body></text:note> three.</text:p>"
        "<text:list><text:list-item><text:p>a</text:p></text:list-item>"
        "<text:list-item><text:p>b</text:p></text:list-item></text:list>"
        "<table:table><table:table-row><table:table-cell><text:p>x</text:p></table:table-cell>"
        "<table:table-cell><text:p>y</text:p></table:table-cell></table:table-row>"
        "<table:table-row><table:table-cell><text:p>1</text:p></table:table-cell>"
        "</table:table-row></table:table>"
    )
    assert found_in("a.odt", odt(body)) == [
        ("", ("Title",), "One two[1] three."),
        ("", ("Title",), "[1] The note."),
        ("", ("Title",), "a\nb"),
        ("", ("Title",), "x | y\n1"),
    ]


def test_rich_text() -> None:
    data = (
        rb"{\rtf1\ansi\ansicpg1252{\fonttbl{\f0 Arial;}}\f0 Caf\'e9 \u8364? \b bold\b0.\par "
        rb"Second\par {\header Above}}"
    )
    assert [text for _, _, text in found_in("a.rtf", data)] == ["Café € bold.", "Second", "Above"]


def test_books_have_chapters_as_their_contents_name_them() -> None:
    data = epub(("One", "<h1>1</h1><p>First&nbsp;words.</p>"), ("Two", "<p>More.<br/>Lines</p>"))
    assert extract("a.epub", data).title == "A Book"
    assert found_in("a.epub", data) == [
        ("chapter One", ("1",), "First words."),
        ("chapter Two", (), "More.\nLines"),
    ]


def test_fiction_books() -> None:
    data = (
        '<?xml version="1.0" encoding="windows-1251"?><FictionBook '
        'xmlns="http://www.gribuser.ru/xml/fictionbook/2.0"><description><title-info>'
        "<book-title>Книга</book-title></title-info></description><body><section>"
        "<title><p>Глава</p></title><p>Слова.</p></section></body>"
        "<binary>QUJD</binary></FictionBook>"
    ).encode("cp1251")
    assert extract("a.fb2", data).title == "Книга"
    assert found_in("a.fb2", data) == [("chapter Глава", ("Глава",), "Слова.")]


def test_mails_have_headers_text_and_attachments() -> None:
    sent = "Fri, 16 Dec 2022 17:04:16 +0000"
    data = (
        "From: Ada <ada@example.org>\r\nTo: Bob\r\nSubject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\r\n"
        f"Date: {sent}\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/mixed; boundary="x"\r\n\r\n'
        '--x\r\nContent-Type: multipart/alternative; boundary="y"\r\n\r\n'
        "--y\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nHello Bob.\r\n"
        "--y\r\nContent-Type: text/html\r\n\r\n<p>Hello in HTML</p>\r\n--y--\r\n"
        "--x\r\nContent-Type: text/csv\r\n"
        'Content-Disposition: attachment; filename="../../t.csv"\r\n\r\nName,Age\r\nAda,36\r\n'
        "--x\r\nContent-Type: application/pdf\r\n"
        'Content-Disposition: attachment; filename="b.pdf"\r\n\r\nnonsense\r\n--x--\r\n'
    ).encode()
    found = extract("a.eml", data)
    assert found.title == "Grüße"
    assert found.fields == (
        ("from", "Ada <ada@example.org>"),
        ("to", "Bob"),
        ("date", "2022-12-16T17:04:16+00:00"),
        ("subject", "Grüße"),
    )
    assert placed(found) == [
        ("", ("Grüße",), "Hello Bob."),
        ("attachment ../../t.csv, row 1", (), "Name,Age"),
        ("attachment ../../t.csv, row 2", ("Name | Age",), "Ada,36"),
    ]  # fmt: skip
    assert [part.name for part in found.unread] == ["attachment b.pdf"]


def test_archives_are_read_entry_by_entry_whatever_their_paths(tmp_path: Path) -> None:
    data = zipped(
        {
            "../../out.txt": "Outside.",
            "/etc/passwd.md": "# Head\n\nUnder it.",
            "deck.pptx": pptx(("T", "On a slide.", "")),
            "inner.zip": zipped({"deep.txt": "Deep."}),
            "__MACOSX/._x.txt": "hidden",
            "photo.jpg": "x",
        }
    )
    found = extract("a.zip", data)
    assert placed(found) == [
        ("../../out.txt", (), "Outside."),
        ("/etc/passwd.md", ("Head",), "Under it."),
        ("deck.pptx, slide 1", ("T",), "On a slide."),
        ("inner.zip, deep.txt", (), "Deep."),
    ]
    assert [(p.name, p.reason) for p in found.unread] == [
        ("photo.jpg", "files of type .jpg are not supported")
    ]
    assert list(tmp_path.iterdir()) == []


def test_what_lies_within_an_office_file_is_read_as_the_file_it_is() -> None:
    inner = {"word/embeddings/Table.xlsx": xlsx(S=[["Inner words"]])}
    outer = zipped({**_entries(docx(paragraph("Outer."))), **inner})
    assert found_in("a.docx", outer) == [
        ("", (), "Outer."),
        ("embedded Table.xlsx, sheet S, row 1", (), "Inner words"),
    ]


def _entries(archive: bytes) -> dict[str, bytes]:
    import io
    import zipfile

    with zipfile.ZipFile(io.BytesIO(archive)) as opened:
        return {name: opened.read(name) for name in opened.namelist()}


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        ("a.pdf", zipped({"x.txt": "x"}), "the suffix is .pdf but the content is a ZIP archive"),
        ("a.docx", pdf([]), "the suffix is .docx but the content is PDF"),
        ("a.docx", b"plain words", "it does not start like a .docx file"),
        ("a.docx", zipped({"x": "y"}), "does not say where its text is"),
        ("a.docx", b"PK\x03\x04nonsense", "its ZIP archive has no index"),
        ("a.odt", zipped({"x": "y"}), "it lacks its content.xml"),
        ("a.odt", zipped({"content.xml": "<a>"}), "is no sound XML"),
        ("a.epub", zipped({"x": "y"}), "which chapters it has"),
        ("a.zip", zipped({}), "the archive is empty"),
        ("a.zip", zipped({"x.jpg": "y"}), "nothing in the archive can be read"),
        ("a.msg", OLD_OFFICE, "it holds no message (not an OLE2"),
        ("a.xlsx", OLD_OFFICE + "EncryptedPackage".encode("utf-16-le"), "a password is needed"),
        ("a.pdf", b"%PDF-1.7 nothing else", "the file is damaged"),
        ("a.pdf", pdf([]), "its page holds no text (a scan, or drawings)"),
        ("a.pdf", b"", "the file is empty"),
        ("a.ppt", b"x", "save it as .pptx"),
        ("a.exe", b"x", "files of type .exe are not supported"),
        ("a.html", b"<script>only()</script>", "the file contains no words"),
        ("a.eml", b"\n\nno headers", "it has no headers"),
    ],
)  # fmt: skip
def test_every_refusal_says_why(name: str, data: bytes, reason: str) -> None:
    assert reason in refusal(name, data)


def test_files_under_another_kinds_name_are_read_as_what_they_are() -> None:
    assert found_in("a.doc", rb"{\rtf1 Words.\par}") == [("", (), "Words.")]
    assert found_in("a.doc", b"<html><body><p>Words.</p></body></html>") == [("", (), "Words.")]
    assert found_in("a.doc", docx(paragraph("Words."))) == [("", (), "Words.")]
