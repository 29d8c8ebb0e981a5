"""Reasons for which files were not read, without what concerns one file alone."""

import pytest

from rag.documents.unread import groups_of, without_details
from vector_store.records import UnreadFile


@pytest.mark.parametrize(
    ("reason", "expected"),
    [
        ("the file is empty", "the file is empty"),
        ("the file is damaged: word/document.xml cannot be unpacked", "the file is damaged"),
        (
            "the file is damaged, or in a variant that is not supported (PdfiumError: x)",
            "the file is damaged, or in a variant that is not supported",
        ),
        ("it is damaged at line 1, column 2", "it is damaged at line 1, column 2"),
        ("files of type .mbox are not read", "files of type .mbox are not read"),
        ("(odd)", "(odd)"),
    ],
)
def test_a_reason_without_its_details(reason: str, expected: str) -> None:
    assert without_details(reason) == expected


def test_the_largest_group_comes_first() -> None:
    reasons = ("the file is empty", "the file is damaged: a", "the file is damaged: b")
    files = [UnreadFile(f"/{n}", f"{n}", reason) for n, reason in enumerate(reasons)]
    assert [(group.reason, group.files) for group in groups_of(files)] == [
        ("the file is damaged", (files[1], files[2])),
        ("the file is empty", (files[0],)),
    ]
