"""What a user would have been shown for each question of a set."""

import time
from dataclasses import dataclass

from evaluation.datasets.corpus import Corpus
from rag import Answer
from rag.query.syntax import plain


@dataclass(frozen=True, slots=True)
class AnsweredQuestion:
    """A question of a set and its answer."""

    id: str
    answer: Answer
    retrieved: tuple[str, ...]
    """Corpus ids in the order shown, the best first."""
    relevant: frozenset[str]
    """Corpus ids that answer it; empty for a question without an answer."""
    gold: tuple[str, ...]
    """Gold answer strings, where the set has them."""
    seconds: float
    """From question to answer."""

    @property
    def right(self) -> bool:
        """Whether the first passage shown is one that answers."""
        return bool(self.retrieved) and self.retrieved[0] in self.relevant

    @property
    def first_score(self) -> float:
        """The probability that the first passage shown answers; 0 when none is."""
        return self.answer.passages[0].score if self.answer.passages else 0.0

    def highlighted(self) -> bool | None:
        """Tell whether a gold answer stands in a gold passage's highlighted sentence.

        None when no gold passage with a gold answer was shown.
        """
        for entry, passage in zip(self.retrieved, self.answer.passages, strict=True):
            held = [gold for gold in self.gold if gold in passage.text]
            if entry in self.relevant and held:
                [span] = [h for h in passage.highlights if h.kind == "answer"]
                return any(gold in passage.text[span.start : span.end] for gold in held)
        return None


def ask_all(corpus: Corpus) -> tuple[AnsweredQuestion, ...]:
    """Ask every question of a set, those without an answer last."""
    dataset = corpus.dataset
    judged = {query: dataset.queries[query] for query in dataset.qrels}
    found = []
    for query, text in {**judged, **dataset.unanswerable}.items():
        start = time.perf_counter()
        answer = corpus.library.ask(plain(text))
        seconds = time.perf_counter() - start
        retrieved = tuple(corpus.id_cited(passage.citation) for passage in answer.passages)
        relevant = frozenset(dataset.qrels.get(query, {}))
        found.append(
            AnsweredQuestion(
                query, answer, retrieved, relevant, dataset.answers.get(query, ()), seconds
            )
        )
    return tuple(found)


def verbatim_share(corpus: Corpus, asked: tuple[AnsweredQuestion, ...]) -> float:
    """Return the share of passages shown that equal their source's slice; it must be 1."""
    library = corpus.library
    texts = {info.path: library.contents(info.path).document.text for info in library.documents()}
    shown = [passage for one in asked for passage in one.answer.passages]
    equal = sum(texts[p.citation.path][p.citation.start : p.citation.end] == p.text for p in shown)
    return equal / len(shown) if shown else 1.0
