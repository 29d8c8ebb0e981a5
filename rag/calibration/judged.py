"""The questions that people judged, and whether a passage answers them as far as is known."""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from vector_store.records import Feedback, Passage, Quote

_END_MARKS = " ?!.\u061f\u037e\uff1f"


@dataclass(frozen=True, slots=True)
class JudgedQuestion:
    """A question with what was said of its passages; of each passage, the latest counts."""

    question: str
    """As it was last worded."""
    answering: tuple[Quote, ...]
    wrong: tuple[Quote, ...]
    unanswerable: bool
    """Whether the latest judgement that tells says that the documents do not answer it."""

    def is_right(self, passage: Passage) -> bool | None:
        """Tell whether a passage answers; None when the judgements do not tell.

        A passage that contains an answering quote answers, and one within a wrong quote does not:
        passages may have been cut elsewhere since. So do and don't passages with the same text in
        another document.
        """
        if self.unanswerable:
            return False
        here = _quote_of(passage)
        if any(_holds(here, quote) for quote in self.answering):
            return True
        return False if any(_holds(quote, here) for quote in self.wrong) else None


def judged_questions(feedback: Iterable[Feedback]) -> list[JudgedQuestion]:
    """Return the judged questions, that first judged first; `feedback` has the oldest first.

    Questions that differ in case, spaces or the mark at their end are one.
    """
    by_key: dict[str, _Tally] = {}
    for judgement in feedback:
        key = _key(judgement.question)
        tally = by_key.setdefault(key, _Tally({}, {}))
        tally.question = judgement.question
        tally.note(judgement)
    return [
        JudgedQuestion(
            tally.question,
            tuple(tally.answering.values()),
            tuple(tally.wrong.values()),
            tally.unanswerable,
        )
        for tally in by_key.values()
    ]


def judged_question(feedback: Iterable[Feedback], question: str) -> JudgedQuestion | None:
    """Return what was said of one question, however it is spelt; None when nothing was."""
    questions = judged_questions(judgements_of_question(feedback, question))
    return questions[0] if questions else None


def judgements_of_question(feedback: Iterable[Feedback], question: str) -> list[Feedback]:
    """Return the judgements of one question, however it is spelt."""
    key = _key(question)
    return [one for one in feedback if _key(one.question) == key]


_Place = tuple[str, int, int]


@dataclass(slots=True)
class _Tally:
    answering: dict[_Place, Quote]
    wrong: dict[_Place, Quote]
    unanswerable: bool = False
    question: str = ""

    def note(self, judgement: Feedback) -> None:
        quote = judgement.quote
        if quote is None:
            self.answering.clear()
            self.unanswerable = True
            return
        place = quote.path, quote.start, quote.end
        self.answering.pop(place, None)
        self.wrong.pop(place, None)
        if judgement.answers:
            self.answering[place] = quote
            self.unanswerable = False
        else:
            self.wrong[place] = quote


def _key(question: str) -> str:
    folded = unicodedata.normalize("NFC", question).casefold()
    return " ".join(folded.split()).rstrip(_END_MARKS)


def _quote_of(passage: Passage) -> Quote:
    document, paragraph = passage.document, passage.paragraph
    return Quote(document.path, document.name, paragraph.start, paragraph.end, passage.text)


def _holds(outer: Quote, inner: Quote) -> bool:
    """Tell whether a quote of a document holds another of it, or has its text."""
    is_within = outer.start <= inner.start and inner.end <= outer.end
    if outer.path == inner.path and is_within:
        start = inner.start - outer.start
        return outer.text[start : start + len(inner.text)] == inner.text
    return outer.text == inner.text
