"""Ask a labelled set's questions of its own corpus, and measure what comes back.

Measures are those of ir-measures (MacAvaney et al., "Streamlining Evaluation with ir-measures",
2022). A question without a result counts 0; none is left out of a mean.
"""

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import ir_measures
from ir_measures import AP, RR, Qrel, R, ScoredDoc, nDCG

from evaluation.corpora import fill
from evaluation.datasets import Dataset
from evaluation.statistics import Mean, area_under_risk, auroc, mean_with_interval, risk_coverage
from evaluation.systems import SYSTEMS
from rag import Answer, Library
from rag.wiring import DEFAULT_MODEL, embedder_for, local_store

DEPTH = 100
MEASURES = (nDCG @ 10, R @ 1, R @ 5, R @ 100, RR @ 10, AP)

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class SystemResult:
    """One system's ranking of every answerable question."""

    name: str
    run: tuple[ScoredDoc, ...]
    """Query id, corpus id and a score that falls with the rank: a TREC run."""
    per_question: dict[str, tuple[float, ...]]
    """Each measure's values, in the order of the questions."""

    def means(self) -> dict[str, Mean]:
        """Return each measure's mean over the questions."""
        return {name: mean_with_interval(values) for name, values in self.per_question.items()}


@dataclass(frozen=True, slots=True)
class Asked:
    """A question of a set and what a user would have been shown."""

    id: str
    answer: Answer
    relevant: frozenset[str]
    """Corpus ids that answer it; empty for a question without an answer."""
    gold: tuple[str, ...]
    """Gold answer strings, where the set has them."""

    @property
    def retrieved(self) -> list[str]:
        """Corpus ids in the order shown, the best first."""
        return [passage.citation.path for passage in self.answer.passages]

    @property
    def right(self) -> bool:
        """Whether the best passage shown is one that answers."""
        return bool(self.retrieved) and self.retrieved[0] in self.relevant

    def highlighted(self) -> bool | None:
        """Tell whether a gold answer stands in a gold passage's highlighted sentence.

        None when no gold passage with a gold answer was shown.
        """
        for passage in self.answer.passages:
            held = [gold for gold in self.gold if gold in passage.text]
            if passage.citation.path in self.relevant and held:
                [span] = [h for h in passage.highlights if h.kind == "answer"]
                return any(gold in passage.text[span.start : span.end] for gold in held)
        return None


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What came of asking a set."""

    name: str
    passages: int
    systems: tuple[SystemResult, ...]
    asked: tuple[Asked, ...]
    verbatim: float
    """Share of the passages shown that equal their source's slice; anything but 1 is a defect."""

    def declined(self, *, answerable: bool) -> tuple[int, int]:
        """Return how many questions were declined, of how many with or without an answer."""
        those = [asked for asked in self.asked if bool(asked.relevant) == answerable]
        return sum(not asked.answer.answered for asked in those), len(those)

    def auroc(self) -> float | None:
        """Return how well confidence tells answerable questions, or None without both kinds."""
        kinds = [[a.answer.confidence for a in self.asked if bool(a.relevant) == k] for k in (1, 0)]
        return auroc(*kinds) if all(kinds) else None

    def risk(self) -> float:
        """Return the area under the risk-coverage curve: an answer is right by its best passage."""
        scores = [asked.answer.confidence for asked in self.asked]
        return area_under_risk(risk_coverage(scores, [asked.right for asked in self.asked]))

    def highlight_accuracy(self) -> tuple[int, int]:
        """Return how many highlighted sentences hold a gold answer, of how many that could."""
        found = [h for asked in self.asked if (h := asked.highlighted()) is not None]
        return sum(found), len(found)


def evaluate(
    dataset: Dataset,
    *,
    systems: Sequence[str] = tuple(SYSTEMS),
    most: int | None = None,
    model: str = DEFAULT_MODEL,
    progress: Progress | None = None,
) -> Evaluation:
    """Index a set's corpus once, rank and answer its questions over it, and measure.

    `most` bounds the questions of each kind, taken in the order of the files. Raises KeyError
    for a system of another name.
    """
    queries = {query: dataset.queries[query] for query in list(dataset.qrels)[:most]}
    unanswerable = dict(list(dataset.unanswerable.items())[:most])
    with tempfile.TemporaryDirectory() as folder:
        with Library.open(folder, model=model) as library:
            fill(library, dataset)
            asked = _asked(library, dataset, {**queries, **unanswerable}, progress)
            verbatim = _verbatim(library, asked)
        ranked = _ranked(systems, Path(folder), dataset, queries, model) if queries else ()
    return Evaluation(dataset.name, len(dataset.corpus), ranked, asked, verbatim)


def _asked(
    library: Library, dataset: Dataset, questions: dict[str, str], progress: Progress | None
) -> tuple[Asked, ...]:
    found = []
    for number, (query, text) in enumerate(questions.items(), start=1):
        relevant = frozenset(dataset.qrels.get(query, {}))
        found.append(Asked(query, library.ask(text), relevant, dataset.answers.get(query, ())))
        if progress is not None:
            progress(number, len(questions))
    return tuple(found)


def _verbatim(library: Library, asked: Sequence[Asked]) -> float:
    texts = {info.path: library.contents(info.path).document.text for info in library.documents()}
    shown = [passage for one in asked for passage in one.answer.passages]
    equal = sum(texts[p.citation.path][p.citation.start : p.citation.end] == p.text for p in shown)
    return equal / len(shown) if shown else 1.0


def _ranked(
    systems: Sequence[str], folder: Path, dataset: Dataset, queries: dict[str, str], model: str
) -> tuple[SystemResult, ...]:
    embedder, store = embedder_for(model), local_store(folder)
    vectors = {query: embedder.embed_query(text) for query, text in queries.items()}
    results = []
    for name in systems:
        run: list[ScoredDoc] = []
        for query, text in queries.items():
            matches = SYSTEMS[name](store, text, vectors[query], DEPTH)
            found = store.passages(match.passage_id for match in matches)
            # Scores by place: tools that read a run order equal scores each in their own way.
            run.extend(
                ScoredDoc(query, passage.document.path, float(DEPTH - place))
                for place, passage in enumerate(found)
            )
        results.append(SystemResult(name, tuple(run), _per_question(dataset, list(queries), run)))
    store.close()
    return tuple(results)


def _per_question(
    dataset: Dataset, queries: Sequence[str], run: Sequence[ScoredDoc]
) -> dict[str, tuple[float, ...]]:
    """Return each measure's value for each question, 0 where nothing was found."""
    qrels = [Qrel(q, entry, score) for q in queries for entry, score in dataset.qrels[q].items()]
    values: dict[str, dict[str, float]] = {str(measure): {} for measure in MEASURES}
    for metric in ir_measures.iter_calc(list(MEASURES), qrels, run):
        values[str(metric.measure)][metric.query_id] = metric.value
    return {
        measure: tuple(found.get(query, 0.0) for query in queries)
        for measure, found in values.items()
    }
