"""The title, author and date of a document as its own metadata state them.

Programs fill these in by themselves, so what says nothing is left out: a file's name as a title,
the name of the program as an author, the zero of a clock as a date.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from rag.formats.metadata.dates import iso_date

_LONGEST_TITLE = 200
_LONGEST_AUTHOR = 300
_FILE_NAME = re.compile(
    r"\.(?:docx?|dotx?|docm|dvi|tex|indd|pdf|qxd|pptx?|xlsx?|odt|ods|odp|rtf|html?|txt|epub|pages)$",
    re.IGNORECASE,
)
_PRINTED_FROM = re.compile(r"microsoft (?:office )?(?:word|excel|powerpoint)\b", re.IGNORECASE)
_NO_TITLE = {
    "untitled", "untitled document", "untitled presentation", "untitled spreadsheet", "no title",
    "title", "document", "document1", "presentation", "powerpoint presentation", "slide 1",
    "book1", "(anonymous)", "unknown", "new document",
}  # fmt: skip
_NO_AUTHOR = {
    "unknown", "unknown author", "anonymous", "(anonymous)", "author", "user", "owner", "admin",
    "administrator", "root", "microsoft office user", "microsoft", "windows user", "python-docx",
    "openpyxl", "xlsxwriter", "calibre",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Properties:
    """What a document's metadata say of it; each is empty where they do not."""

    title: str = ""
    author: str = ""
    """Several are separated by "; "."""
    date: str = ""
    """ISO 8601: a year, a month, a day, or a day and time."""

    @classmethod
    def of(cls, title: str = "", authors: Iterable[str] = (), date: str = "") -> "Properties":
        """Return properties as a file states them, without what says nothing."""
        names = dict.fromkeys(filter(None, map(_author, authors)))
        author = "; ".join(names)
        return cls(_title(title), author if len(author) <= _LONGEST_AUTHOR else "", iso_date(date))

    def fields(self) -> tuple[tuple[str, str], ...]:
        """Return those stated as fields of an extract: "title", "author" and "date"."""
        fields = (("title", self.title), ("author", self.author), ("date", self.date))
        return tuple(field for field in fields if field[1])


NOTHING = Properties()
"""Those of a file that states none."""


def _title(title: str) -> str:
    title = " ".join(title.split())
    if (
        len(title) > _LONGEST_TITLE
        or title.casefold() in _NO_TITLE
        or _PRINTED_FROM.match(title)
        or _FILE_NAME.search(title)
    ):
        return ""
    return title if any(map(str.isalnum, title)) else ""


def _author(name: str) -> str:
    name = " ".join(name.split())
    return "" if name.casefold() in _NO_AUTHOR or not any(map(str.isalpha, name)) else name
