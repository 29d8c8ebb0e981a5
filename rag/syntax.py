"""What a person can type beside words: "exact phrase", -word, and filters such as type:md.

    "community gatherings"     passages that hold these words, in this order
    -Israel  -"Gaza City"      passages that do not hold this word, or these words
    document:basra             documents with this in their name
    folder:reports             documents in this folder
    type:md                    documents of this type
    after:2024-05 before:2025  documents whose file was last changed then

The command line, Python and the page all read a question through `parse`.
"""

import unicodedata
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from typing import Literal, get_args

import regex

from rag.errors import QuestionError

FilterKind = Literal["document", "folder", "type", "after", "before"]

LONGEST_QUESTION = 2_000
"""Code points; more than any model of this kind reads of a question."""

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
_APOSTROPHES = "['’ʼ]"
_HYPHENS = "[-‐‑–]"
_WORD = r"[\p{L}\p{N}\p{M}--[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Khmer}\p{Lao}\p{Myanmar}]]"


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

    def admits(self, text: str) -> bool:
        """Tell whether a passage holds every phrase and nothing that is excluded.

        Letters are compared without regard to case, words whole, and any white space alike.
        """
        composed = unicodedata.normalize("NFC", text)
        return all(_pattern(phrase).search(composed) for phrase in self.phrases) and not any(
            _pattern(word).search(composed) for word in self.without
        )

    def with_carried(self, words: tuple[str, ...]) -> "Search":
        """Return the same search, for these words of earlier questions as well."""
        return replace(self, carried=words)


def parse(question: str) -> Search:
    """Take a question apart. Raises QuestionError when nothing is left to search for."""
    typed = question.strip()
    phrases: list[str] = []
    without: list[str] = []
    filters: list[Filter] = []
    words, at = [], 0
    for found in _PIECE.finditer(typed):
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
    """Return the phrases, exclusions and filters of a question, each as it was typed."""
    return [found.group() for found in _PIECE.finditer(question)]


def _filter(kind: str, value: str) -> Filter:
    [known] = [name for name in get_args(FilterKind) if name == kind]
    made = Filter(known, value.strip(_MARKS).rstrip(",;?!"))
    if made.kind in ("after", "before"):
        _ = made.day  # refuses what is no date
    return made


def _held(phrases: list[str]) -> tuple[str, ...]:
    """Return the distinct phrases that hold a letter or a digit."""
    return tuple(dict.fromkeys(phrase for phrase in phrases if regex.search(r"\w", phrase)))


@lru_cache(maxsize=256)
def _pattern(phrase: str) -> regex.Pattern[str]:
    words = unicodedata.normalize("NFC", phrase).split()
    body = r"\s+".join(_flexible(word) for word in words)
    before = rf"(?<!{_WORD})" if regex.match(_WORD, words[0], regex.V1) else ""
    after = rf"(?!{_WORD})" if regex.match(_WORD, words[-1][-1], regex.V1) else ""
    return regex.compile(before + body + after, regex.IGNORECASE | regex.V1)


def _flexible(word: str) -> str:
    flexible: str = regex.escape(word, special_only=True)
    for pattern, alike in ((_APOSTROPHES, _APOSTROPHES), (r"\\?[-‐‑–]", _HYPHENS)):
        flexible = regex.sub(pattern, alike, flexible)
    return flexible


def checked(question: str | Search, k: int) -> Search:
    """Return a question ready to be searched for, for `k` passages.

    Raises QuestionError when it is empty, too long or not to be read, or `k` is none.
    """
    typed = question.strip() if isinstance(question, str) else question.typed
    if not typed:
        raise QuestionError("The question is empty. Type what you want to know.")
    if len(typed) > LONGEST_QUESTION:
        raise QuestionError(
            f"The question has {len(typed):,} characters, and at most {LONGEST_QUESTION:,} are "
            "searched for. Ask for one thing at a time."
        )
    if k < 1:
        raise QuestionError(f"Ask for at least one passage, not {k}.")
    return parse(question) if isinstance(question, str) else question
