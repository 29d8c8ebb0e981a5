"""Near misses: questions and texts that look as if they matched, and do not.

A text without the sentences that answer; a question with a name, a number or a word changed, so
that the text no longer answers (Jia and Liang, "Adversarial Examples for Evaluating Reading
Comprehension Systems", 2017); and a transplant: the wording of another question with the name that
this text is about.
"""

import random
from collections.abc import Mapping, Sequence

import regex

from rag.text.sentences import sentences
from rag.text.windows import Span
from vector_store.analysis import analyzer

_NAMES = regex.compile(r"(?<=\s)\p{Lu}[\w'-]*(?:\s+\p{Lu}[\w'-]*)*")
_NUMBERS = regex.compile(r"\b\d[\d,.]*\b")
_OPPOSITES = (
    "first last, more less, most least, increase decrease, before after, highest lowest, "
    "north south, east west, largest smallest, won lost, begin end, start stop, high low, "
    "new old, up down, male female, positive negative, like dislike, inside outside, "
    "always never, buy sell, good bad, best worst, northern southern, eastern western, "
    "oldest youngest, win lose, longest shortest, rise fall"
)
_OPPOSITE = dict(pair.split() for pair in _OPPOSITES.split(", "))
_OPPOSITE |= {other: one for one, other in _OPPOSITE.items()}
_OPPOSITE |= {word: f"{word} not" for word in ("did", "does", "can", "was", "is")}
_OTHERS = 25
"""Other questions that are looked at for a name or a word to change one to."""
_NAME_OR_NUMBER, _OPPOSITE_WORD = 0.65, 0.5
"""How often each change is tried, before another word is."""
_RARITY_APART = 2.5
"""The greatest difference of inverse document frequency of a word and the one in its place."""


def answer_spans(text: str, answers: Sequence[str]) -> list[Span]:
    """Return where answers stand in a text, in order; upper and lower case count as the same."""
    patterns = (regex.escape(answer.strip()) for answer in answers if answer.strip())
    return sorted(match.span() for p in patterns for match in regex.finditer(p, text, regex.I))


def without_answers(text: str, answers: Sequence[str]) -> str:
    """Return a text without the sentences that hold an answer; empty if all of them do."""
    spans = answer_spans(text, answers)
    return " ".join(
        text[start:end]
        for start, end in sentences(text)
        if not any(start < b and a < end for a, b in spans)
    )


class QuestionChanger:
    """Changes questions by what other questions of the same source say."""

    def __init__(
        self,
        questions: Sequence[str],
        idf: Mapping[str, float],
        chance: random.Random,
        language: str = "en",
    ) -> None:
        """Take names and words from `questions`; `idf` is the weight of each term."""
        self._languages = analyzer.spoken(language)
        self._questions = questions
        self._idf = idf
        self._chance = chance

    def _others(self) -> list[str]:
        return self._chance.sample(self._questions, min(_OTHERS, len(self._questions)))

    def swapped(self, question: str, text: str) -> str | None:
        """Return the question with something changed that the text does not say, or None."""
        context = f"{text} {question}".lower()
        others = self._others()
        for kind in self._chance.sample((_NAMES, _NUMBERS), 2):
            if self._chance.random() < _NAME_OR_NUMBER and (match := kind.search(question)):
                for other in others:
                    name = kind.search(other)
                    if name and name.group().lower() not in context:
                        before, after = question[: match.start()], question[match.end() :]
                        return f"{before}{name.group()}{after}"
        turned = [t for t in analyzer.tokens(question, self._languages) if t.word in _OPPOSITE]
        if turned and self._chance.random() < _OPPOSITE_WORD:
            token = self._chance.choice(turned)
            return question[: token.start] + _OPPOSITE[token.word] + question[token.end :]
        return self._another_word(question, context, others)

    def _another_word(self, question: str, context: str, others: Sequence[str]) -> str | None:
        own = self._rarest(question)[:3]
        if not own:
            return None
        weight, start, end, _ = self._chance.choice(own)
        for other in others:
            for theirs, _, _, word in self._rarest(other):
                if abs(theirs - weight) < _RARITY_APART and word not in context:
                    return question[:start] + word + question[end:]
        return None

    def _rarest(self, text: str) -> list[tuple[float, int, int, str]]:
        """Return weight, start, end and word of a text's content words, the rarest first."""
        content = [
            t for t in analyzer.tokens(text, self._languages) if not t.stop and len(t.word) > 2
        ]
        weighed = [(max(self._idf.get(f, 0.0) for f in t.forms), t) for t in content]
        return [(w, t.start, t.end, t.word) for w, t in sorted(weighed, key=lambda p: -p[0])]

    def transplanted(self, question: str, text: str) -> str | None:
        """Return another question with this question's name in it, which the text does not answer.

        None if the question has no name that occurs in the text. At least one content word of the
        other question must be missing from the text, which could otherwise answer it.
        """
        names = [m.group() for m in _NAMES.finditer(question) if m.group() in text]
        if not names:
            return None
        name = max(names, key=len)
        held = {form for token in analyzer.tokens(text, self._languages) for form in token.forms}
        for other in self._others():
            match = _NAMES.search(other)
            if match is None or match.group() in text or other == question:
                continue
            rest = f"{other[: match.start()]} {other[match.end() :]}"
            content = [t for t in analyzer.tokens(rest, self._languages) if not t.stop]
            transplant = f"{other[: match.start()]}{name}{other[match.end() :]}"
            is_new = transplant.lower() != question.lower()
            if is_new and any(held.isdisjoint(token.forms) for token in content):
                return transplant
        return None
