"""What a mail consists of, whichever program saved it, and its layout as text.

Sender, recipients, date and subject are fields of the document. Those of a mail within another one
are a heading over it, since a document has one set of fields.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from pathlib import PurePath

from rag.errors import UnreadableFileError
from rag.formats.extract import Extract, Fields, Gathering, field_lines, visible
from rag.formats.parts import step
from rag.formats.registry import KINDS, TEXTS
from rag.text import plain_text

_WORDS = re.compile(r"\w+")
_ADDRESS = re.compile(r"\S+://\S+|\S+@\S+")
_MORE_WORDS = 5
"""Words that the HTML must have beyond those of the plain text, or it holds no more than that."""


@dataclass(frozen=True, slots=True)
class Text:
    """A text within a mail, in one or two versions."""

    plain: str
    page: str
    """The same text as HTML."""


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file within a mail."""

    name: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail: its fields, and its texts and attachments in order."""

    fields: Fields
    parts: tuple[Text | Attachment, ...]


def gather(mail: Mail, gathered: Gathering) -> None:
    """Gather a mail: its subject as a heading, its texts, then each attachment under its name."""
    for name, value in mail.fields:
        gathered.field(name, value)
    gathered.add(dict(mail.fields).get("subject", ""), level=1)
    texts = [part for part in mail.parts if isinstance(part, Text)]
    attachments = [part for part in mail.parts if isinstance(part, Attachment)]
    for text in texts:
        _gather_text(text, gathered)
    for number, attachment in enumerate(attachments, start=1):
        _gather_attachment(attachment.name or f"{number}", attachment.data, gathered)
    if gathered.is_empty:
        gathered.add("\n".join(field_lines(mail.fields)))


def iso_date(text: str) -> str:
    """Return the date of a mail's header as ISO 8601; unchanged if it is not one."""
    try:
        return parsedate_to_datetime(text).isoformat()
    except (ValueError, IndexError, OverflowError):  # what it raises for all sorts of dates
        return text


def iso_time(moment: datetime | None) -> str:
    """Return a point in time as ISO 8601; empty for none."""
    return "" if moment is None else moment.isoformat(timespec="seconds")


def _gather_text(text: Text, gathered: Gathering) -> None:
    from rag.formats.markup.html import read_text

    page = read_text(text.page, whole=True) if text.page.strip() else None
    if page is not None and _holds_more(page.text, text.plain):
        gathered.merge(page)
    elif text.plain.strip():
        plain = visible(text.plain)
        gathered.merge(Extract("", plain, tuple(plain_text.blocks(plain))))


def _holds_more(page: str, plain: str) -> bool:
    """Return whether the HTML version holds words that the plain one lacks, and more than it.

    Many programs send a plain version that only says that the mail is HTML, or lacks its tables.
    """
    if not plain.strip():
        return True
    on_page, in_plain = _words_of(page), _words_of(plain)
    more, less = len(on_page - in_plain), len(in_plain - on_page)
    return more >= _MORE_WORDS and more > less


def _words_of(text: str) -> set[str]:
    """Return the distinct words of a text, in lower case, without addresses."""
    return set(_WORDS.findall(_ADDRESS.sub(" ", text).lower()))


def _gather_attachment(name: str, data: bytes, gathered: Gathering) -> None:
    from rag.formats.dispatch import extract

    try:
        with step():
            gathered.include(extract(name, data), f"attachment {name}")
    except UnreadableFileError as error:
        gathered.could_not_read(f"attachment {name}", str(error))


def is_readable(name: str) -> bool:
    """Return whether a file of this name is of a format that is read."""
    return PurePath(name).suffix.lower() in KINDS | TEXTS


def people(addresses: Sequence[str]) -> str:
    """Return addresses as one line."""
    return "; ".join(filter(None, addresses))
