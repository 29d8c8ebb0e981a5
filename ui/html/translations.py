"""The page's own words, in the language that a browser asks for.

One table a language, in `languages/`. Documents, names and questions are never translated.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from rag.text.html_escaping import Html

LANGUAGES = ("en", "ar", "fa", "he", "fr", "es")
_RIGHT_TO_LEFT = frozenset({"ar", "fa", "he"})


@dataclass(frozen=True, slots=True, eq=False)
class Wording:
    """The words of one language."""

    language: str
    table: dict[str, Any]

    @property
    def direction(self) -> str:
        """Which way its text runs: "ltr" or "rtl"."""
        return "rtl" if self.language in _RIGHT_TO_LEFT else "ltr"

    def say(self, key: str, **values: object) -> str:
        """Return the words under a key with `{name}` filled in. Raises KeyError for no such key."""
        text: str = self.table[key]
        return text.format(**values) if values else text

    def count(self, key: str, number: int) -> str:
        """Return the words under a key for a number of things, in the number's form."""
        forms: dict[str, str] = self.table[key]
        form = forms.get(_PLURALS[self.language](number), forms["other"])
        return form.format(n=f"{number:,}")

    def html(self, key: str, **values: object) -> Html:
        """Return the words under a key as HTML, with `{name}` filled in.

        The words are escaped, and every value that is not Html. An attribute takes `say`: no
        element can stand in one. Raises KeyError for no such key.
        """
        escaped = Html.escape(self.table[key])
        return escaped.format(**values) if values else escaped


def wording(accepted: str) -> Wording:
    """Return the words for an Accept-Language header: its first known language, else English."""
    ranked = []
    for position, entry in enumerate(accepted.split(",")[:20]):
        tag, _, quality = entry.partition(";")
        language = {"iw": "he"}.get(tag.strip()[:2].lower(), tag.strip()[:2].lower())
        if language in LANGUAGES:
            ranked.append((-_quality(quality), position, language))
    return of_language(min(ranked)[2] if ranked else "en")


@cache
def of_language(language: str) -> Wording:
    """Return the words of one of LANGUAGES."""
    path = files("ui") / "languages" / f"{language}.json"
    return Wording(language, json.loads(path.read_text(encoding="utf-8")))


def _quality(text: str) -> float:
    try:
        return float(text.partition("=")[2] or 1)
    except ValueError:
        return 0.0


def _arabic(number: int) -> str:
    if number < 3:
        return ("zero", "one", "two")[number]
    last = number % 100
    return "few" if 3 <= last <= 10 else "many" if last >= 11 else "other"


# Which form of a noun goes with a number, after Unicode's plural rules.
_PLURALS: dict[str, Callable[[int], str]] = {
    "en": lambda n: "one" if n == 1 else "other",
    "es": lambda n: "one" if n == 1 else "other",
    "fr": lambda n: "one" if n < 2 else "other",
    "fa": lambda n: "one" if n < 2 else "other",
    "he": lambda n: {1: "one", 2: "two"}.get(n, "other"),
    "ar": _arabic,
}
