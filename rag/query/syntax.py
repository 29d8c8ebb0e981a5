"""What a person can type beside words: "exact phrase", -word, and filters such as type:md.

    "community gatherings"     passages that hold these words, in this order
    -Israel  -"Gaza City"      passages that do not hold this word, or these words
    document:basra             documents with this in their name
    folder:reports             documents in this folder
    type:md                    documents of this type
    after:2024-05 before:2025  documents whose file was last changed then

The command line, Python and the page all read a question through `parse`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal, get_args

import regex

from rag.errors import QuestionError

FilterKind = Literal["document", "folder", "type", "after", "before"]

LONGEST_QUESTION = 2_000
"""Code points that are read of any question; of a longer one, as much as its model reads."""
LONGEST_TYPED = 100_000
"""Code points that may be given as a question: fifty times what is read, a chapter of a book."""
MOST_PIECES = 32
"""Exact phrases, exclusions and filters in a question; each is work for every passage."""

_QUOTED = r'"[^"]+"|“[^“”]+”|«[^«»]+»|„[^„“”]+[“”]'
_PIECE = regex.compile(
    rf"""(?<!\S)(?:
        (?P<kind>document|folder|type|after|before):(?P<value>{_QUOTED}|[^\s"]+)
      | -(?P<without>{_QUOTED}|\p{{L}}[^\s"“”«»„]*)
      )(?=[\s\p{{P}}]|$)
      | (?P<phrase>{_QUOTED})""",
    regex.VERBOSE,
)
_DATE = regex.compile(r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?")
_MARKS = '"“”«»„ \N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}'


@dataclass(frozen=True, slots=True)
class Filter:
    """Which documents are asked: one word such as `type:md`."""

    kind: FilterKind
    value: str

    def __str__(self) -> str:
        """Return it as it is typed."""
        quoted = f'"{self.value}"' if regex.search(r"\s", self.value) else self.value
        return f"{self.kind}:{quoted}"

    @property
    def day(self) -> date:
        """The first day of the date given, for `after` and `before`. Raises QuestionError."""
        found = _DATE.fullmatch(self.value)
        try:
            if found:
                return date(int(found[1]), int(found[2] or 1), int(found[3] or 1))
        except ValueError:  # a thirteenth month
            pass
        raise QuestionError(
            f"{self.kind}:{self.value} is no date. Write a year, a month or a day, such as "
            f"{self.kind}:2024, {self.kind}:2024-05 or {self.kind}:2024-05-31."
        )


@dataclass(frozen=True, slots=True)
class Search:
    """A question taken apart: what is searched for, and what a passage must and must not hold."""

    typed: str
    """All of it, as the person wrote it."""
    words: str
    """What is searched for: phrases without their marks, neither exclusions nor filters."""
    phrases: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    filters: tuple[Filter, ...] = ()
    carried: tuple[str, ...] = ()
    """Words of earlier questions that are searched for as well."""

    @property
    def wording(self) -> str:
        """What is embedded and looked up: its words, and those carried, before the final mark."""
        if not self.carried:
            return self.words
        body = self.words.rstrip("?!.؟ ")
        return f"{body} {' '.join(self.carried)}{self.words[len(body) :]}"

    @property
    def admits_all(self) -> bool:
        """Whether any passage may be shown."""
        return not (self.phrases or self.without)

    @property
    def is_phrases(self) -> bool:
        """Whether nothing but exact phrases is asked for: a passage that holds them is it."""
        return bool(self.phrases) and len(self.words) <= sum(len(p) + 1 for p in self.phrases)

    def with_carried(self, words: tuple[str, ...]) -> "Search":
        """Return the same search, for these words of earlier questions as well."""
        return replace(self, carried=words)


def parse(question: str) -> Search:
    """Take a question apart.

    Raises QuestionError when nothing is left to search for, for too many pieces or too long
    ones, and for a wrong date.
    """
    typed = question.strip()
    phrases: list[str] = []
    without: list[str] = []
    filters: list[Filter] = []
    words, at = [], 0
    for found in _pieces(typed):
        words.append(typed[at : found.start()])
        at = found.end()
        if found["phrase"]:
            phrases.append(found["phrase"].strip(_MARKS))
            words.append(phrases[-1])
        elif found["without"]:
            without.append(found["without"].strip(_MARKS).rstrip(".,;:?!"))
        else:
            filters.append(_filter(found["kind"], found["value"]))
    words.append(typed[at:])
    left = " ".join("".join(words).split()) if at else typed
    if typed and not regex.search(r"\w", left) and (without or filters):
        raise QuestionError(
            "There is nothing to search for but what is left out. Add words that the answer is "
            "about."
        )
    return Search(typed, left, _held(phrases), _held(without), tuple(filters))


def plain(question: str) -> Search:
    """Return a question in which no sign has a meaning, as in the sets that are measured on."""
    return Search(question.strip(), question.strip())


def without_piece(question: str, piece: str) -> str:
    """Return a question without one of its pieces, which is given as it was typed."""
    head, _, tail = question.partition(piece)
    return " ".join(f"{head} {tail}".split())


def pieces(question: str) -> list[str]:
    """Return the phrases, exclusions and filters of a question, each as it was typed.

    Raises QuestionError for too many.
    """
    return [found.group() for found in _pieces(question)]


def _pieces(question: str) -> list["regex.Match[str]"]:
    matches = list(_PIECE.finditer(question))
    _check_pieces([match.group() for match in matches])
    return matches


def _check_pieces(pieces: Sequence[str]) -> None:
    if len(pieces) > MOST_PIECES:
        raise QuestionError(
            f"The question has {len(pieces):,} exact phrases, exclusions and filters, and at most "
            f"{MOST_PIECES} are read. Leave some of them out."
        )
    if sum(map(len, pieces)) > LONGEST_QUESTION:
        raise QuestionError(
            "The exact phrases, exclusions and filters of a question may have "
            f"{LONGEST_QUESTION:,} characters in all. Shorten them, or leave some of them out."
        )


def _filter(kind: str, value: str) -> Filter:
    [known] = [name for name in get_args(FilterKind) if name == kind]
    made = Filter(known, value.strip(_MARKS).rstrip(",;?!"))
    if made.kind in ("after", "before"):
        _ = made.day  # refuses what is no date
    return made


def _held(phrases: list[str]) -> tuple[str, ...]:
    """Return the distinct phrases that hold a letter or a digit."""
    return tuple(dict.fromkeys(phrase for phrase in phrases if regex.search(r"\w", phrase)))


def checked(question: str | Search, k: int) -> Search:
    """Return a question ready to be searched for, for `k` passages.

    Raises QuestionError when it is empty, too long or not to be read, or `k` is none.
    """
    typed = question.strip() if isinstance(question, str) else question.typed
    if not typed:
        raise QuestionError("The question is empty. Type what you want to know.")
    if len(typed) > LONGEST_TYPED:
        raise QuestionError(
            f"The question has {len(typed):,} characters, and at most {LONGEST_TYPED:,} may be "
            "given. Ask for one thing at a time."
        )
    if k < 1:
        raise QuestionError(f"Ask for at least one passage, not {k}.")
    if isinstance(question, str):
        return parse(question)
    filters = map(str, question.filters)
    _check_pieces([*question.phrases, *question.without, *filters])
    return question
