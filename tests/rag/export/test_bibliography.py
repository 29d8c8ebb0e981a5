"""Bibliographies: author, date and date of access, as a CSL processor reads them."""

import json
import re
from datetime import date

import pytest

from rag.answers import Citation
from rag.export.bibliography import Source, bibtex, csl

MAIL = {
    "from": "Anna Keller <anna@example.org>, lucia@example.org",
    "to": "Tom Brandt <tom@example.org>",
    "date": "2019-03-04T10:20:30+01:00",
    "subject": "Re: Conservation & Naturalism",
}
BOOK = {"author": "Okafor, M.; Museum of Arts and Crafts", "date": "2021-06", "title": "The Mill"}


def source(fields: dict[str, str], *, document: str = "d", **where: object) -> Source:
    citation = Citation(
        **{
            "id": "p",
            "number": 1,
            "document_id": document,
            "document": f"mail/{document}.eml",
            "title": "As it was read",
            "page": None,
            "paragraph": 3,
            "start": 5,
            "end": 9,
            "sha256": "ab" * 32,
            "path": "",
            **where,
        }
    )
    return Source(citation, fields, date(2026, 11, 27))


def test_a_mail_has_its_sender_and_its_date() -> None:
    [item] = csl([source(MAIL)])
    assert item["type"] == "personal_communication"
    assert item["author"] == [{"literal": "Anna Keller"}, {"literal": "lucia@example.org"}]
    assert item["issued"] == {"date-parts": [[2019, 3, 4]]}
    assert item["accessed"] == {"date-parts": [[2026, 11, 27]]}
    assert item["title"] == "Re: Conservation & Naturalism"
    entry = bibtex([source(MAIL)])
    assert "author = {{Anna Keller} and {lucia@example.org}}" in entry
    assert "title = {{Re: Conservation \\& Naturalism}}" in entry
    assert "year = {2019},\n  month = {3}," in entry
    assert "urldate = {2026-11-27}" in entry


def test_a_document_has_the_authors_date_and_title_that_it_says() -> None:
    [item] = csl([source(BOOK)])
    assert item["type"] == "document"
    names = [{"literal": "Okafor, M."}, {"literal": "Museum of Arts and Crafts"}]
    assert (item["author"], item["title"]) == (names, "The Mill")
    assert item["issued"] == {"date-parts": [[2021, 6]]}
    entry = bibtex([source(BOOK)])
    assert "author = {{Okafor, M.} and {Museum of Arts and Crafts}}" in entry
    assert "year = {2021},\n  month = {6}," in entry


@pytest.mark.parametrize("moment", ["", "yesterday", "2019-13-01", "20190304", "2019-02-30"])
def test_a_date_that_is_none_is_left_out(moment: str) -> None:
    [item] = csl([source({"date": moment})])
    assert "issued" not in item
    assert "author" not in item
    assert item["title"] == "As it was read"
    assert "year" not in bibtex([source({"date": moment})])


def test_printed_pages_and_other_places_stand_in_the_note() -> None:
    [item] = csl(
        [
            source({}, page=20, place="page 20, printed 12"),
            source({}, page=21, place="page 21", paragraph=4),
        ]
    )
    assert item["page"] == "20, 21"
    assert item["note"] == f"page 20, printed 12; paragraphs 3, 4; sha256 {'ab' * 32}"
    [item] = csl([source({}, place="attachment plan.docx, paragraph 2")])
    assert item["note"].startswith("attachment plan.docx, paragraph 2; ")


def test_documents_with_the_same_bytes_have_keys_of_their_own() -> None:
    keys = [item["id"] for item in csl([source({}), source({}, document="e"), source({})])]
    assert len(set(keys)) == len(keys) == 2
    assert re.findall(r"@misc\{(.+),", bibtex([source({}), source({}, document="e")])) == keys


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_processor_cites_the_items() -> None:
    citeproc = pytest.importorskip("citeproc", reason="of the extra `dev`")
    from citeproc.source.json import CiteProcJSON

    items = json.loads(json.dumps(csl([source(MAIL), source(BOOK, document="e")])))
    style = citeproc.CitationStylesStyle("harvard-cite-them-right", validate=False)
    cited = citeproc.CitationStylesBibliography(
        style, CiteProcJSON(items), citeproc.formatter.plain
    )
    for item in items:
        cited.register(citeproc.Citation([citeproc.CitationItem(item["id"])]))
    mail, book = sorted(map(str, cited.bibliography()))
    assert mail.startswith("Anna Keller and lucia@example.org (2019) ")
    assert "Re: Conservation & Naturalism" in mail
    assert book.startswith("Okafor, M. and Museum of Arts and Crafts (2021) ")
    assert "The Mill" in book
