"""PDF: forms, hyphens, sentences that go on overleaf, printed page numbers."""

import pytest
from tests_drawn_pdf import drawn_pdf, lines, text

from rag.formats.dispatch import extract
from rag.text.paragraphs import paragraphs

PROSE = (
    "The saw is never used without its guard, and whoever works with",
    "it wears gloves. The blade is changed by the foreman alone, who",
)


def placed(data: bytes) -> list[tuple[int | None, str, str]]:
    found = extract("a.pdf", data)
    kept = paragraphs(found.text, found.blocks, places=found.places)
    return [(p.page, p.place, found.text[p.start : p.end]) for p in kept]


def read(data: bytes) -> list[str]:
    return [passage for _, _, passage in placed(data)]


def field(kind: str, rectangle: str, value: str) -> str:
    return (
        f"<< /Type /Annot /Subtype /Widget /F 4 /FT /{kind} /T (f{rectangle}) /Rect [{rectangle}]"
        f" {value} >>"
    )


def test_what_is_filled_in_stands_beside_its_label() -> None:
    page = (
        text(72, 700, "Applicant:", font="F2")
        + text(72, 660, "Town")
        + text(300, 660, "Date")
        + text(72, 600, "I accept the terms:")
        + text(100, 560, "Send me the newsletter")
        + text(72, 520, "Remarks:")
    )
    shown = (
        "BT /F1 14 Tf 2 4 Td (Odile Brandt) Tj ET\n",
        "BT /F1 10 Tf 2 4 Td (Visby) Tj ET\n",
        "BT /F1 10 Tf 2 4 Td (12 May) Tj ET\n",
        "0 0 m 9 9 l S\n",
        "0 0 m 9 9 l S\n",
    )
    boxes = "/AP << /N << /Yes APPEARANCE3 /Off APPEARANCE4 >> >>"
    fields = [
        field("Tx", "150 695 350 715", "/V (Odile Brandt) /AP << /N APPEARANCE0 >>"),
        field("Tx", "72 635 200 655", "/V (Visby) /AP << /N APPEARANCE1 >>"),
        field("Tx", "300 635 400 655", "/V (12 May) /AP << /N APPEARANCE2 >>"),
        field("Btn", "190 596 206 612", f"/V /Yes /AS /Yes {boxes}"),
        field("Btn", "72 556 88 572", f"/V /Off /AS /Off {boxes}"),
        field("Tx", "150 515 350 535", ""),
    ]
    assert read(drawn_pdf(page, fields=fields, appearances=shown)) == [
        "Applicant: Odile Brandt",
        "Town Visby Date 12 May",
        "I accept the terms: ☒",
        "☐ Send me the newsletter",
        "Remarks:",
    ]


@pytest.mark.parametrize(
    ("broken", "joined"),
    [
        (("Write to help@river-", "bank.example now."), "Write to help@river-bank.example now."),
        (("See ftp://a.example/price-", "list for it."), "See ftp://a.example/price-list for it."),
        (("Open www.river-", "bank.example first."), "Open www.river-bank.example first."),
        (("The file is report-", "final.pdf here."), "The file is report-final.pdf here."),
        (("Write to anna-", "lena@b.example now."), "Write to anna-lena@b.example now."),
        (("Give it --dry-", "run as well."), "Give it --dry-run as well."),
        (("It lies in /var/log-", "files on disk."), "It lies in /var/log-files on disk."),
        (("Add some 2-methyl-", "propanol to it."), "Add some 2-methyl-propanol to it."),
        (("Call 0471-", "2209 after noon."), "Call 0471-2209 after noon."),
        (("It is INV-2024-", "0021 of May."), "It is INV-2024-0021 of May."),
        (("Die Vor-", "und Nachteile sind klar."), "Die Vor- und Nachteile sind klar."),
        (("Both pre-", "and postwar years."), "Both pre- and postwar years."),
        (("Voor en na, voor-", "en nadelen."), "Voor en na, voor- en nadelen."),
        (("All the har-", "bour was full."), "All the harbour was full."),
        (("A lot of thou-", "sand things."), "A lot of thousand things."),
        (("The input and out-", "put of it."), "The input and output of it."),
    ],
)  # fmt: skip
def test_a_hyphen_that_is_written_is_kept(broken: tuple[str, ...], joined: str) -> None:
    page = lines(*PROSE, y=760) + lines(*broken)
    assert read(drawn_pdf(page))[1:] == [joined]


def test_a_sentence_that_goes_on_overleaf_is_one_passage_of_both_pages() -> None:
    rest = ("pulls the plug first. After that the guard is put on again.",)
    foot = "BT 72 60 Td 3 Ts /F1 6 Tf (1) Tj 0 Ts /F1 9 Tf ( The foreman of the day.) Tj ET\n"
    pages = [
        text(72, 760, "Rules of the workshop", size=9) + lines(*PROSE) + foot
        + text(300, 30, "1", size=9),
        text(72, 760, "Rules of the workshop", size=9) + lines(*rest)
        + lines("A new paragraph stands here.", y=640) + text(300, 30, "2", size=9),
        text(72, 760, "Rules of the workshop", size=9)
        + lines("Another begins and ends on its page.") + text(300, 30, "3", size=9),
    ]  # fmt: skip
    assert placed(drawn_pdf(*pages)) == [
        (1, "page 1", "Rules of the workshop"),
        (1, "page 1 to page 2", " ".join([*PROSE, *rest])),
        (1, "page 1", "[1] The foreman of the day."),
        (2, "page 2", "A new paragraph stands here."),
        (3, "page 3", "Another begins and ends on its page."),
    ]


def test_a_paragraph_may_go_over_three_pages_and_a_word_be_broken_between() -> None:
    pages = [lines("It holds the whole of the har-"), lines("bour and of the"), lines("old town.")]
    assert placed(drawn_pdf(*pages)) == [
        (1, "page 1 to page 3", "It holds the whole of the harbour and of the old town.")
    ]


def test_a_new_paragraph_overleaf_is_one_of_its_own() -> None:
    pages = [lines(*PROSE[:1]), lines("Nobody may enter it. The doors are shut.")]
    assert read(drawn_pdf(*pages)) == [PROSE[0], "Nobody may enter it. The doors are shut."]


def test_the_number_printed_on_a_page_is_cited_with_its_count() -> None:
    pages = [lines(f"{word} of the manual.") for word in ("Preface", "Contents", "Safety", "Use")]
    labels = "0 << /S /r >> 2 << /S /D /St 1 >>"
    assert [place for _, place, _ in placed(drawn_pdf(*pages, labels=labels))] == [
        "page 1, numbered i",
        "page 2, numbered ii",
        "page 3, numbered 1",
        "page 4, numbered 2",
    ]
    overleaf = [lines("It begins on this one and"), lines("ends there.")]
    assert placed(drawn_pdf(*overleaf, labels="0 << /S /D /St 9 >>")) == [
        (1, "page 1, numbered 9, to page 2, numbered 10", "It begins on this one and ends there.")
    ]
