"""Ask a labelled set's questions of its own corpus, and measure what comes back.

Measures are those of ir-measures (MacAvaney et al., "Streamlining Evaluation with ir-measures",
2022). A question without a result counts 0; none is left out of a mean.
"""

import tempfile
from collections.abc import Callable
from dataclasses import dataclass

import ir_measures
from ir_measures import Qrel, ScoredDoc, Success, nDCG

from evaluation.corpora import fill
from evaluation.datasets import Dataset
from rag import Answer, Library

_DEPTH = 10
_MEASURES = {"nDCG@10": nDCG @ 10, "first": Success @ 1, "in the first three": Success @ 3}


@dataclass(frozen=True, slots=True)
class Asked:
    """A question of a set and its answer."""

    id: str
    answer: Answer
    relevant: frozenset[str]
    """Corpus ids that answer it; empty for a question without an answer."""

    @property
    def retrieved(self) -> list[str]:
        """Corpus ids in the order shown, the best first."""
        return [passage.citation.path for passage in self.answer.passages]


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What came of asking a set."""

    name: str
    passages: int
    measures: dict[str, float]
    """Means over the questions that have an answer."""
    asked: tuple[Asked, ...]

    def declined(self, *, answerable: bool) -> tuple[int, int]:
        """Return how many questions were declined, of how many with or without an answer."""
        those = [asked for asked in self.asked if bool(asked.relevant) == answerable]
        return sum(not asked.answer.answered for asked in those), len(those)


def evaluate(
    dataset: Dataset, *, most: int | None = None, progress: Callable[[int, int], None] | None = None
) -> Evaluation:
    """Index a set's corpus, ask its questions, and measure.

    `most` bounds the questions of each kind, taken in the order of the files.
    """
    questions = [(q, dataset.queries[q], frozenset(r)) for q, r in dataset.qrels.items()][:most]
    questions += [(q, t, frozenset[str]()) for q, t in dataset.unanswerable.items()][:most]
    asked = []
    with tempfile.TemporaryDirectory() as folder, Library.open(folder) as library:
        fill(library, dataset)
        for number, (id, text, relevant) in enumerate(questions, start=1):
            asked.append(Asked(id, library.ask(text, k=_DEPTH), relevant))
            if progress is not None:
                progress(number, len(questions))
    return Evaluation(dataset.name, len(dataset.corpus), _measures(dataset, asked), tuple(asked))


def _measures(dataset: Dataset, asked: list[Asked]) -> dict[str, float]:
    answerable = [one for one in asked if one.relevant]
    qrels = [Qrel(one.id, e, s) for one in answerable for e, s in dataset.qrels[one.id].items()]
    run = [
        ScoredDoc(one.id, entry, float(_DEPTH - place))  # the order shown, not the scores
        for one in answerable
        for place, entry in enumerate(one.retrieved)
    ]
    found = ir_measures.calc_aggregate(list(_MEASURES.values()), qrels, run)
    return {name: float(found[measure]) for name, measure in _MEASURES.items()}
