"""What an e-mail consists of, whichever program kept it, and how it is laid out as text."""

from dataclasses import dataclass
from pathlib import PurePath

from rag.errors import UnreadableFileError
from rag.formats.extract import Extract, Gathering, visible
from rag.formats.parts import step
from rag.formats.registry import ADVISED, KINDS, TEXTS
from rag.text import plain_text


@dataclass(frozen=True, slots=True)
class Letter:
    """An e-mail: its headers, its text in one or two versions, and what is attached."""

    subject: str
    headers: tuple[tuple[str, str], ...]
    plain: str
    page: str
    """The same text as HTML."""
    attachments: tuple[tuple[str, bytes], ...]


def gather(letter: Letter, gathered: Gathering) -> None:
    """Gather a letter: subject, headers, text; then each attachment, placed under its name."""
    gathered.add(letter.subject, level=1)
    gathered.add("\n".join(f"{title}: {value}" for title, value in letter.headers if value))
    if letter.plain.strip():
        text = visible(letter.plain)
        gathered.merge(Extract("", text, tuple(plain_text.blocks(text))))
    elif letter.page.strip():
        from rag.formats.markup.html import read_text

        gathered.merge(read_text(letter.page, whole=True))
    for number, (name, data) in enumerate(letter.attachments, start=1):
        _attachment(name or f"{number}", data, gathered)


def _attachment(name: str, data: bytes, gathered: Gathering) -> None:
    from rag.formats.dispatch import extract

    suffix = PurePath(name).suffix.lower()
    if suffix not in KINDS | TEXTS and suffix not in ADVISED:
        return  # a picture or the like, of which a report would only tell the obvious
    try:
        with step():
            gathered.include(extract(name, data), f"attachment {name}")
    except UnreadableFileError as error:
        gathered.could_not_read(f"attachment {name}", str(error))
