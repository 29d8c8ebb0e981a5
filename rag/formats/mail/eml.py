"""E-mails (.eml) and saved web pages (.mhtml): fields, texts, and attachments."""

import email
import re
from collections.abc import Container, Iterator, Sequence
from email import policy
from email.message import EmailMessage
from pathlib import PurePath
from typing import Any

from rag.errors import UnreadableFileError
from rag.formats.extract import Extract, Fields, Gathering
from rag.formats.mail.messages import Attachment, Mail, Text, gather, is_readable, iso_date
from rag.text.encoding_labels import decode_labelled
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
    "text/tab-separated-values": "table.tsv",
    "text/markdown": "text.md",
    "text/rtf": "file.rtf",
    "text/calendar": "invitation.ics",
    "application/ics": "invitation.ics",
    "application/epub+zip": "book.epub",
    "application/pdf": "file.pdf",
    "application/rtf": "file.rtf",
    "application/msword": "file.doc",
    "application/zip": "files.zip",
    f"{_OFFICE}.wordprocessingml.document": "file.docx",
    f"{_OFFICE}.presentationml.presentation": "file.pptx",
    f"{_OFFICE}.spreadsheetml.sheet": "file.xlsx",
    "application/vnd.ms-excel": "file.xls",
    "application/vnd.ms-outlook": "message.msg",
    "application/vnd.oasis.opendocument.text": "file.odt",
    "application/vnd.oasis.opendocument.spreadsheet": "file.ods",
    "application/x-zip-compressed": "files.zip",
}
_PAGE = ("text/html", "application/xhtml+xml")
_PLAIN = ("text/plain",)
_CID = re.compile(r"""cid:([^"'\s>)]{1,500})""", re.IGNORECASE)
_SIGNATURES = frozenset(
    {"application/pgp-signature", "application/pkcs7-signature", "application/x-pkcs7-signature"}
)
_ENCRYPTED = "it is encrypted; save the message without encryption, or open it and export its text"
_UNREAD = {
    _TOO_DEEP: f"it lies in more than {DEEPEST} parts of the message, one in the other",
    "application/pkcs7-mime": _ENCRYPTED,
    "application/x-pkcs7-mime": _ENCRYPTED,
    "application/pgp-encrypted": _ENCRYPTED,
}
"""Parts that cannot be read, by their type, and why."""


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
    gathered = Gathering()
    title = ""
    if name.lower().endswith((".mhtml", ".mht")):
        title = _saved_pages(message, gathered)
    parts = _leaves(message)
    if gathered.is_empty:
        mail = Mail(_fields(message), tuple(_parts(parts)))
        gather(mail, gathered)
        title = dict(mail.fields)["subject"]
    for part in parts:
        reason = None if isinstance(part, Text) else _UNREAD.get(part.get_content_type())
        if reason:
            gathered.could_not_read("attachment", reason)
    return gathered.extract(title)


def _fields(message: EmailMessage) -> Fields:
    return (
        *((name, _header(message, name)) for name in ("from", "to", "cc")),
        ("date", iso_date(_header(message, "date"))),
        ("subject", _header(message, "subject")),
    )


def _parts(parts: Sequence[Any]) -> Iterator[Text | Attachment]:
    """Yield the texts and attachments of a message, in order."""
    shown = _pictures_in_pages(parts)
    for part in parts:
        if isinstance(part, Text):
            yield part
        elif _is_text(part):
            yield _versions([part])
        elif part.get_content_type() not in _UNREAD and not _is_passed_over(part, shown):
            yield Attachment(_name(part), _bytes(part))


def _pictures_in_pages(parts: Sequence[Any]) -> frozenset[str]:
    """Return the Content-IDs that the HTML of a message shows as pictures."""
    pages = (part.page for part in parts if isinstance(part, Text))
    alone = (_text(part) for part in parts if not isinstance(part, Text) and _is_page(part))
    return frozenset(match.lower() for page in (*pages, *alone) for match in _CID.findall(page))


def _is_passed_over(part: Any, shown: Container[str]) -> bool:
    """Return whether a part holds no text of its own: a signature, or a picture in the page."""
    if part.get_content_type() in _SIGNATURES:
        return True
    if part.get_content_maintype() != "image":
        return False
    content_id = str(part.get("content-id", "")).strip().strip("<>").lower()
    return content_id in shown or not part.get_filename()


def _leaves(part: Any) -> list[Any]:
    """Return the parts that hold something, in order; versions of one text as a `Text`."""
    if part.get_content_maintype() != "multipart" or not part.is_multipart():
        return [part]
    below = [_leaves(child) for child in part.iter_parts()]
    leaves = [leaf for version in below for leaf in version]
    if part.get_content_subtype() != "alternative":
        return leaves
    texts = [leaf for leaf in leaves if isinstance(leaf, Text) or _is_text(leaf)]
    if not any(_is_page(leaf) or isinstance(leaf, Text) for leaf in texts):
        return leaves
    rest = [leaf for leaf in leaves if not any(leaf is text for text in texts)]
    return [_versions(texts), *rest]


def _versions(leaves: Sequence[Any]) -> Text:
    """Return the versions of one text, each of which may be in several parts."""
    plain = [leaf.plain if isinstance(leaf, Text) else _text(leaf)
             for leaf in leaves if isinstance(leaf, Text) or not _is_page(leaf)]  # fmt: skip
    page = [leaf.page if isinstance(leaf, Text) else _text(leaf)
            for leaf in leaves if isinstance(leaf, Text) or _is_page(leaf)]  # fmt: skip
    return Text("\n\n".join(filter(None, plain)), "\n".join(filter(None, page)))


def _is_text(part: Any) -> bool:
    """Return whether a part is text of the message itself; a multipart without parts is, too."""
    kind = part.get_content_type()
    is_shown = kind in (*_PLAIN, *_PAGE) or part.get_content_maintype() == "multipart"
    return is_shown and not part.is_attachment() and not part.get_filename()


def _is_page(part: Any) -> bool:
    return part.get_content_type() in _PAGE and _is_text(part)


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
    """Return a part's name, with the suffix of its type if the name has none of a format."""
    name = str(part.get_filename() or "")
    kind = part.get_content_type()
    typical = "page.html" if kind in _PAGE else _UNNAMED.get(kind, "")
    if not name:
        return typical or kind.replace("/", ".")
    return name if is_readable(name) or _has_suffix(name) else name + PurePath(typical).suffix


def _has_suffix(name: str) -> bool:
    """Return whether a name ends in what looks like a suffix: "v1.2" and "no. 5" do not."""
    suffix = PurePath(name).suffix[1:]
    return suffix.isalnum() and not suffix.isdecimal()


def _header(message: EmailMessage, name: str) -> str:
    """Return a header's value as a person reads it, however badly it is written."""
    try:
        return " ".join(str(message.get(name, "")).split())
    except (ValueError, AttributeError, IndexError, TypeError):  # the parser's, on broken headers
        raw = next((value for key, value in message.raw_items() if key.lower() == name), "")
        return " ".join(str(raw).split())


def _text(part: Any) -> str:
    """Return a part's text, in the encoding that its label means."""
    data = _bytes(part)
    if not data.strip():
        return ""
    try:
        label = part.get_content_charset()
    except (LookupError, UnicodeError, ValueError):  # a label that cannot be read
        label = None
    return decode_labelled(data, label) if label else decode(data)


def _bytes(part: Any) -> bytes:
    if part.get_content_type() == "message/rfc822":
        return part.get_content().as_bytes() if part.is_multipart() else b""
    payload = part.get_payload(decode=True)
    return payload if isinstance(payload, bytes) else b""
