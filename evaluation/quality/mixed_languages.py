"""Measure what passages in other languages cost an English library, with either bundled model.

    python -m evaluation.quality.mixed_languages ENGLISH FOREIGN... [--translated SET] [--json FILE]

Sets are in the BEIR layout. A library of English passages grows until 2, 5 and 20 % of its
passages are of the foreign sets, in equal parts. At each share the same English questions are
asked, and questions on the foreign passages: in their own language, and, with `--translated`, the
questions of the same ids in English. The models take turns at indexing, 25 passages at a time.
"""

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain, islice, zip_longest
from pathlib import Path
from statistics import mean, median

import click

from evaluation.cli import FOLDER, JSON_OPTION, run, write_json
from evaluation.datasets.beir import Dataset, Entry, read_dataset
from evaluation.datasets.corpus import readings
from evaluation.quality.evaluate import measure
from rag import Answer, Library
from rag.models.registry import MULTILINGUAL, SMALL
from rag.query.syntax import plain

SHARES = (2, 5, 20)
"""Per cent of the passages that are in another language."""
_BATCH = 25
_DEPTH = 10
_KINDS = ("English", "other language", "English on other")


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How well a model answers the questions of one kind at one share."""

    share: int
    kind: str
    model: str
    questions: int
    ndcg: float
    """nDCG@10 of the answers' passages."""
    right: float
    """Share of the questions whose first passage answers and is not withheld."""
    declined: float
    """Share of the questions that are said to have no answer; all have one."""


def without_long(dataset: Dataset, letters: int) -> Dataset:
    """Return a set without its longer passages and the questions that only they answer."""
    return _asked_of(dataset, [e for e in dataset.corpus if len(e.text) <= letters], None)


def smaller(dataset: Dataset, passages: int, questions: int) -> Dataset:
    """Return a set with so many passages, those first that answer its sampled questions."""
    sample = dataset.sample(questions)
    return replace(sample, corpus=tuple(_answering_first(sample)[:passages]))


def together(datasets: Sequence[Dataset]) -> Dataset:
    """Return several sets as one, their passages in turns, with ids that tell them apart."""
    entries = [[replace(e, id=f"{d.name}/{e.id}") for e in _answering_first(d)] for d in datasets]
    turns = chain.from_iterable(zip_longest(*entries))
    return Dataset(
        " and ".join(dataset.name for dataset in datasets),
        tuple(entry for entry in turns if entry is not None),
        {f"{d.name}/{query}": text for d in datasets for query, text in d.queries.items()},
        {
            f"{d.name}/{query}": {f"{d.name}/{entry}": grade for entry, grade in judged.items()}
            for d in datasets
            for query, judged in d.qrels.items()
        },
        {},
        {},
    )


def _answering_first(dataset: Dataset) -> list[Entry]:
    """Return the passages of a set, those that answer a question first."""
    relevant = {entry for entries in dataset.qrels.values() for entry in entries}
    return sorted(dataset.corpus, key=lambda entry: entry.id not in relevant)


def _asked_of(dataset: Dataset, entries: Sequence[Entry], questions: int | None) -> Dataset:
    """Return a set with some of its passages and at most so many of the questions they answer."""
    ids = {entry.id for entry in entries}
    qrels = {query: judged for query, judged in dataset.qrels.items() if ids.issuperset(judged)}
    return replace(dataset, corpus=tuple(entries), qrels=qrels).sample(questions or len(qrels))


def _translated(dataset: Dataset, translations: Mapping[str, str]) -> Dataset:
    """Return a set with those of its questions that are translated, in that translation."""
    queries = {
        query: translations[query.partition("/")[2]]
        for query in dataset.qrels
        if query.partition("/")[2] in translations
    }
    return replace(dataset, queries=queries, qrels={q: dataset.qrels[q] for q in queries})


def outcomes(
    libraries: Mapping[str, Library],
    english: Dataset,
    foreign: Dataset,
    translations: Mapping[str, str],
    questions: int,
    seconds: dict[str, list[float]],
) -> Iterator[Outcome]:
    """Let the libraries, by model, grow from share to share, and ask them.

    What each batch of passages took a model to index is added to `seconds`.
    """
    rest = iter(foreign.corpus)
    within: list[Entry] = []
    for share in SHARES:
        size = round(len(english.corpus) * share / (100 - share))
        more = list(islice(rest, size - len(within)))
        _index(libraries, more if within else [*english.corpus, *more], seconds)
        within += more
        own_language = _asked_of(foreign, within, questions)
        sets = (
            english,
            own_language,
            _asked_of(_translated(foreign, translations), within, questions),
        )
        for kind, dataset in zip(_KINDS, sets, strict=True):
            for model, library in libraries.items():
                if dataset.qrels:
                    yield _outcome(library, dataset, share, kind, model)


def _index(
    libraries: Mapping[str, Library], entries: Sequence[Entry], seconds: dict[str, list[float]]
) -> None:
    for at in range(0, len(entries), _BATCH):
        batch = entries[at : at + _BATCH]
        for model, library in libraries.items():
            start = time.perf_counter()
            library.add_readings(readings(batch))
            if len(batch) == _BATCH:
                seconds.setdefault(model, []).append(time.perf_counter() - start)


def _outcome(library: Library, dataset: Dataset, share: int, kind: str, model: str) -> Outcome:
    answers: dict[str, Answer] = {
        query: library.ask(plain(dataset.queries[query]), k=_DEPTH) for query in dataset.qrels
    }
    ranked = {q: [p.citation.path for p in a.passages] for q, a in answers.items()}
    result = measure("quoth", dataset, ranked)
    return Outcome(
        share=share,
        kind=kind,
        model=model,
        questions=len(answers),
        ndcg=round(mean(result.per_question["nDCG@10"]), 3),
        right=round(
            mean(
                answer.answered and bool(ranked[q]) and ranked[q][0] in dataset.qrels[q]
                for q, answer in answers.items()
            ),
            3,
        ),
        declined=round(mean(not answer.answered for answer in answers.values()), 3),
    )


@click.command()
@click.argument("english", type=FOLDER)
@click.argument("foreign", nargs=-1, required=True, type=FOLDER)
@click.option("--translated", type=FOLDER, help="A set with the foreign questions in English.")
@click.option("--passages", default=1_000, show_default=True, help="English passages.")
@click.option("--questions", default=100, show_default=True, help="Questions of each kind.")
@click.option("--longest", default=2_000, show_default=True, help="Letters of a passage.")
@JSON_OPTION
def main(
    english: Path,
    foreign: tuple[Path, ...],
    translated: Path | None,
    passages: int,
    questions: int,
    longest: int,
    json_file: Path | None,
) -> None:
    """Measure what passages in other languages cost an English library, with either model."""
    translations = read_dataset(translated).queries if translated else {}
    seconds: dict[str, list[float]] = {}
    rows = []
    with Library.in_memory(model=SMALL) as small, Library.in_memory(model=MULTILINGUAL) as large:
        libraries = {SMALL: small, MULTILINGUAL: large}
        for library in libraries.values():
            library.warm_up()
        own = smaller(without_long(read_dataset(english), longest), passages, questions)
        others = together([without_long(read_dataset(folder), longest) for folder in foreign])
        click.echo("| share | questions | model | nDCG@10 | first right | declined |")
        click.echo("| --- | --- | --- | --- | --- | --- |")
        for row in outcomes(libraries, own, others, translations, questions, seconds):
            click.echo(
                f"| {row.share} % | {row.questions}, {row.kind} | {row.model} | {row.ndcg:.3f} "
                f"| {row.right:.3f} | {row.declined:.3f} |"
            )
            rows.append(row)
    ratio = median(b / a for a, b in zip(seconds[SMALL], seconds[MULTILINGUAL], strict=True))
    click.echo(f"\n{MULTILINGUAL} takes {ratio:.2f} times as long to index as {SMALL}.")
    write_json(json_file, {"outcomes": rows, "seconds": seconds, "ratio": ratio})


if __name__ == "__main__":
    run(main)
