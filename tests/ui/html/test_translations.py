"""The page's own words: complete in each language, chosen by the browser, in the right form."""

import json
import re
import string

import pytest
from tests_support import ROOT

from rag.text.html_escaping import Html
from ui.html.translations import LANGUAGES, of_language, wording

ENGLISH = of_language("en").table
PLURALS = {"en": 2, "fr": 2, "es": 2, "fa": 2, "he": 3, "ar": 6}


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_table_says_the_same_things(language: str) -> None:
    table = of_language(language).table
    assert list(table) == list(ENGLISH)
    for key, said in table.items():
        if isinstance(said, dict):
            assert len(said) == PLURALS[language], key
        else:
            assert fields(said) == fields(ENGLISH[key]), key
            assert "<" not in said


def test_every_word_is_used() -> None:
    files = [*(ROOT / "ui").rglob("*.py"), *(ROOT / "ui" / "assets").glob("*.js")]
    code = "".join(path.read_text(encoding="utf-8") for path in files)
    # Put together from a kind.
    composed = re.compile(r"chip_|field_|state_|missing_|kind_|chance_|status_|order_")
    unused = [
        key
        for key in ENGLISH
        if not composed.match(key) and not re.search(rf"['\"]{key}['\"]", code)
    ]
    assert unused == []


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("", "en"),
        ("de, ja;q=0.5", "en"),
        ("fa-IR,fa;q=0.9,en;q=0.8", "fa"),
        ("en;q=0.5, ar;q=0.9", "ar"),
        ("iw, en", "he"),
        ("es-419", "es"),
        ("fr;q=nonsense, es;q=0.1", "es"),
        (",;q=,;;" * 500, "en"),
    ],
)
def test_the_language_is_the_browsers(accepted: str, language: str) -> None:
    assert wording(accepted).language == language


def test_numbers_take_their_form() -> None:
    arabic = of_language("ar")
    forms = [arabic.count("passages_count", n) for n in (1, 2, 3, 11, 100, 103)]
    assert forms == ["مقطع واحد", "مقطعان", "3 مقاطع", "11 مقطعًا", "100 مقطع", "103 مقاطع"]
    assert of_language("en").count("passages_count", 1_000) == "1,000 passages"
    assert of_language("fr").count("passages_count", 0) == "0 passage"


def test_values_are_not_read_as_templates() -> None:
    words = of_language("en")
    assert words.say("remove", document="{n} {x}") == "Remove {n} {x}"
    assert words.html("about", phrase="<b>{x}") == "What is said about “&lt;b&gt;{x}”?"
    bold = Html("<b>{}</b>").format("&")
    assert words.html("about", phrase=bold) == "What is said about “<b>&amp;</b>”?"
    assert json.dumps(words.table)
