"""Rank and answer a labelled set's questions, and measure the results.

The measures are those of ir-measures (MacAvaney et al., "Streamlining Evaluation with
ir-measures", 2022). A question without a result counts 0; none is left out of a mean.
"""

import time
from collections.abc import Callable, Sequence

import ir_measures
from ir_measures import AP, RR, Qrel, R, ScoredDoc, nDCG

from evaluation.datasets.beir import Dataset
from evaluation.datasets.corpus import Corpus
from evaluation.datasets.trec import Rankings
from evaluation.quality.answers import AnsweredQuestion, answer_all, verbatim_share
from evaluation.quality.results import Evaluation, SystemResult
from evaluation.quality.systems import SYSTEMS

DEPTH = 100
MEASURES = (nDCG @ 10, R @ 1, R @ 5, R @ 100, RR @ 10, AP)


def evaluate(
    corpus: Corpus,
    *,
    systems: Sequence[str] = tuple(SYSTEMS),
    runs: Sequence[tuple[str, Rankings]] = (),
    report: Callable[[str], None] = lambda _: None,
) -> Evaluation:
    """Rank a set's questions with each system, measure runs made elsewhere, and ask Quoth.

    Answers are measured only when `quoth` is among the systems. `report` gets a line of progress
    before each step. Raises KeyError for an unknown system, QuothError for one that is not
    installed.
    """
    dataset = corpus.dataset
    if unjudged := len(dataset.queries) - len(dataset.qrels):
        report(f"{dataset.name}: {unjudged} queries without relevant entries are skipped")
    results = []
    for name in systems if dataset.qrels else ():
        report(f"{dataset.name}: {name}")
        rank = SYSTEMS[name](corpus)
        rankings, seconds = {}, []
        for query in dataset.qrels:
            start = time.perf_counter()
            rankings[query] = rank(dataset.queries[query], DEPTH)
            seconds.append(time.perf_counter() - start)
        results.append(measure(name, dataset, rankings, tuple(seconds)))
    results += [measure(name, dataset, rankings) for name, rankings in runs]
    answered: tuple[AnsweredQuestion, ...] = ()
    if "quoth" in systems:
        report(f"{dataset.name}: answers")
        answered = answer_all(corpus)
    return Evaluation(dataset, tuple(results), answered, verbatim_share(corpus, answered))


def measure(
    name: str, dataset: Dataset, rankings: Rankings, seconds: tuple[float, ...] = ()
) -> SystemResult:
    """Measure the first 100 entries of each ranking; a question without a ranking counts 0."""
    qrels = [
        Qrel(query, entry, relevance)
        for query, entries in dataset.qrels.items()
        for entry, relevance in entries.items()
    ]
    # Scores are ranks, since tools break ties between equal scores in different ways.
    run = [
        ScoredDoc(query, entry, float(-place))
        for query, entries in rankings.items()
        for place, entry in enumerate(entries[:DEPTH])
    ]
    values: dict[str, dict[str, float]] = {str(measure): {} for measure in MEASURES}
    for metric in ir_measures.iter_calc(list(MEASURES), qrels, run):
        values[str(metric.measure)][metric.query_id] = metric.value
    per_question = {
        measure: tuple(by_query.get(query, 0.0) for query in dataset.qrels)
        for measure, by_query in values.items()
    }
    return SystemResult(name, rankings, per_question, seconds)
