"""What has become of the documents of kept quotes."""

from pathlib import Path

import pytest
from tests_support import write_files

from rag import Condition, Library, Quoted

PEARS = "Pears are green."


@pytest.fixture
def docs(tmp_path: Path) -> Path:
    return write_files(tmp_path / "docs", {"fruit.txt": f"Apples are red.\n\n{PEARS}\n"})


@pytest.fixture
def pears(library: Library, docs: Path) -> str:
    """Give the id of a quote that is kept of a document."""
    library.add(docs)
    passage = library.contents(library.documents()[0].path).passages[1]
    case = library.casework.new("Fruit").id
    return library.casework.keep(case, Quoted.of(passage, 1)).id


def condition(library: Library, quote: str) -> tuple[str, bool, str]:
    """Return a quote's condition, and what stands at the place that it can be opened at."""
    found = library.casework.quote(quote)[0].condition
    assert isinstance(found, Condition)
    assert library.casework.case("Fruit").quotes[0].condition == found
    if not found.words_remain:
        return found.state, found.words_remain, ""
    contents = library.contents(library.path_of(found.document_id))
    assert contents.document.sha256 == found.sha256
    return found.state, found.words_remain, contents.document.text[found.start : found.end]


def test_a_quote_of_an_unchanged_document(library: Library, pears: str) -> None:
    assert condition(library, pears) == ("unchanged", True, PEARS)


def test_a_file_that_was_moved_is_unchanged(library: Library, docs: Path, pears: str) -> None:
    (docs / "fruit.txt").rename(docs / "moved.txt")
    library.add(docs)
    assert condition(library, pears) == ("unchanged", True, PEARS)
    write_files(docs, {"fruit.txt": "Something else is here now."})
    library.add(docs)
    assert condition(library, pears) == ("unchanged", True, PEARS)


def test_a_changed_document_may_hold_the_words_still(
    library: Library, docs: Path, pears: str
) -> None:
    write_files(docs, {"fruit.txt": f"Quinces are yellow.\n\nAlso: {PEARS} Or not.\n"})
    library.add(docs)
    assert condition(library, pears) == ("changed", True, f"Also: {PEARS} Or not.")
    write_files(docs, {"fruit.txt": "Pears are yellow."})
    library.add(docs)
    assert condition(library, pears) == ("changed", False, "")


def test_a_removed_document_is_gone_and_its_quote_stays(
    library: Library, docs: Path, pears: str
) -> None:
    assert library.casework.count_quotes_of([library.documents()[0].path]) == 0  # no id
    library.remove(docs)
    assert condition(library, pears) == ("gone", False, "")
    assert library.casework.quote(pears)[0].quote.text == PEARS
