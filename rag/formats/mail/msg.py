"""Outlook messages (.msg): headers, text, and attachments of known kinds."""

import io

from rag.errors import UnreadableFileError
from rag.formats.extract import Extract, Gathering
from rag.formats.mail.messages import Letter, gather


def read(data: bytes, name: str) -> Extract:
    """Read a message. Raises UnreadableFileError."""
    from oxmsg import Message

    try:
        message = Message.load(io.BytesIO(data))
    except (KeyError, OSError) as error:
        raise UnreadableFileError(f"the file is damaged: it holds no message ({error})") from error
    if not (message.subject or message.body or message.html_body or message.message_headers):
        raise UnreadableFileError("the message contains no words")
    headers = {key.lower(): value for key, value in message.message_headers.items()}
    people = "; ".join(person.name or person.email_address for person in message.recipients)
    letter = Letter(
        message.subject or "",
        (
            ("From", message.sender or headers.get("from", "")),
            ("To", people),
            ("Date", str(message.sent_date or headers.get("date", "") or "")),
        ),
        message.body or "",
        message.html_body or "",
        tuple((a.file_name or "", a.file_bytes or b"") for a in message.attachments),
    )
    gathered = Gathering()
    gather(letter, gathered)
    return gathered.extract(letter.subject)
