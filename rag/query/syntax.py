"""Query syntax: "exact phrase", -word, and filters such as type:md.

    "community gatherings"     passages with these words, in this order
    -Israel  -"Gaza City"      passages without this word, or these words
    document:basra             documents with this in their name
    folder:reports             documents in this folder
    type:md                    documents of this type
    from:anna to:lucia         mails with this in their sender, or in one of their recipients
    subject:lease              mails with this in their subject
    author:keller              documents with this in their author, or in their sender
    status:relevant            documents that a person marked so; or unseen, read, irrelevant
    tag:urgent                 documents with this tag
    after:2024-05 before:2025  documents dated then; those without a date, by their file's

The command line, Python and the page all read a question through `parse`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Literal, get_args

import regex

from rag.errors import QuestionError
from rag.marking.marks import checked_status

FilterKind = Literal[
    "document", "folder", "type", "from", "to", "subject", "after", "before", "author", "status",
    "tag",
]  # fmt: skip
PieceKind = FilterKind | Literal["phrase", "without"]

LONGEST_QUESTION = 2_000
"""Code points that are read of any question; of a longer one, as many as the model reads."""
LONGEST_TYPED = 100_000
"""Code points that a question may have: fifty times what is read, a chapter of a book."""
MOST_PIECES = 32
"""Exact phrases, exclusions and filters in a question; each is work for every passage."""

_QUOTED = r'"[^"]+"|“[^“”]+”|«[^«»]+»|„[^„“”]+[“”]'
_PIECE = regex.compile(
    rf"""(?<!\S)(?:
        (?P<kind>{"|".join(get_args(FilterKind))}):(?P<value>{_QUOTED}|[^\s"]+)
      | -(?P<without>{_QUOTED}|\p{{L}}[^\s"“”«»„]*)
      )(?=[\s\p{{P}}]|$)
      | (?P<phrase>{_QUOTED})""",
    regex.VERBOSE,
)
_DATE = regex.compile(r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?")
_MARKS = '"“”«»„ \N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}'


@dataclass(frozen=True, slots=True)
class Filter:
    """A condition on documents, such as `type:md`."""

    kind: FilterKind
    value: str

    def __str__(self) -> str:
        """Return the filter in query syntax."""
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
class Piece:
    """An exact phrase, an exclusion or a filter, as it was typed and as it was read."""

    typed: str
    kind: PieceKind
    value: str


@dataclass(frozen=True, slots=True)
class Search:
    """A parsed question: what to search for, and what a passage must and must not contain."""

    typed: str
    """The whole question, as it was typed."""
    words: str
    """What is searched for: phrases without their marks, no exclusions, no filters."""
    phrases: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    filters: tuple[Filter, ...] = ()
    carried: tuple[str, ...] = ()
    """Words of the previous question that are searched for as well."""
    pieces: tuple[Piece, ...] = field(default=(), repr=False, compare=False)
    """The phrases, exclusions and filters in the order they were typed."""

    @property
    def wording(self) -> str:
        """What is embedded and searched for: the words, and those carried before the final mark."""
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
        """Whether the question is exact phrases only: a passage that contains them answers it."""
        return bool(self.phrases) and len(self.words) <= sum(len(p) + 1 for p in self.phrases)

    def with_carried(self, words: tuple[str, ...]) -> "Search":
        """Return the same search with these words of the previous question added."""
        return replace(self, carried=words)


def parse(question: str) -> Search:
    """Parse a question.

    Raises QuestionError when nothing is left to search for, for too many pieces or too long
    ones, and for an invalid date.
    """
    typed = question.strip()
    words, at = [], 0
    pieces = []
    for match in _matches(typed):
        piece = _piece(match)
        words.append(typed[at : match.start()])
        if piece.kind == "phrase":
            words.append(piece.value)
        pieces.append(piece)
        at = match.end()
    words.append(typed[at:])
    left = " ".join("".join(words).split()) if at else typed
    if typed and not regex.search(r"\w", left) and any(p.kind != "phrase" for p in pieces):
        raise QuestionError(
            "The question only excludes things. Add at least one word to search for."
        )
    return Search(
        typed,
        left,
        _distinct(piece.value for piece in pieces if piece.kind == "phrase"),
        _distinct(piece.value for piece in pieces if piece.kind == "without"),
        tuple(filter(None, map(_filter, pieces))),
        pieces=tuple(filter(_has_word, pieces)),
    )


def plain(question: str) -> Search:
    """Return a search for a question as it stands, without query syntax, as in labelled sets."""
    return Search(question.strip(), question.strip())


def without_piece(question: str, piece: str) -> str:
    """Return a question without one of its pieces, given as it was typed."""
    head, _, tail = question.partition(piece)
    return " ".join(f"{head} {tail}".split())


def pieces_of(question: str) -> tuple[Piece, ...]:
    """Return the phrases, exclusions and filters of a question that is being typed.

    Raises QuestionError for too many pieces, too long ones, and an invalid date.
    """
    return tuple(filter(_has_word, map(_piece, _matches(question))))


def filters_of(text: str) -> tuple[Filter, ...]:
    """Return the filters in a text that holds nothing else, such as "type:md after:2024".

    Raises QuestionError for anything else, for too many filters and for invalid ones.
    """
    rest = text
    for match in _matches(text):
        rest = rest.replace(match.group(), " ", 1)
    filters = tuple(map(_filter, map(_piece, _matches(text))))
    if rest.strip() or None in filters:
        raise QuestionError(
            f"{text[:80]!r} is not made of filters only. Write for example: type:pdf after:2019"
        )
    return tuple(one for one in filters if one is not None)


def _matches(question: str) -> list["regex.Match[str]"]:
    matches = list(_PIECE.finditer(question))
    _check_pieces([match.group() for match in matches])
    return matches


def _piece(match: "regex.Match[str]") -> Piece:
    typed = match.group()
    if match["phrase"]:
        return Piece(typed, "phrase", match["phrase"].strip(_MARKS))
    if match["without"]:
        return Piece(typed, "without", match["without"].strip(_MARKS).rstrip(".,;:?!"))
    [kind] = [name for name in get_args(FilterKind) if name == match["kind"]]
    piece = Piece(typed, kind, match["value"].strip(_MARKS).rstrip(",;?!"))
    _filter(piece)  # refuses an invalid date
    return piece


def _has_word(piece: Piece) -> bool:
    """Tell whether a phrase or an exclusion holds a letter or a digit; filters always count."""
    return piece.kind in get_args(FilterKind) or bool(regex.search(r"\w", piece.value))


def _filter(piece: Piece) -> Filter | None:
    """Return the filter of a piece; None for a phrase or an exclusion."""
    if piece.kind == "phrase" or piece.kind == "without":
        return None
    condition = Filter(piece.kind, piece.value)
    if condition.kind in ("after", "before"):
        _ = condition.day
    elif condition.kind == "status":
        checked_status(condition.value)
    return condition


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


def _distinct(phrases: Iterable[str]) -> tuple[str, ...]:
    """Return the distinct phrases that contain a letter or a digit."""
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
