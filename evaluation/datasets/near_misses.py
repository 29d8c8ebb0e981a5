"""The near-miss version of a labelled set: the answers of half of its questions are taken out.

    python -m evaluation.datasets.near_misses SET FOLDER [--sentences]

SET is a folder in the BEIR layout (`quoth export --qrels` writes one of
any library), FOLDER the new
one. The passages that answer every other question are removed, and with them all that hold one of
its answers word for word; with --sentences only the sentences that hold one, so that passages on
the very subject stay. Those questions are the new set's unanswerable ones. A question is left out
where it cannot be known whether it is still answered.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import click
import regex

from evaluation.cli import FOLDER, run
from evaluation.datasets.beir import Dataset, DatasetError, Entry, read_dataset
from evaluation.datasets.question_changes import answer_spans, without_answers
from rag.export.beir import write_layout

_WORD = r"(?:^|\W){}(?:\W|$)"
_SURE_LETTERS = 4
"""A shorter answer, as "two" or "yes", stands in passages that do not answer."""


@dataclass(frozen=True, slots=True)
class NearMisses:
    """What becomes of a set."""

    removed: frozenset[str]
    """Ids of the entries that are taken out."""
    questions: dict[str, str]
    """The questions that nothing answers without them, by id."""


def near_misses(dataset: Dataset) -> NearMisses:
    """Choose the entries that answer every other question, in the order of the set."""
    chosen: list[str] = []
    removed: set[str] = set()
    passed_over: set[str] = set()
    for query, relevant in dataset.qrels.items():
        if relevant.keys() & removed:
            chosen.append(query)
        elif relevant.keys() & passed_over or len(removed) > len(passed_over):
            passed_over |= relevant.keys()
        else:
            removed |= relevant.keys()
            chosen.append(query)
    questions: dict[str, str] = {}
    holding = _holders(dataset, chosen)
    for query in chosen:
        others = holding.get(query, frozenset()) | dataset.qrels[query].keys()
        if not others & passed_over:  # those are needed for the questions that stay
            removed |= others
            questions[query] = dataset.queries[query]
    return NearMisses(frozenset(removed), questions)


def _holders(dataset: Dataset, queries: Iterable[str]) -> dict[str, frozenset[str]]:
    """Return the entries that hold an answer of each question word for word."""
    texts = [(entry.id, entry.text.lower()) for entry in dataset.corpus]
    holders: dict[str, frozenset[str]] = {}
    for query in queries:
        sure = [
            a.strip().lower()
            for a in dataset.answers.get(query, ())
            if len(a.strip()) >= _SURE_LETTERS
        ]
        patterns = [regex.compile(_WORD.format(regex.escape(answer))) for answer in sure]
        holders[query] = frozenset(
            entry
            for entry, text in texts
            if any(answer in text for answer in sure) and any(p.search(text) for p in patterns)
        )
    return holders


def without_passages(dataset: Dataset) -> Dataset:
    """Return the set without the passages that answer every other question."""
    misses = near_misses(dataset)
    return _reduced(
        dataset,
        tuple(entry for entry in dataset.corpus if entry.id not in misses.removed),
        misses.questions,
    )


def without_sentences(dataset: Dataset) -> Dataset:
    """Return the set without the sentences that answer every other question.

    Raises DatasetError for a set without gold answers.
    """
    if not dataset.answers:
        raise DatasetError(f"{dataset.name} has no answers.jsonl: leave out --sentences.")
    chosen = [query for query in dataset.qrels if dataset.answers.get(query)][::2]
    texts = {entry.id: entry.text for entry in dataset.corpus}
    for query in chosen:
        answers = dataset.answers[query]
        for entry in dataset.qrels[query]:
            texts[entry] = without_answers(texts[entry], answers)
    corpus = tuple(replace(entry, text=texts[entry.id]) for entry in dataset.corpus)
    questions = {
        query: dataset.queries[query]
        for query in chosen
        if not any(
            answer_spans(texts[entry], dataset.answers[query]) for entry in dataset.qrels[query]
        )
    }
    return _reduced(dataset, tuple(entry for entry in corpus if entry.text), questions, chosen)


def _reduced(
    dataset: Dataset,
    corpus: tuple[Entry, ...],
    unanswerable: Mapping[str, str],
    chosen: Iterable[str] = (),
) -> Dataset:
    """Return a set of `corpus`, with the questions that it still answers."""
    before = {entry.id: entry.text for entry in dataset.corpus}
    texts = {entry.id: entry.text for entry in corpus}
    left_out = {*unanswerable, *chosen}

    def answers(query: str, entry: str) -> bool:
        if entry not in texts or texts[entry] == before[entry]:
            return entry in texts
        return bool(answer_spans(texts[entry], dataset.answers.get(query, ())))

    qrels = {
        query: {entry: score for entry, score in relevant.items() if answers(query, entry)}
        for query, relevant in dataset.qrels.items()
        if query not in left_out
    }
    qrels = {query: relevant for query, relevant in qrels.items() if relevant}
    return Dataset(
        dataset.name,
        corpus,
        {query: dataset.queries[query] for query in qrels},
        qrels,
        {query: golds for query, golds in dataset.answers.items() if query in qrels},
        dict(unanswerable),
    )


def write_dataset(dataset: Dataset, folder: Path) -> None:
    """Write a set in the BEIR layout. Raises OSError."""
    files: dict[str, list[dict[str, Any]]] = {
        "corpus": [{"_id": e.id, "title": e.title, "text": e.text} for e in dataset.corpus],
        "queries": [{"_id": query, "text": text} for query, text in dataset.queries.items()],
        "answers": [{"_id": query, "answers": golds} for query, golds in dataset.answers.items()],
        "unanswerable": [{"_id": query, "text": t} for query, t in dataset.unanswerable.items()],
    }
    write_layout(folder, files, dataset.qrels)


@click.command()
@click.argument("dataset", type=FOLDER, metavar="SET")
@click.argument("folder", type=click.Path(path_type=Path), metavar="FOLDER")
@click.option("--sentences", is_flag=True, help="Take out the sentences that answer only.")
def main(dataset: Path, folder: Path, *, sentences: bool) -> None:
    """Write the near-miss version of SET to FOLDER."""
    if folder.exists() and any(folder.iterdir()):
        raise click.BadParameter(f"{folder} is not empty")
    whole = read_dataset(dataset)
    reduced = without_sentences(whole) if sentences else without_passages(whole)
    write_dataset(reduced, folder)
    click.echo(
        f"{len(reduced.corpus)} of {len(whole.corpus)} passages, {len(reduced.qrels)} questions "
        f"answered, {len(reduced.unanswerable)} not."
    )


if __name__ == "__main__":
    run(main)
