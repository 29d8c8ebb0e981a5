"""Outlook messages (.msg): fields, text, and attachments."""

import io

from rag.errors import UnreadableFileError
from rag.formats.extract import Extract, Gathering
from rag.formats.mail.messages import Attachment, Mail, Text, gather, iso_date, iso_time, people


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
    mail = Mail(
        (
            ("from", message.sender or headers.get("from", "")),
            ("to", people([person.name or person.email_address for person in message.recipients])),
            ("date", iso_time(message.sent_date) or iso_date(headers.get("date", ""))),
            ("subject", message.subject or ""),
        ),
        (
            Text(message.body or "", message.html_body or ""),
            *(Attachment(a.file_name or "", a.file_bytes or b"") for a in message.attachments),
        ),
    )
    gathered = Gathering()
    gather(mail, gathered)
    return gathered.extract(message.subject or "")
