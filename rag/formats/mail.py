"""E-mails (.eml) and saved web pages (.mhtml): headers, text, and attachments of known kinds."""

import email
from email import policy
from email.message import EmailMessage
from typing import Any

from rag.encodings import decode
from rag.errors import UnreadableFileError
from rag.formats.extracts import Extract, Gathering
from rag.formats.letters import Letter, gather

# Text that follows a picture or a file is a part of its own, which has no name.
_UNNAMED = {"message/rfc822": "message.eml", "text/plain": "text.txt", "text/html": "page.html"}
_PAGE = ("text/html", "application/xhtml+xml")


def read(data: bytes, name: str) -> Extract:
    """Read a message, or the page of a web archive. Raises UnreadableFileError."""
    if data[1:2] == b"\0" or data.startswith((b"\xff\xfe", b"\xfe\xff")):
        data = decode(data).encode()  # a message that was saved as a wide text
    message = email.message_from_bytes(data, policy=policy.default)
    if not isinstance(message, EmailMessage) or not message.keys():
        raise UnreadableFileError("the file is damaged: it has no headers, as a message does")
    if name.lower().endswith((".mhtml", ".mht")):
        saved = _page(message)
        if saved.text:
            return saved
    gathered = Gathering()
    plain, page = _body(message, "plain"), _body(message, "html")
    attachments = tuple(
        (part.get_filename() or _unnamed(part), _bytes(part)) for part in message.iter_attachments()
        if part.get_content_maintype() != "image" or part.get_filename()
    )  # fmt: skip
    letter = Letter(
        _header(message, "subject"),
        tuple((title, _header(message, title.lower())) for title in ("From", "To", "Cc", "Date")),
        plain,
        page,
        attachments,
    )
    gather(letter, gathered)
    return gathered.extract(letter.subject)


def _page(message: EmailMessage) -> Extract:
    from rag.formats.web import read_text

    for part in message.walk():
        if part.get_content_type() in _PAGE:
            return read_text(_text(part) or "<p></p>")
    raise UnreadableFileError("the web archive holds no page")


def _unnamed(part: Any) -> str:
    return _UNNAMED.get(part.get_content_type(), "")


def _header(message: EmailMessage, name: str) -> str:
    """Return a header's value as a person reads it, however badly it is written."""
    try:
        return " ".join(str(message.get(name, "")).split())
    except (ValueError, AttributeError, IndexError, TypeError):  # the parser's, on broken headers
        raw = next((value for key, value in message.raw_items() if key.lower() == name), "")
        return " ".join(str(raw).split())


def _body(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    return _text(part) if part is not None else ""


def _text(part: Any) -> str:
    try:
        content = part.get_content()
    except (LookupError, UnicodeDecodeError, KeyError):  # an unknown or a wrong encoding
        return decode(_bytes(part))
    return content if isinstance(content, str) else ""


def _bytes(part: Any) -> bytes:
    if part.get_content_type() == "message/rfc822":
        return part.get_content().as_bytes() if part.is_multipart() else b""
    payload = part.get_payload(decode=True)
    return payload if isinstance(payload, bytes) else b""
