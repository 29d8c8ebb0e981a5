"""E-mails (.eml) and saved web pages (.mhtml): headers, text, and attachments of known kinds."""

import email
from collections.abc import Sequence
from email import policy
from email.message import EmailMessage
from pathlib import PurePath
from typing import Any

from rag.errors import UnreadableFileError
from rag.formats.extract import Extract, Gathering
from rag.formats.mail.messages import Letter, gather
from rag.formats.registry import KINDS, TEXTS
from rag.text.encodings import decode

DEEPEST = 30
"""Multiparts and messages, one within the other. Python's parser compares each line with the
boundary of all that it lies in; mail programs make a handful, and one more for each forwarding."""

_TOO_DEEP = "application/x-too-deep"
# Text that follows a picture or a file is a part of its own, which has no name.
_OFFICE = "application/vnd.openxmlformats-officedocument"
_UNNAMED = {
    "message/rfc822": "message.eml",
    "text/plain": "text.txt",
    "text/html": "page.html",
    "text/csv": "table.csv",
    "application/pdf": "file.pdf",
    "application/rtf": "file.rtf",
    "application/msword": "file.doc",
    "application/zip": "files.zip",
    f"{_OFFICE}.wordprocessingml.document": "file.docx",
    f"{_OFFICE}.presentationml.presentation": "file.pptx",
    f"{_OFFICE}.spreadsheetml.sheet": "file.xlsx",
}
_PAGE = ("text/html", "application/xhtml+xml")
_PLAIN = ("text/plain",)


class _Part(EmailMessage):
    """A message or a part of one; what lies too deep is one part, whatever lies in it."""

    depth: int = 0
    _type: str = ""

    def attach(self, payload: Any) -> None:
        """Take a part in, as the parser does before it reads the part's headers."""
        payload.depth = self.depth + 1
        super().attach(payload)

    def get_content_type(self) -> str:
        """Return the type by which the parser tells whether there are parts within."""
        if not self._type:  # each look into a header parses it anew
            kind = super().get_content_type()
            is_outer = kind.startswith(("multipart/", "message/"))
            self._type = _TOO_DEEP if is_outer and self.depth >= DEEPEST else kind
        return self._type


# Headers as they stand: to fold them anew can fail, and an attached message is to be read.
_POLICY = policy.default.clone(message_factory=_Part, refold_source="none")


def read(data: bytes, name: str) -> Extract:
    """Read a message, or the pages of a web archive. Raises UnreadableFileError."""
    if data[1:2] == b"\0" or data.startswith((b"\xff\xfe", b"\xfe\xff")):
        data = decode(data).encode()  # a message that was saved as a wide text
    message = email.message_from_bytes(data, policy=_POLICY)
    if not isinstance(message, EmailMessage) or not message.keys():
        raise UnreadableFileError("the file is damaged: it has no headers, as a message does")
    parts = _leaves(message)
    gathered = Gathering()
    title = ""
    if name.lower().endswith((".mhtml", ".mht")):
        title = _saved_pages(message, gathered)
    if gathered.is_empty:
        letter = _letter(message, parts)
        gather(letter, gathered)
        title = letter.subject
    for _ in (part for part in parts if part.get_content_type() == _TOO_DEEP):
        gathered.could_not_read(
            "attachment", f"it lies in more than {DEEPEST} parts of the message, one in the other"
        )
    return gathered.extract(title)


def _letter(message: EmailMessage, parts: Sequence[Any]) -> Letter:
    """Return a message as a letter: its first text is its own, what follows is attached."""
    body = next((part for part in parts if _is_text(part) and _text(part).strip()), None)
    is_page = body is not None and body.get_content_type() in _PAGE
    text = _text(body) if body is not None else ""
    return Letter(
        _header(message, "subject"),
        tuple((title, _header(message, title.lower())) for title in ("From", "To", "Cc", "Date")),
        "" if is_page else text,
        text if is_page else "",
        tuple(
            (
                _name(part),
                _text(part).encode("utf-8", "replace") if _is_text(part) else _bytes(part),
            )
            for part in parts
            if part is not body and not _is_passed_over(part)
        ),
    )


def _is_passed_over(part: Any) -> bool:
    """Tell a picture without a name, and text that is empty."""
    if _is_text(part):
        return not _text(part).strip()
    return part.get_content_maintype() == "image" and not part.get_filename()


def _leaves(part: Any) -> list[Any]:
    """Return the parts that hold something, in order; of versions of one text the best one."""
    if part.get_content_maintype() != "multipart" or not part.is_multipart():
        return [part]
    below = [_leaves(child) for child in part.iter_parts()]
    if part.get_content_subtype() == "alternative":
        chosen = _chosen(below)
        below = [
            leaves if leaves is chosen else [leaf for leaf in leaves if not _is_text(leaf)]
            for leaves in below
        ]
    return [leaf for leaves in below for leaf in leaves]


def _chosen(versions: Sequence[list[Any]]) -> list[Any]:
    """Return the plain one of several versions of a text, if it holds any, else the page."""
    for kinds in (_PLAIN, _PAGE):
        for leaves in versions:
            texts = (leaf for leaf in leaves if _is_text(leaf) and leaf.get_content_type() in kinds)
            if any(_text(leaf).strip() for leaf in texts):
                return leaves
    return versions[-1] if versions else []


def _is_text(part: Any) -> bool:
    """Tell text that stands in the message itself; parts that no boundary parts are such, too."""
    kind = part.get_content_type()
    is_shown = kind in (*_PLAIN, *_PAGE) or part.get_content_maintype() == "multipart"
    return is_shown and not part.is_attachment() and not part.get_filename()


def _saved_pages(message: EmailMessage, gathered: Gathering) -> str:
    """Gather a page and those that stand in it, as in frames; return the title of the first.

    Raises UnreadableFileError when there is none.
    """
    from rag.formats.markup.html import read_text

    pages = [part for part in message.walk() if part.get_content_type() in _PAGE]
    if not pages:
        raise UnreadableFileError("the web archive holds no page")
    title = ""
    sources = dict.fromkeys(map(_text, pages))  # a frame may be there more than once
    for number, source in enumerate(sources, start=1):
        page = read_text(source if source.strip() else "<p></p>")
        if page.text and gathered.is_empty:
            gathered.merge(page)
            title = page.title
        elif page.text:
            gathered.include(page, f"frame {page.title or number}")
    return title


def _name(part: Any) -> str:
    """Return a part's name, with a suffix where its type alone tells what it is."""
    name = str(part.get_filename() or "")
    typical = "text.txt" if _is_text(part) else _UNNAMED.get(part.get_content_type(), "")
    if part.get_content_type() in _PAGE:
        typical = "page.html"
    if not name or PurePath(name).suffix.lower() in KINDS | TEXTS:
        return name or typical
    return name + PurePath(typical).suffix if _has_no_kind(name) else name


def _has_no_kind(name: str) -> bool:
    """Tell whether a name ends in nothing that looks like a suffix."""
    return not PurePath(name).suffix[1:].isalnum()


def _header(message: EmailMessage, name: str) -> str:
    """Return a header's value as a person reads it, however badly it is written."""
    try:
        return " ".join(str(message.get(name, "")).split())
    except (ValueError, AttributeError, IndexError, TypeError):  # the parser's, on broken headers
        raw = next((value for key, value in message.raw_items() if key.lower() == name), "")
        return " ".join(str(raw).split())


def _text(part: Any) -> str:
    try:
        content = part.get_content()
    except (LookupError, UnicodeDecodeError, KeyError):  # an unknown or a wrong encoding
        content = decode(data) if (data := _bytes(part)).strip() else ""
    return content if isinstance(content, str) else ""


def _bytes(part: Any) -> bytes:
    if part.get_content_type() == "message/rfc822":
        return part.get_content().as_bytes() if part.is_multipart() else b""
    payload = part.get_payload(decode=True)
    return payload if isinstance(payload, bytes) else b""
