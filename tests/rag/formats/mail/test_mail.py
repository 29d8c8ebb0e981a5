"""Mails: every text in order, the version that holds more, fields, invitations, attachments."""

import pytest
from tests_files import multipart

from rag.formats.dispatch import extract
from rag.formats.extract import Extract
from rag.text.paragraphs import paragraphs

PLAIN = "Content-Type: text/plain; charset=utf-8\n\n"
PAGE = "Content-Type: text/html; charset=utf-8\n\n"
HEADERS = "From: Anna Keller <anna@river.example>\nTo: Bo\nSubject: Harbour\n"
PICTURE = (
    'Content-Type: image/png; name="logo.png"\nContent-ID: <logo@x>\n'
    "Content-Disposition: inline\n\nx"
)


def read(message: str | bytes) -> Extract:
    data = message if isinstance(message, bytes) else f"{HEADERS}{message}".encode()
    return extract("a.eml", data)


def texts(mail: Extract) -> list[str]:
    return [mail.text[p.start : p.end] for p in paragraphs(mail.text, mail.blocks)]


def test_texts_before_and_after_a_picture_belong_to_the_mail() -> None:
    mail = read(multipart("mixed", "a", f"{PLAIN}The shed.", PICTURE, f"{PLAIN}By 14 September."))
    assert texts(mail) == ["The shed.", "By 14 September."]
    assert [part.name for part in mail.unread] == ["attachment logo.png"]


def test_the_footer_of_a_list_does_not_stand_for_the_text() -> None:
    page = f"{PAGE}<p>The water is shut off on 8 May.</p>"
    footer = f"{PLAIN}To leave the list, write to the owner."
    assert texts(read(multipart("mixed", "a", page, footer))) == [
        "The water is shut off on 8 May.",
        "To leave the list, write to the owner.",
    ]
    inner = multipart("alternative", "b", f"{PLAIN}Harker Brothers tile it.", f"{PAGE}<p>Harker")
    assert texts(read(multipart("mixed", "a", inner, footer)))[0] == "Harker Brothers tile it."


@pytest.mark.parametrize(
    ("plain", "page", "shown"),
    [
        ("Please view this mail in a browser.",
         "<p>The night train leaves Vienna at 21:38 from platform 4.</p>",
         "The night train leaves Vienna at 21:38 from platform 4."),
        ("The train leaves at 21:38.", "<p>The train leaves at 21:38.</p>",
         "The train leaves at 21:38."),
        ("The fare list follows.",
         "<p>The fare list follows.</p><table><tr><td>Graz<td>31 euros<tr><td>Linz<td>24 euros"
         "</table>",
         "The fare list follows."),
        ("", "<p>Only a page.</p>", "Only a page."),
    ],
)  # fmt: skip
def test_of_two_versions_the_one_that_holds_more_is_read(plain: str, page: str, shown: str) -> None:
    mail = read(multipart("alternative", "a", PLAIN + plain, PAGE + page))
    assert texts(mail)[0] == shown
    assert ("31 euros" in page) == ("31 euros" in mail.text)


def test_sender_recipients_date_and_subject_are_fields_and_no_passage() -> None:
    mail = read(f"Date: Tue, 05 Mar 2019 10:12:00 +0100\n{PLAIN}It began among hunters.")
    assert mail.fields == (
        ("from", "Anna Keller <anna@river.example>"),
        ("to", "Bo"),
        ("date", "2019-03-05T10:12:00+01:00"),
        ("subject", "Harbour"),
    )
    assert texts(mail) == ["It began among hunters."]


def test_a_date_that_is_none_stays_as_it_is() -> None:
    assert dict(read(f"Date: last Tuesday\n{PLAIN}x y z").fields)["date"] == "last Tuesday"


def test_the_fields_of_a_forwarded_mail_are_a_heading_over_it() -> None:
    inner = (
        "From: Cy\nDate: Tue, 05 Mar 2019 10:12:00 +0100\nSubject: Gate\n\nIt costs 3,400 pounds."
    )
    message = multipart(
        "mixed", "a", f"{PLAIN}See below.", f"Content-Type: message/rfc822\n\n{inner}"
    )
    mail = read(message)
    [_, forwarded] = paragraphs(mail.text, mail.blocks, places=mail.places)
    assert mail.text[forwarded.start : forwarded.end] == "It costs 3,400 pounds."
    assert forwarded.headings == ("From: Cy; Date: 2019-03-05T10:12:00+01:00", "Gate")
    assert forwarded.place == "attachment message.eml"


@pytest.mark.parametrize("signature", ["application/pgp-signature", "application/pkcs7-signature"])
def test_attachments_of_signed_mails_are_read(signature: str) -> None:
    minutes = (
        'Content-Type: text/plain\nContent-Disposition: attachment; filename="minutes"\n\n'
        "The gate is painted in June."
    )
    signed = multipart("mixed", "b", f"{PLAIN}Attached.", minutes)
    mail = read(multipart("signed", "a", signed, f"Content-Type: {signature}\n\nMIIC"))
    assert texts(mail) == ["Attached.", "The gate is painted in June."]
    assert mail.unread == ()


def test_whatever_is_not_read_is_named() -> None:
    song = 'Content-Type: audio/mpeg; name="song.mp3"\n\nx'
    secret = 'Content-Type: application/pkcs7-mime; name="smime.p7m"\n\nx'
    mail = read(
        multipart("mixed", "a", f"{PLAIN}One.", song, secret, "Content-Type: video/mp4\n\nx")
    )
    assert [(part.name, part.reason.split(";")[0]) for part in mail.unread] == [
        ("attachment song.mp3", "files of type .mp3 are not supported"),
        ("attachment video.mp4", "files of type .mp4 are not supported"),
        ("attachment", "it is encrypted"),
    ]


def test_a_picture_that_the_page_shows_is_not_named() -> None:
    page = f'{PAGE}<p>Our logo: <img src="cid:logo@x"></p>'
    assert read(multipart("related", "a", page, PICTURE)).unread == ()


@pytest.mark.parametrize(
    ("label", "data", "shown"),
    [
        (
            "iso-8859-1",
            b"the hall\x92s fee is 250 \x80 \x96 soon",
            "the hall\u2019s fee is 250 € – soon",
        ),
        ("us-ascii", "It’s 5 €".encode("cp1252"), "It’s 5 €"),
        (
            "utf-8",
            "It’s 5 €, and no more than that.".encode("cp1252"),
            "It’s 5 €, and no more than that.",
        ),
        ("gb2312", "朱镕基".encode("gbk"), "朱镕基"),
        ("shift_jis", "①番の部屋は㈱山田が使う".encode("cp932"), "①番の部屋は㈱山田が使う"),
    ],
)
def test_labels_mean_what_mail_programs_mean(label: str, data: bytes, shown: str) -> None:
    header = f"{HEADERS}Content-Type: text/plain; charset={label}\n\n".encode()
    assert texts(read(header + data)) == [shown]


INVITATION = """BEGIN:VCALENDAR
VERSION:2.0
BEGIN:VEVENT
SUMMARY:Budget meeting
DTSTART;TZID=Europe/Berlin:20250508T090000
DTEND;TZID=Europe/Berlin:20250508T103000
LOCATION:Room 5\\, second floor
ORGANIZER;CN=Ada:mailto:ada@example.org
ATTENDEE;CN=Bo:mailto:bo@example.org
DESCRIPTION:Bring the figures of March.
END:VEVENT
END:VCALENDAR
"""


def test_an_invitation_says_what_when_where_and_who() -> None:
    calendar = f"Content-Type: text/calendar; method=REQUEST\n\n{INVITATION}"
    mail = read(multipart("alternative", "a", f"{PLAIN}You are invited.", calendar))
    assert texts(mail) == [
        "You are invited.",
        "Budget meeting\nWhen: 2025-05-08 09:00 to 10:30 (Europe/Berlin)\n"
        "Where: Room 5, second floor\nOrganizer: Ada <ada@example.org>\n"
        "Attendees: Bo <bo@example.org>",
        "Bring the figures of March.",
    ]


def test_days_of_a_calendar_are_inclusive_and_repetitions_shown() -> None:
    event = (
        "BEGIN:VCALENDAR\nBEGIN:VEVENT\nSUMMARY:Fair\nDTSTART;VALUE=DATE:20250508\n"
        "DTEND;VALUE=DATE:{}\nRRULE:FREQ=YEARLY\nEND:VEVENT\nEND:VCALENDAR\n"
    )
    assert texts(extract("fair.ics", event.format("20250509").encode())) == [
        "Fair\nWhen: 2025-05-08\nRepeats: freq=yearly"
    ]
    [longer] = texts(extract("fair.ics", event.format("20250511").encode()))
    assert "When: 2025-05-08 to 2025-05-10" in longer
