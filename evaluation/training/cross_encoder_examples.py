"""What a cross-encoder learns from: questions with excerpts that answer them, and that do not.

Of each question that its passage answers: an excerpt that answers; often one of the same passage
without the sentences that answer; excerpts of passages that share most words with the question and
do not answer, or are of the same group; and often a near miss beside the excerpt that answered the
right question, with a name, a number or a word changed, or about something else of the same name
(see `evaluation.datasets.question_changes`). Of each question that people wrote to mislead, its
passage. What `evaluation.training.fit` asks of the same files is left out, questions and passages
both, so that weights are fitted on texts never seen.
"""

import random
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from evaluation.datasets.beir import Dataset, DatasetError, Entry
from evaluation.datasets.corpus import indexed, main_language
from evaluation.datasets.pairs import LabelledPair, pair_rows
from evaluation.datasets.question_changes import QuestionChanger, without_answers
from rag.models.cross_encoder import excerpt, excerpt_letters
from rag.text.sentences import sentences
from rag.text.windows import Span
from vector_store.analysis import analyzer
from vector_store.base import StoreView

RIVALS = 2
_RANKED = 12
"""How far down the ranking rivals are taken from."""
_SKIPPED = 2
"""Where several questions are asked of one review, the nearest others may well answer."""
_TITLED = 0.5
_SHORTEST = 0.45
"""An excerpt's length is drawn between this share of the longest and all of it."""
_CUT, _MISLEADING = 0.6, 0.75
"""Of questions that get their passage without the answer, and a near miss of the question."""
_TRANSPLANTED = 0.4
"""Of near misses, where there is a name to transplant."""
_LOWER, _WORDS, _CLAIM = 0.12, 0.18, 0.24
"""Cumulative shares of the questions reworded in lower case, as keywords, and as claims."""
_ASKING = frozenset("what who when where which how did does do why".split())


@dataclass(frozen=True, slots=True)
class Pair:
    """A question and an excerpt, and where in it the answer stands, if it answers."""

    question: str
    excerpt: str
    answers: bool
    answer: Span | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """A question's excerpts, of which the first answers, and pairs of other questions.

    `pairs` is empty where no excerpt answers.
    """

    pairs: tuple[Pair, ...]
    others: tuple[Pair, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Source:
    """A file of pairs, ready to be drawn from."""

    name: str
    rows: tuple[LabelledPair, ...]
    """Those to learn from."""
    rivals: Mapping[int, Sequence[LabelledPair]]
    """By the index of a row, rows whose passages do not answer, the most alike first."""
    titled: bool
    """Whether titles say what passages are about, rather than what file they are of."""
    idf: Mapping[str, float]
    language: str
    """ISO 639-1 code of the passages."""


def source(path: Path, held_out: Dataset) -> Source:
    """Read a file of pairs and rank every question's rivals by BM25. Raises DatasetError.

    Questions of `held_out`, read from the same file, and passages that answer them are left out.
    """
    texts = {entry.id: (entry.title, entry.text) for entry in held_out.corpus}
    unseen = {texts[p] for relevant in held_out.qrels.values() for p in relevant}
    if held_out.unanswerable:  # read from titles of their own
        unseen = set(texts.values())
    rows = tuple(
        row
        for row in pair_rows(path)
        if (row.title, row.passage) not in unseen and row.passage.strip() and row.question.strip()
    )
    if not rows:
        raise DatasetError(f"{path}: every question is held out for fitting the constants.")
    passages = {(row.title, row.passage): row for row in rows}
    entries = [Entry(str(i), "", row.passage) for i, row in enumerate(passages.values())]
    by_id = dict(zip((entry.id for entry in entries), passages.values(), strict=True))
    language = main_language([entry.text for entry in entries])
    spoken = analyzer.spoken(language)
    with (
        indexed(Dataset(path.name, tuple(entries), {}, {}, {}, {}), "hashing") as corpus,
        corpus.library.store.view() as view,
    ):
        rivals = {
            i: _rivals(row, spoken, by_id, view) for i, row in enumerate(rows) if row.answers != ()
        }
        words = (token.forms for row in rows for token in analyzer.tokens(row.question, spoken))
        idf = view.idf(list(dict.fromkeys(words)))
    if any(row.group for row in rows):
        rivals = _same_group_first(rows, rivals)
    return Source(
        path.name.split(".")[0],
        rows,
        rivals,
        len({row.title for row in rows}) > len(passages) / 100,
        {term: weight for forms, weight in idf.items() for term in forms},
        language,
    )


def _rivals(
    row: LabelledPair,
    spoken: tuple[str, ...],
    by_id: Mapping[str, LabelledPair],
    view: StoreView,
) -> list[LabelledPair]:
    words = analyzer.query_terms(row.question, spoken)
    matches = view.search_lexical(words, _RANKED + 1) if words else ()
    paths = [p.document.path for p in view.passages(match.passage_id for match in matches)]
    return [by_id[path] for path in paths if by_id[path].passage != row.passage][:_RANKED]


def _same_group_first(
    rows: Sequence[LabelledPair], rivals: Mapping[int, Sequence[LabelledPair]]
) -> dict[int, list[LabelledPair]]:
    """Return rivals without those that may answer in other words, after those of the group."""
    groups: dict[str, list[LabelledPair]] = defaultdict(list)
    for row in rows:
        groups[row.group].append(row)
    return {
        i: [r for r in groups[rows[i].group] if r.passage != rows[i].passage]
        + [r for r in others if r.title != rows[i].title]
        for i, others in rivals.items()
    }


class Examples:
    """Groups drawn from sources, without end, each source as often as its weight says."""

    def __init__(self, sources: Sequence[Source], weights: Sequence[float], seed: int) -> None:
        """Draw with a seed."""
        self._sources, self._weights = sources, weights
        self._chance = random.Random(seed)
        self._streams = [self._stream(one) for one in sources]
        self._changers = [
            QuestionChanger([row.question for row in one.rows], one.idf, self._chance, one.language)
            for one in sources
        ]

    def _stream(self, one: Source) -> Iterator[int]:
        while True:
            yield from self._chance.sample(range(len(one.rows)), len(one.rows))

    def draw(self) -> Group:
        """Return the next group."""
        [number] = self._chance.choices(range(len(self._sources)), self._weights)
        one, row_number = self._sources[number], next(self._streams[number])
        row = one.rows[row_number]
        if row.answers == ():
            shown, _ = self._excerpt(one, row.question, row, row.passage, None)
            return Group((), (Pair(row.question, shown, answers=False),))
        question = self._worded(one, row.question, row.answers or ())
        right = self._right(one, question, row)
        pairs = [right, *self._rivals(one, row_number, question)]
        if row.answers and self._chance.random() < _CUT:
            rest = without_answers(row.passage, row.answers)
            if rest:
                shown, _ = self._excerpt(one, question, row, rest, None)
                pairs.append(Pair(question, shown, answers=False))
        miss = self._near_miss(number, row) if self._chance.random() < _MISLEADING else None
        others = (Pair(miss, right.excerpt, answers=False),) if miss else ()
        return Group(tuple(pairs), others)

    def _rivals(self, one: Source, row_number: int, question: str) -> Iterator[Pair]:
        row, ranked = one.rows[row_number], one.rivals[row_number]
        long = [answer for answer in row.answers or () if len(answer) > 5]
        candidates = ranked if one.titled else ranked[_SKIPPED:]
        for rival in self._chance.sample(list(candidates), min(RIVALS, len(candidates))):
            if not any(answer in rival.passage for answer in long):
                shown, _ = self._excerpt(one, question, rival, rival.passage, None)
                yield Pair(question, shown, answers=False)

    def _near_miss(self, number: int, row: LabelledPair) -> str | None:
        changer, text = self._changers[number], f"{row.title} {row.passage}"
        if self._chance.random() < _TRANSPLANTED:
            transplant = changer.transplanted(row.question, text)
            if transplant:
                return transplant
        return changer.swapped(row.question, text)

    def _worded(self, one: Source, question: str, answers: Sequence[str]) -> str:
        way = self._chance.random()
        words = question.rstrip("?").split()
        if way < _LOWER:
            return question.lower().rstrip("?")
        if way < _WORDS:
            spoken = analyzer.spoken(one.language)
            content = {t.word for t in analyzer.tokens(question, spoken) if not t.stop}
            return " ".join(w for w in words if w.lower() in content) or question
        if way < _CLAIM and answers and len(answer := self._chance.choice(answers)) < 60:
            return " ".join([*(w for w in words if w.lower() not in _ASKING), answer])
        return question

    def _right(self, one: Source, question: str, row: LabelledPair) -> Pair:
        if row.answers is None:  # all of it answers, and first of all its beginning
            shown, _ = self._excerpt(one, question, row, row.passage, 0)
            return Pair(question, shown, answers=True)
        spans = sentences(row.passage)
        holding = [
            i
            for i, (start, end) in enumerate(spans)
            if any(answer in row.passage[start:end] for answer in row.answers)
        ]
        centre = self._chance.choice(holding) if holding else None
        shown, before = self._excerpt(one, question, row, row.passage, centre)
        for answer in sorted(row.answers, key=len):
            if (at := shown.find(answer, before)) >= 0:
                return Pair(question, shown, answers=True, answer=(at, at + len(answer)))
        return Pair(question, shown, answers=True)

    def _excerpt(
        self, one: Source, question: str, row: LabelledPair, text: str, centre: int | None
    ) -> tuple[str, int]:
        """Return an excerpt around a sentence, or the one most like the question; and its start."""
        spans = sentences(text)
        if centre is None:
            searched = {
                t
                for token in analyzer.tokens(question, analyzer.spoken(one.language))
                for t in token.forms
            }
            weights = [self._weight(one, searched, text[s:e]) for s, e in spans]
            centre = int(np.argmax(weights))
        longest = excerpt_letters(text)
        letters = self._chance.randint(int(_SHORTEST * longest), longest)
        start, end = excerpt(spans, centre, letters)
        above = f"{row.title}. " if one.titled and self._chance.random() < _TITLED else ""
        return above + text[start:end], len(above)

    def _weight(self, one: Source, searched: set[str], sentence: str) -> float:
        tokens = analyzer.tokens(sentence, analyzer.spoken(one.language))
        held = {t for token in tokens for t in token.forms if not token.stop}
        return sum(one.idf.get(term, 0.0) for term in searched & held)
