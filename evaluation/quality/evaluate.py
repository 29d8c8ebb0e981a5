"""Rank and answer a labelled set's questions, and measure what comes back.

Measures are those of ir-measures (MacAvaney et al., "Streamlining Evaluation with ir-measures",
2022). A question without a result counts 0; none is left out of a mean.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import ir_measures
from ir_measures import AP, RR, Qrel, R, ScoredDoc, nDCG

from evaluation.datasets.beir import Dataset
from evaluation.datasets.corpus import Corpus
from evaluation.datasets.trec import Rankings
from evaluation.quality.answers import AnsweredQuestion, ask_all, verbatim_share
from evaluation.quality.statistics import (
    Bin,
    Mean,
    area_under_risk,
    auroc,
    mean_with_interval,
    randomisation_p,
    reliability,
    risk_coverage,
)
from evaluation.quality.systems import SYSTEMS
from rag.retrieval.fitted_weights import fitted_on

DEPTH = 100
MEASURES = (nDCG @ 10, R @ 1, R @ 5, R @ 100, RR @ 10, AP)
MAIN = str(MEASURES[0])


@dataclass(frozen=True)
class SystemResult:
    """One system's ranking of every answerable question."""

    name: str
    rankings: Rankings
    """Each query's corpus ids, best first."""
    per_question: dict[str, tuple[float, ...]]
    """Each measure's values, in the order of the questions."""
    seconds: tuple[float, ...]
    """Each question's time to rank; empty for a run from a file."""

    @cached_property
    def means(self) -> dict[str, Mean]:
        """Each measure's mean over the questions."""
        return {name: mean_with_interval(values) for name, values in self.per_question.items()}


@dataclass(frozen=True, slots=True)
class Comparison:
    """How far apart two systems are in nDCG@10, and how likely that is by chance."""

    one: str
    other: str
    difference: float
    """The mean of `one` less the mean of `other`."""
    p: float


@dataclass(frozen=True)
class Evaluation:
    """What came of a set. `asked` is empty when no user's answers were measured."""

    dataset: Dataset
    systems: tuple[SystemResult, ...]
    asked: tuple[AnsweredQuestion, ...]
    verbatim: float
    """Share of the passages shown that equal their source's slice; it must be 1."""

    @property
    def name(self) -> str:
        """The set's name."""
        return self.dataset.name

    @property
    def fitted(self) -> bool:
        """Whether Quoth's constants were fitted on this set."""
        return self.name in fitted_on()

    @cached_property
    def comparisons(self) -> tuple[Comparison, ...]:
        """The system named quoth, or else the first, against each other one."""
        if not self.systems:
            return ()
        ours = next((s for s in self.systems if s.name == "quoth"), self.systems[0])
        mine = ours.per_question[MAIN]
        return tuple(
            Comparison(
                ours.name,
                other.name,
                ours.means[MAIN].mean - other.means[MAIN].mean,
                randomisation_p(mine, other.per_question[MAIN]),
            )
            for other in self.systems
            if other is not ours
        )

    def declined(self, *, answerable: bool) -> tuple[int, int]:
        """Return how many questions were declined, of how many with or without an answer."""
        those = self._of(answerable=answerable)
        return sum(not asked.answer.answered for asked in those), len(those)

    def declined_below(self, threshold: float, *, answerable: bool) -> float | None:
        """Return the share, 0 to 1, of such questions whose answer is less probable than this.

        None when the set has none of the kind.
        """
        those = self._of(answerable=answerable)
        below = sum(asked.answer.confidence < threshold for asked in those)
        return below / len(those) if those else None

    @property
    def truncated(self) -> int:
        """How many questions were so long that only their beginning was searched for."""
        return sum(asked.answer.truncated_at is not None for asked in self.asked)

    def auroc(self) -> float | None:
        """Return how well confidence tells answerable questions, or None without both kinds."""
        kinds = [[a.answer.confidence for a in self._of(answerable=k)] for k in (True, False)]
        return auroc(*kinds) if all(kinds) else None

    def risk_coverage(self) -> list[tuple[float, float]]:
        """Return the risk-coverage curve: an answer is right by its first passage."""
        scores = [asked.answer.confidence for asked in self.asked]
        return risk_coverage(scores, [asked.right for asked in self.asked])

    def risk(self) -> float | None:
        """Return the area under the risk-coverage curve, or None when nothing was asked."""
        return area_under_risk(self.risk_coverage()) if self.asked else None

    def reliability(self) -> list[Bin]:
        """Return the reliability diagram of the first passages' probabilities."""
        return reliability([a.first_score for a in self.asked], [a.right for a in self.asked])

    def highlight_accuracy(self) -> tuple[int, int]:
        """Return how many highlighted sentences hold a gold answer, of how many that could."""
        found = [h for asked in self.asked if (h := asked.highlighted()) is not None]
        return sum(found), len(found)

    def _of(self, *, answerable: bool) -> list[AnsweredQuestion]:
        return [asked for asked in self.asked if bool(asked.relevant) == answerable]


def evaluate(
    corpus: Corpus,
    *,
    systems: Sequence[str] = tuple(SYSTEMS),
    runs: Sequence[tuple[str, Rankings]] = (),
    tell: Callable[[str], None] = lambda _: None,
) -> Evaluation:
    """Rank a set's questions by each system, measure runs made elsewhere, and ask Quoth.

    Answers are asked for only when `quoth` is among the systems. Raises KeyError for a system of
    another name, QuothError for one that is not installed.
    """
    dataset = corpus.dataset
    if unjudged := len(dataset.queries) - len(dataset.qrels):
        tell(f"{dataset.name}: {unjudged} queries have no relevant entry and are not asked")
    results = []
    for name in systems if dataset.qrels else ():
        tell(f"{dataset.name}: {name}")
        rank = SYSTEMS[name](corpus)
        rankings, seconds = {}, []
        for query in dataset.qrels:
            start = time.perf_counter()
            rankings[query] = rank(dataset.queries[query], DEPTH)
            seconds.append(time.perf_counter() - start)
        results.append(measured(name, dataset, rankings, tuple(seconds)))
    results += [measured(name, dataset, rankings) for name, rankings in runs]
    asked: tuple[AnsweredQuestion, ...] = ()
    if "quoth" in systems:
        tell(f"{dataset.name}: answers")
        asked = ask_all(corpus)
    return Evaluation(dataset, tuple(results), asked, verbatim_share(corpus, asked))


def measured(
    name: str, dataset: Dataset, rankings: Rankings, seconds: tuple[float, ...] = ()
) -> SystemResult:
    """Measure the first 100 ranked for each question; a question that was not ranked counts 0."""
    qrels = [
        Qrel(q, entry, s) for q, entries in dataset.qrels.items() for entry, s in entries.items()
    ]
    # Scores by place: tools that read a run order equal scores each in their own way.
    run = [
        ScoredDoc(query, entry, float(-place))
        for query, entries in rankings.items()
        for place, entry in enumerate(entries[:DEPTH])
    ]
    values: dict[str, dict[str, float]] = {str(measure): {} for measure in MEASURES}
    for metric in ir_measures.iter_calc(list(MEASURES), qrels, run):
        values[str(metric.measure)][metric.query_id] = metric.value
    per_question = {
        measure: tuple(found.get(query, 0.0) for query in dataset.qrels)
        for measure, found in values.items()
    }
    return SystemResult(name, rankings, per_question, seconds)
