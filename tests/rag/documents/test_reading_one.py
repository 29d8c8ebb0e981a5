"""One document read: text found in it, its outline, its original file."""

import itertools
from pathlib import Path

import pytest
from tests_files import column, epub, pdf, pptx, xlsx
from tests_support import write_files

from rag import Contents, DocumentInfo, Library, UnreadableFileError
from rag.documents import text_search
from rag.documents.original import open_original
from rag.documents.outline import outline_of
from rag.documents.segments import segment_at, segments
from rag.documents.text_search import TextMatch, find_text
from rag.formats.pdf.catalog.bookmarks import Bookmark

BOOK = """# The café

A Cafe\u0301 by the\nriver, the CAFÉ — №٣.

## Ships

Seven ships. The cafe.
"""


def contents(library: Library, folder: Path, **files: str | bytes) -> Contents:
    """Add files, and return the contents of the first."""
    named = {name.replace("_", "."): content for name, content in files.items()}
    docs = write_files(folder / "docs", named)
    library.add([docs])
    with library.store.view() as view:
        return view.contents(str(docs / next(iter(named))))


def test_segments_are_paragraphs_and_what_stands_between(library: Library, tmp_path: Path) -> None:
    book = contents(library, tmp_path, a_md=BOOK)
    text = book.document.text
    parts = list(segments(book))
    assert [text[one.start : one.end].split("\n")[0] for one in parts] == [
        "# The café",
        "A Cafe\u0301 by the",
        "## Ships",
        "Seven ships. The cafe.",
    ]
    assert [one.paragraph is None for one in parts] == [True, False, True, False]
    for one in parts:
        assert segment_at(book, one.start, one.end) == one
    for one, other in itertools.pairwise(parts):
        assert segment_at(book, one.start, other.end) is None
    assert list(segments(book, parts[1].end)) == parts[2:]


@pytest.mark.parametrize(
    ("query", "matches"),
    [
        ("CAFE", ["café", "Cafe\u0301", "CAFÉ", "cafe"]),
        ("cafe\u0301  by the river", ["Cafe\u0301 by the\nriver"]),
        ("café - no3", ["CAFÉ — №٣"]),
        ("ship", ["Ship", "ship"]),
        ("ships. the", ["ships. The"]),
        ("the seven", []),  # of two paragraphs
        ("  ", []),
        ("\u0301", []),
    ],
)
def test_a_text_is_found_however_it_is_written(
    library: Library, tmp_path: Path, query: str, matches: list[str]
) -> None:
    book = contents(library, tmp_path, a_md=BOOK)
    result = find_text(book, query)
    assert result.total == len(matches)
    assert [book.document.text[one.start : one.end] for one in result.listed] == matches


def test_matches_name_their_pages_and_all_are_counted(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pages = [column(["Ships come here."]), column(["Seven ships sank there."])]
    made = contents(library, tmp_path, a_pdf=pdf(*pages))
    [first, second] = find_text(made, "ships").listed
    assert [(one.page, one.last_page, one.paragraph) for one in (first, second)] == [
        (1, 1, 1),
        (2, 2, 2),
    ]
    monkeypatch.setattr(text_search, "MOST_LISTED", 1)
    limited = find_text(made, "ships")
    assert (limited.total, limited.listed) == (2, (first,))
    assert isinstance(first, TextMatch)


def outline(made: Contents, *bookmarks: Bookmark) -> list[tuple[str, int, int | None]]:
    return [(one.title, one.level, one.page) for one in outline_of(made, bookmarks)]


def test_an_outline_is_of_bookmarks_headings_parts_or_pages(
    library: Library, tmp_path: Path
) -> None:
    assert outline(contents(library, tmp_path, a_md=BOOK + "\n# End\n\nThe end.\n")) == [
        ("The café", 0, None),
        ("Ships", 1, None),
        ("End", 0, None),
    ]
    sheets = xlsx(Rates=[["Name", "Rate"], ["A", 1], ["B", 2]], More=[["X", "Y"], ["u", "v"]])
    assert outline(contents(library, tmp_path, b_xlsx=sheets)) == [
        ("sheet Rates", 0, None),
        ("sheet More", 0, None),
    ]
    slides = pptx(("Ships", "Seven sank.", ""), ("Dates", "Sold.", "A note."))
    assert outline(contents(library, tmp_path, c_pptx=slides)) == [
        ("slide 1", 0, None),
        ("Ships", 1, None),
        ("slide 2", 0, None),
        ("Dates", 1, None),
    ]
    chapters = epub(("One", "First text."), ("Two", "Second text."))
    assert [title for title, _, _ in outline(contents(library, tmp_path, d_epub=chapters))] == [
        "chapter One",
        "chapter Two",
    ]
    pages = contents(
        library, tmp_path, e_pdf=pdf(column(["Ships come here."]), column(["Ships sank there."]))
    )
    assert outline(pages) == [("", 0, 1), ("", 0, 2)]
    marks = [Bookmark("Two", 0, 2), Bookmark("Beyond", 0, 3)]
    assert outline(pages, *marks) == [("Two", 0, 2)]
    assert outline_of(pages, marks)[0].start == pages.passages[1].paragraph.start


def original(info: DocumentInfo) -> tuple[str, int, bytes]:
    opened = open_original(info)
    return opened.name, opened.size, b"".join(opened.chunks)


def test_the_original_is_the_file_as_it_was_read(library: Library, tmp_path: Path) -> None:
    text = "Ships sank.\n" * 50_000
    docs = write_files(tmp_path / "docs", {"a.txt": text, "b/copy.txt": text})
    library.add([docs])
    [info] = library.documents()
    first, second = docs / "a.txt", docs / "b" / "copy.txt"
    if info.path != str(first):
        first, second = second, first
    assert original(info) == (first.name, len(text), text.encode())
    opened = open_original(info)
    next(opened.chunks)
    first.write_text("Another text.", encoding="utf-8")
    with pytest.raises(UnreadableFileError, match="changed while it was sent"):
        list(opened.chunks)
    assert original(info) == (second.name, len(text), text.encode())  # the copy's
    second.unlink()
    with pytest.raises(UnreadableFileError, match="No such file"):
        open_original(info)
    first.unlink()
    first.symlink_to(write_files(tmp_path / "other", {"a.txt": text}) / "a.txt")
    second.parent.rmdir()
    with pytest.raises(UnreadableFileError):
        open_original(info)
