"""The page's own words in six languages, one table each in `ui/languages/`.

Documents, names and questions are never translated.
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
        """The text direction: "ltr" or "rtl"."""
        return "rtl" if self.language in _RIGHT_TO_LEFT else "ltr"

    def say(self, key: str, **values: object) -> str:
        """Return the text of a key, with each `{name}` filled in. Raises KeyError."""
        text: str = self.table[key]
        return text.format(**values) if values else text

    def count(self, key: str, number: int) -> str:
        """Return the text of a key in the plural form for a number. Raises KeyError."""
        forms: dict[str, str] = self.table[key]
        form = forms.get(_PLURALS[self.language](number), forms["other"])
        return form.format(n=f"{number:,}")

    def html(self, key: str, **values: object) -> Html:
        """Return the text of a key as HTML, with each `{name}` filled in. Raises KeyError.

        The text and every value that is not Html are escaped. Use `say` for an attribute, which
        cannot contain elements.
        """
        escaped = Html.escape(self.table[key])
        return escaped.format(**values) if values else escaped


def wording(accept_language: str) -> Wording:
    """Return the words in the preferred language of an Accept-Language header, else in English."""
    ranked = []
    for position, entry in enumerate(accept_language.split(",")[:20]):
        tag, _, quality = entry.partition(";")
        language = {"iw": "he"}.get(tag.strip()[:2].lower(), tag.strip()[:2].lower())
        if language in LANGUAGES:
            ranked.append((-_quality(quality), position, language))
    return of_language(min(ranked)[2] if ranked else "en")


@cache
def of_language(language: str) -> Wording:
    """Return the words in one of LANGUAGES."""
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


# Plural categories by language: https://www.unicode.org/cldr/charts/latest/supplemental/
_PLURALS: dict[str, Callable[[int], str]] = {
    "en": lambda n: "one" if n == 1 else "other",
    "es": lambda n: "one" if n == 1 else "other",
    "fr": lambda n: "one" if n < 2 else "other",
    "fa": lambda n: "one" if n < 2 else "other",
    "he": lambda n: {1: "one", 2: "two"}.get(n, "other"),
    "ar": _arabic,
}
