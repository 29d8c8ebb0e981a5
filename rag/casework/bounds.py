"""How much a person's work may hold; whatever is larger is refused with a sentence."""

from collections.abc import Iterable

from rag.errors import CaseworkError
from rag.text.encodings import encodable

MOST_CASES = 500
MOST_QUOTES = 10_000
"""In a case."""
MOST_QUESTIONS = 1_000
"""In a case."""
MOST_CONVERSATIONS = 500
"""Of more, those used longest ago are dropped."""
MOST_TURNS = 300
"""In a conversation."""
LONGEST_NAME = 200
LONGEST_NOTE = 20_000
LONGEST_TAG = 60
MOST_TAGS = 30
LONGEST_QUOTE = 20_000
LONGEST_QUESTION = 10_000
LARGEST_IMPORT = 64 << 20
"""Bytes of a file that is imported."""
MOST_DELETED = 100
"""How many deletions can be undone."""
DAYS_IN_BIN = 30


def checked_name(name: str) -> str:
    """Return a name without spaces around it. Raises CaseworkError."""
    line = " ".join(encodable(name).split())
    if not line:
        raise CaseworkError("The name is empty. Give one of a letter at least.")
    if len(line) > LONGEST_NAME:
        raise CaseworkError(f"A name may have {LONGEST_NAME} characters; this one has {len(line)}.")
    return line


def checked_note(note: str) -> str:
    """Return a note with line feeds only. Raises CaseworkError."""
    text = encodable(note).replace("\r\n", "\n").replace("\r", "\n")
    if len(text) > LONGEST_NOTE:
        raise CaseworkError(
            f"A note may have {LONGEST_NOTE:,} characters; this one has {len(text):,}. Shorten it."
        )
    return text


def checked_tags(tags: Iterable[str]) -> tuple[str, ...]:
    """Return tags without spaces around them, each once. Raises CaseworkError."""
    lines = (" ".join(encodable(tag).split()) for tag in tags)
    checked = tuple(dict.fromkeys(filter(None, lines)))
    if len(checked) > MOST_TAGS:
        raise CaseworkError(f"A quote may have {MOST_TAGS} tags; these are {len(checked)}.")
    for tag in checked:
        if len(tag) > LONGEST_TAG:
            raise CaseworkError(f"A tag may have {LONGEST_TAG} characters: {tag[:LONGEST_TAG]!r}…")
        if "," in tag:
            raise CaseworkError(f"A tag has no comma: {tag!r}. Give several tags instead.")
    return checked


def checked_question(question: str) -> str:
    """Return a question without spaces around it. Raises CaseworkError."""
    text = encodable(question).strip()
    if len(text) > LONGEST_QUESTION:
        raise CaseworkError(f"A question may have {LONGEST_QUESTION:,} characters.")
    return text
