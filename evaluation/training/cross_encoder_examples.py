"""What a cross-encoder learns from: questions with excerpts that answer them, and that do not.

Of each question: an excerpt of the passage that answers, excerpts of passages that the two searches
rank high and that do not, and often a misleading question, with a name, a number or a word changed,
beside the excerpt that answered the right one. What `evaluation.training.fit` asks of the same
files is left out, questions and passages both, so that weights are fitted on texts never seen.
"""

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import regex

from evaluation.datasets.beir import Dataset
from evaluation.datasets.corpus import in_memory
from evaluation.datasets.pairs import read_pairs
from rag.models.base import Embedder
from rag.models.cross_encoder import LETTERS, excerpt
from rag.query.query import analyse
from rag.retrieval import candidates
from rag.text.sentences import sentences
from rag.text.windows import Span
from vector_store.analysis import analyzer

RIVALS = 3
_RANKED = 20
"""How far down the ranking rivals are taken from."""
_TITLED = 0.5
_LETTERS = 180, LETTERS
"""Between these an excerpt's length is drawn."""
_MISLEADING = 0.6
_LOWER, _WORDS, _CLAIM = 0.12, 0.18, 0.24
"""Up to these shares of questions are typed as into a search box, are words only, are claims."""
_ASKING = frozenset("what who when where which how did does do why".split())
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


@dataclass(frozen=True, slots=True)
class Pair:
    """A question and an excerpt, and where in it the answer stands, if it answers."""

    question: str
    excerpt: str
    answers: bool
    answer: Span | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """A question's pairs, of which the first answers, and a misleading question's."""

    pairs: tuple[Pair, ...]
    misleading: Pair | None


@dataclass(frozen=True, slots=True, eq=False)
class Source:
    """A file of pairs, ready to be drawn from."""

    dataset: Dataset
    queries: tuple[str, ...]
    """Ids of the questions to learn from."""
    rivals: Mapping[str, Sequence[str]]
    """By question, ids of passages that do not answer, the most alike first."""
    titled: bool
    """Whether titles say what passages are about, rather than what file they are of."""
    idf: Mapping[str, float]


def source(path: Path, embedder: Embedder, kept_back: Dataset) -> Source:
    """Read a file of pairs and rank every question's rivals. Raises DatasetError.

    Questions of `kept_back`, read from the same file, and passages that answer them are left out,
    and with them what has no text or no answer.
    """
    everything = read_pairs(path, passages=10**9, questions=10**9)
    unseen = {passage for relevant in kept_back.qrels.values() for passage in relevant}
    unseen |= {entry.id for entry in everything.corpus if not entry.text.strip()}
    questions = set(kept_back.queries.values())
    store = in_memory(everything.corpus, embedder)
    rivals, queries = {}, []
    with store.view() as view:
        for query, relevant in everything.qrels.items():
            text = everything.queries[query]
            answers = everything.answers[query]
            if text in questions or relevant.keys() & unseen or not any(answers):
                continue
            question = analyse(text, embedder, view)
            ranked = candidates.search(view, question, _RANKED).order[: 2 * _RANKED]
            paths = [passage.document.path for passage in view.passages(ranked)]
            others = [path for path in paths if path not in relevant and path not in unseen]
            rivals[query] = others[:_RANKED]
            queries.append(query)
        texts = (everything.queries[query] for query in queries)
        forms = dict.fromkeys(token.forms for text in texts for token in analyzer.tokens(text))
        words = view.idf(list(forms))
    titled = len({entry.title for entry in everything.corpus}) > len(everything.corpus) / 3
    idf = {term: weight for forms, weight in words.items() for term in forms}
    return Source(everything, tuple(queries), rivals, titled, idf)


class Examples:
    """Groups drawn from sources, without end, each source as often as its weight says."""

    def __init__(self, sources: Sequence[Source], weights: Sequence[float], seed: int) -> None:
        """Draw with a seed."""
        self._sources, self._weights = sources, weights
        self._chance = random.Random(seed)
        self._streams = [self._stream(one) for one in sources]
        self._texts = [{e.id: e for e in one.dataset.corpus} for one in sources]

    def _stream(self, one: Source) -> Iterator[str]:
        while True:
            yield from self._chance.sample(one.queries, len(one.queries))

    def draw(self) -> Group:
        """Return the next group."""
        [number] = self._chance.choices(range(len(self._sources)), self._weights)
        one, texts = self._sources[number], self._texts[number]
        query = next(self._streams[number])
        answers = one.dataset.answers[query]
        [gold] = one.dataset.qrels[query]
        written = one.dataset.queries[query]
        question = self._worded(written, answers)
        right = self._right(one, question, texts[gold].title, texts[gold].text, answers)
        long = [answer for answer in answers if len(answer) > 5]
        pairs = [right]
        # Where several questions are asked of one review, the nearest others may well answer.
        ranked = one.rivals[query][:12] if one.titled else one.rivals[query][2:]
        for rival in self._chance.sample(list(ranked), min(RIVALS, len(ranked))):
            entry = texts[rival]
            if not any(answer in entry.text for answer in long):
                shown, _ = self._excerpt(one, question, entry.title, entry.text, None)
                pairs.append(Pair(question, shown, answers=False))
        misleading = None
        if self._chance.random() < _MISLEADING:
            changed = self._misleading(one, written, f"{texts[gold].title} {texts[gold].text}")
            misleading = changed and Pair(changed, right.excerpt, answers=False)
        return Group(tuple(pairs), misleading or None)

    def _worded(self, question: str, answers: Sequence[str]) -> str:
        way = self._chance.random()
        words = question.rstrip("?").split()
        if way < _LOWER:
            return question.lower().rstrip("?")
        if way < _WORDS:
            said = {t.word for t in analyzer.tokens(question) if not t.stop}
            return " ".join(w for w in words if w.lower() in said) or question
        if way < _CLAIM and len(answer := self._chance.choice(answers)) < 60:
            return " ".join([*(w for w in words if w.lower() not in _ASKING), answer])
        return question

    def _right(
        self, one: Source, question: str, title: str, text: str, answers: Sequence[str]
    ) -> Pair:
        spans = sentences(text)
        holding = [
            i for i, (start, end) in enumerate(spans) if any(a in text[start:end] for a in answers)
        ]
        centre = self._chance.choice(holding) if holding else None
        shown, before = self._excerpt(one, question, title, text, centre)
        for answer in sorted(filter(None, answers), key=len):
            if (at := shown.find(answer, before)) >= 0:
                return Pair(question, shown, answers=True, answer=(at, at + len(answer)))
        return Pair(question, shown, answers=True)

    def _excerpt(
        self, one: Source, question: str, title: str, text: str, centre: int | None
    ) -> tuple[str, int]:
        """Return an excerpt around a sentence, or the one most like the question; and its start."""
        spans = sentences(text)
        if centre is None:
            asked = {t for token in analyzer.tokens(question) for t in token.forms}
            centre = int(np.argmax([self._weight(one, asked, text[s:e]) for s, e in spans]))
        start, end = excerpt(spans, centre, self._chance.randint(*_LETTERS))
        above = f"{title}. " if one.titled and self._chance.random() < _TITLED else ""
        return above + text[start:end], len(above)

    def _weight(self, one: Source, asked: set[str], sentence: str) -> float:
        held = {t for token in analyzer.tokens(sentence) for t in token.forms if not token.stop}
        return sum(one.idf.get(term, 0.0) for term in asked & held)

    def _misleading(self, one: Source, question: str, text: str) -> str | None:
        """Return the question with something changed that the text does not say, or None."""
        said = f"{text} {question}".lower()
        others = [
            one.dataset.queries[q]
            for q in self._chance.sample(one.queries, min(25, len(one.queries)))
        ]
        for kind in self._chance.sample((_NAMES, _NUMBERS), 2):
            if self._chance.random() < 0.65 and (match := kind.search(question)):
                for other in others:
                    found = kind.search(other)
                    if found and found.group().lower() not in said:
                        name: str = found.group()
                        return question[: match.start()] + name + question[match.end() :]
        turned = [t for t in analyzer.tokens(question) if t.word in _OPPOSITE]
        if turned and self._chance.random() < 0.5:
            token = self._chance.choice(turned)
            return question[: token.start] + _OPPOSITE[token.word] + question[token.end :]
        return self._another_word(one, question, said, others)

    def _another_word(
        self, one: Source, question: str, said: str, others: Sequence[str]
    ) -> str | None:
        def rare(text: str) -> list[tuple[float, int, int, str]]:
            content = [t for t in analyzer.tokens(text) if not t.stop and len(t.word) > 2]
            weighed = [(max(one.idf.get(f, 0.0) for f in t.forms), t) for t in content]
            return [(w, t.start, t.end, t.word) for w, t in sorted(weighed, key=lambda p: -p[0])]

        own = rare(question)[:3]
        if not own:
            return None
        weight, start, end, _ = self._chance.choice(own)
        for other in others:
            for theirs, _, _, word in rare(other):
                if abs(theirs - weight) < 2.5 and word not in said:
                    return question[:start] + word + question[end:]
        return None
