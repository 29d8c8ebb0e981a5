"""An identifier of a question, and how to tell whether it stands in a text."""

from dataclasses import dataclass

import regex


@dataclass(frozen=True, slots=True)
class Identifier:
    """Something that names one thing: a record's number, an amount, an address, a date.

    Its patterns are for texts as `literal_text.plain` returns them.
    """

    text: str
    """As the question has it."""
    pattern: "regex.Pattern[str]"
    """Finds it, however it is spelt."""
    alike: "regex.Pattern[str] | None"
    """Finds others of the same shape as well, such as SF-1009 for SF-1008; None if a passage that
    holds another may answer all the same."""
    spellings: tuple[str, ...]
    """Any text that holds it has a word of one of these."""
    strict: bool
    """Whether a passage without it is no answer. If not, passages with it are only preferred."""
    can_be_ruled_out: bool
    """Whether it stands nowhere once no passage with a word of its spellings holds it."""
    names_part: bool = False
    """Whether it names a part of a document, such as a clause, or the document, as a version."""
    label: "regex.Pattern[str] | None" = None
    """Finds the beginning of the very part that it names."""

    @property
    def shape(self) -> str:
        """A key shared by identifiers that differ only in their digits: SF-1008 and SF-1009."""
        return str((self.alike or self.pattern).pattern)

    def stands_in(self, text: str) -> bool:
        """Tell whether it stands in a plain text."""
        return self.pattern.search(text) is not None

    def other_in(self, text: str) -> bool:
        """Tell whether another one of its shape stands in a plain text."""
        if self.alike is None:
            return False
        return self.alike.search(self.pattern.sub(" ", text)) is not None
