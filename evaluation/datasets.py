"""Labelled sets in the BEIR layout (Thakur et al., "BEIR", 2021), read and checked.

corpus.jsonl          {"_id", "title", "text"}
queries.jsonl         {"_id", "text"}
qrels/*.tsv           query-id, corpus-id, score; one header line
answers.jsonl         {"_id", "answers": [...]}                     optional
unanswerable.jsonl    {"_id", "text", "corpus_id"}: questions without an answer, and the
                      entry each was written beside (which may be missing)  optional
"""

import csv
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from rag.errors import QuothError


class DatasetError(QuothError):
    """A labelled set cannot be used; the message names file and line."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One passage of the corpus."""

    id: str
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Dataset:
    """A labelled set. `qrels` gives each query's relevant entries and how relevant (1 or more)."""

    name: str
    corpus: tuple[Entry, ...]
    queries: dict[str, str]
    qrels: dict[str, dict[str, int]]
    answers: dict[str, tuple[str, ...]]
    unanswerable: dict[str, str]
    beside: dict[str, str]
    """The entry that each unanswerable question was written beside, where that is known."""

    def sample(self, most: int) -> "Dataset":
        """Return the set with at most so many questions of each kind, spread over the files."""
        answered = _spread(list(self.qrels), most)
        return replace(
            self,
            queries={query: self.queries[query] for query in answered},
            qrels={query: self.qrels[query] for query in answered},
            unanswerable={q: self.unanswerable[q] for q in _spread(list(self.unanswerable), most)},
        )


def _spread(ids: Sequence[str], most: int) -> list[str]:
    if len(ids) <= most:
        return list(ids)
    return [ids[i * len(ids) // most] for i in range(most)]


def read_dataset(folder: Path) -> Dataset:
    """Read a labelled set. Raises DatasetError naming the file and line that is wrong."""
    if not folder.is_dir():
        raise DatasetError(f"There is no folder {folder}. Give one in the BEIR layout.")
    corpus = _corpus(folder / "corpus.jsonl")
    queries = _texts(folder / "queries.jsonl")
    answers, unanswerable = folder / "answers.jsonl", folder / "unanswerable.jsonl"
    return Dataset(
        folder.resolve().name,
        corpus,
        queries,
        _qrels(folder / "qrels", queries, {entry.id for entry in corpus}),
        _answers(answers, queries) if answers.exists() else {},
        _texts(unanswerable) if unanswerable.exists() else {},
        {row["_id"]: row["corpus_id"] for _, row in rows(unanswerable, "_id") if "corpus_id" in row}
        if unanswerable.exists()
        else {},
    )


def _corpus(path: Path) -> tuple[Entry, ...]:
    entries = []
    for number, row in rows(path, "_id", "text"):
        if not isinstance(row["text"], str) or not isinstance(row.get("title", ""), str):
            raise DatasetError(f"{path}, line {number}: text and title must be strings.")
        entries.append(Entry(row["_id"], row.get("title", ""), row["text"]))
    if not entries:
        raise DatasetError(f"{path} holds no passage.")
    return tuple(entries)


def _texts(path: Path) -> dict[str, str]:
    texts = {}
    for number, row in rows(path, "_id", "text"):
        if not isinstance(row["text"], str) or not row["text"].strip():
            raise DatasetError(f"{path}, line {number}: the question {row['_id']} is empty.")
        texts[row["_id"]] = row["text"]
    return texts


def _answers(path: Path, queries: dict[str, str]) -> dict[str, tuple[str, ...]]:
    answers = {}
    for number, row in rows(path, "_id", "answers"):
        if row["_id"] not in queries:
            raise DatasetError(f"{path}, line {number}: no query has the id {row['_id']}.")
        if not isinstance(row["answers"], list):
            raise DatasetError(f'{path}, line {number}: "answers" is not a list.')
        answers[row["_id"]] = tuple(map(str, row["answers"]))
    return answers


def rows(path: Path, *needed: str, key: str = "_id") -> Iterator[tuple[int, dict[str, Any]]]:
    """Give the objects of a JSONL file with their line numbers, blank lines left out.

    Raises DatasetError unless each has what is `needed`, and a `key` of its own.
    """
    if not path.is_file():
        raise DatasetError(f"There is no file {path}.")
    seen: set[str] = set()
    with path.open("rb") as file:
        for number, line in enumerate(file, start=1):
            if not line.strip():
                continue
            try:
                row = json.loads(line)
            except ValueError as error:
                raise DatasetError(f"{path}, line {number}: not JSON ({error}).") from error
            for name in needed:
                if not isinstance(row, dict) or name not in row:
                    raise DatasetError(f'{path}, line {number}: no "{name}".')
            if not isinstance(row[key], str):
                raise DatasetError(f'{path}, line {number}: "{key}" must be a string.')
            if row[key] in seen:
                raise DatasetError(f"{path}, line {number}: the id {row[key]} stands twice.")
            seen.add(row[key])
            yield number, row


def _qrels(folder: Path, queries: dict[str, str], ids: set[str]) -> dict[str, dict[str, int]]:
    """Return each query's relevant entries; a query without one is left out."""
    tables = sorted(folder.glob("*.tsv"))
    if not tables:
        raise DatasetError(f"{folder} holds no .tsv file. Put the judgements there.")
    qrels: dict[str, dict[str, int]] = {query: {} for query in queries}
    for table in tables:
        for query, entry, score in _judgements(table, queries, ids):
            if score > 0:
                qrels[query][entry] = score
    return {query: entries for query, entries in qrels.items() if entries}


def _judgements(
    path: Path, queries: dict[str, str], ids: set[str]
) -> Iterator[tuple[str, str, int]]:
    with path.open(encoding="utf-8", errors="replace", newline="") as file:
        for number, row in enumerate(
            csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE), start=1
        ):
            if number == 1:
                continue
            if len(row) != 3 or not row[2].lstrip("-").isdigit():
                raise DatasetError(f"{path}, line {number}: not query-id, corpus-id, score.")
            if row[0] not in queries:
                raise DatasetError(f"{path}, line {number}: no query has the id {row[0]}.")
            if row[1] not in ids:
                raise DatasetError(f"{path}, line {number}: no corpus entry has the id {row[1]}.")
            yield row[0], row[1], int(row[2])
