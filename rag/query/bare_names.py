"""Questions that are only a name or a number: of no one language, whatever is detected.

"Müller", "Al Mustafa University" and "SF-7777" are written alike in many languages. Where capitals
do not tell a name, one or two words without a function word are taken for one.
"""

import regex

from rag.query.exact.literal_text import readable
from vector_store.analysis.scripts import folded
from vector_store.analysis.stop_words import STOP_WORDS

_UNSPACED = r"\p{Han}\p{Hiragana}\p{Katakana}ー々\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}"
_LETTER = rf"[\p{{L}}\p{{M}}\p{{N}}--[{_UNSPACED}]]"
_WORD = regex.compile(
    rf"""
      \p{{Katakana}}[\p{{Katakana}}ー]*
    | [\p{{Han}}\p{{Hiragana}}々]{{1,2}}
    | [\p{{Thai}}\p{{Lao}}\p{{Khmer}}\p{{Myanmar}}]{{1,6}}
    | {_LETTER}+(?:[-'./:]{_LETTER}+)*
    """,
    regex.VERBOSE | regex.VERSION1,
)
"""A word; in scripts without spaces, as many letters as one commonly has."""
_CAPITAL_OR_DIGIT = regex.compile(r"[\p{Lu}\p{Lt}\p{N}]")
_SMALL_LETTER = regex.compile(r"\p{Ll}")
_DIGIT = regex.compile(r"\p{N}")
_QUESTION_MARK = regex.compile(r"[?؟;՞]\W*$")
_PARTICLES = frozenset(
    """
    abu af al and ben bin d da de dei del della delle dem den der di do dos du e el et ibn la las le
    les los of ten ter the und van von vom y zu zum zur بن ابن ابو آل
    """.split()
)
"""Small words within names: Ludwig van Beethoven, Universidad de Chile."""
_FUNCTION_WORDS = frozenset[str]().union(*STOP_WORDS.values()) - _PARTICLES
_ASKING_LETTERS = regex.compile("[谁誰么麼哪吗嗎怎是かはど]")
"""Of Chinese and Japanese: what makes a question of so few letters."""
_MOST_WORDS = 2


def is_bare_name(question: str) -> bool:
    """Tell whether a question is only a name, a number or one or two words."""
    text = readable(question)
    words = [word for word in _WORD.findall(text) if folded(word) not in _PARTICLES]
    has_question_mark = _QUESTION_MARK.search(text) is not None
    function_words = [word for word in words if folded(word) in _FUNCTION_WORDS]
    if _is_capitalised(text, words):
        return not (has_question_mark and words[0] in function_words)
    unnumbered = sum(not _DIGIT.search(word) for word in words)
    if unnumbered > _MOST_WORDS or function_words or _ASKING_LETTERS.search(text):
        return False
    return not (has_question_mark and len(words) > 1 and _SMALL_LETTER.search(text))


def _is_capitalised(text: str, words: list[str]) -> bool:
    """Tell whether every word has a capital or a digit, in a text not of capitals only."""
    if not words or not all(map(_CAPITAL_OR_DIGIT.search, words)):
        return False
    return _SMALL_LETTER.search(text) is not None or all(map(_DIGIT.search, words))
