"""Names and texts that would run as script, or change the page around them, if not escaped."""

from email.message import EmailMessage
from html import escape

from tests_files import column, docx, epub, paragraph, pdf, pptx, xlsx, zipped

STEMS = (
    'report" onload="alert(1)" x="',
    "report' onerror='alert(1)' x='",
    '"><img src=x onerror=alert(1)><svg onload=alert(1)>',
    "<script>alert(1)<!-- --><b onclick=alert(1)>",
    "x onload=alert(1) autofocus onfocus=alert(1) {}",
    "${alert(1)} {{x}} {0} {name} %s %(x)s $& $1",
    "javascript:alert(1) &quot; onload=&quot;alert(1) &amp; &lt;b&gt;",
    'two\nlines\r\t"\tonload=alert(1)\t`',
    "photo\u202egpj \u2067txt\u200f",
)
"""File names without their suffix; none has a slash."""

TEXTS = (*STEMS, "</title></script></style></textarea>\0\ud800", 'a/b" onload="alert(1)" /><i>')
"""What can stand where no file system limits it: headings, places, questions, reasons."""


def _eml(text: str, name: str) -> bytes:
    mail = EmailMessage()
    mail["Subject"] = " ".join(name.split())
    mail["From"] = "someone@example.org"
    mail.set_content(text)
    mail.add_attachment(f"{text} attached.", filename=" ".join(f"{name}.txt".split()))
    return bytes(mail)


def made(kind: str, words: str, name: str) -> str | bytes:
    """Return a file of a kind that says `words`, whose headings, sheets and entries have a name."""
    plain = escape(name)
    return {
        "txt": f"{name}\n\n{words}\n",
        "md": f"# {' '.join(name.split())}\n\n{words}\n",
        "html": f"<title>{plain}</title><h1>{plain}</h1><p>{words}</p>",
        "docx": docx(paragraph(plain, "Heading1") + paragraph(words)),
        "pptx": pptx((plain, words, "")),
        "xlsx": xlsx(**{plain: [["what", plain], [words, "1"]]}),
        "epub": epub((plain, f"<h1>{plain}</h1><p>{words}</p>")),
        "pdf": pdf(column([words]), title=_latin(name)),
        "eml": _eml(words, name),
        "zip": zipped({f"{name}.txt": words, f"{name}/{name}.txt": f"{words} again"}),
    }[kind]


KINDS = ("txt", "md", "html", "docx", "pptx", "xlsx", "epub", "pdf", "eml", "zip")


def _latin(name: str) -> str:
    """Return a name as a PDF made by hand can hold it."""
    return name.encode("ascii", "ignore").decode()


def hostile_files() -> dict[str, tuple[str, str | bytes]]:
    """Return files by name, each with a word that no other holds.

    Every name as a PDF, whose picture is drawn by an element with a handler to lose; a third of
    the names in every other format.
    """
    files = {}
    for number, stem in enumerate(STEMS):
        for turn, kind in enumerate(KINDS):
            if kind == "pdf" or number % 3 == turn % 3:
                word = f"harbour{kind}{number}"
                words = f"The ferry leaves {word} at noon."
                files[f"{stem}.{kind}"] = (word, made(kind, words, stem))
    return files
