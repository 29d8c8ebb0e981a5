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
from collections.abc import Iterator
from dataclasses import dataclass
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


def read_dataset(folder: Path) -> Dataset:
    """Read a labelled set. Raises DatasetError naming the file and line that is wrong."""
    if not folder.is_dir():
        raise DatasetError(f"There is no folder {folder}. Give one in the BEIR layout.")
    corpus = [
        Entry(row["_id"], row.get("title", ""), row["text"])
        for row in _rows(folder / "corpus.jsonl", "_id", "text")
    ]
    queries = _texts(folder / "queries.jsonl")
    tables = sorted((folder / "qrels").glob("*.tsv"))
    if not tables:
        raise DatasetError(f"{folder / 'qrels'} holds no .tsv file. Put the judgements there.")
    ids = {entry.id for entry in corpus}
    qrels: dict[str, dict[str, int]] = {query: {} for query in queries}
    for table in tables:
        for query, entry, score in _judgements(table, queries, ids):
            if score > 0:
                qrels[query][entry] = score
    answers, unanswerable = folder / "answers.jsonl", folder / "unanswerable.jsonl"
    return Dataset(
        folder.name,
        tuple(corpus),
        queries,
        {query: entries for query, entries in qrels.items() if entries},
        {row["_id"]: tuple(row["answers"]) for row in _rows(answers, "_id", "answers")}
        if answers.exists()
        else {},
        _texts(unanswerable) if unanswerable.exists() else {},
        {row["_id"]: row["corpus_id"] for row in _rows(unanswerable, "_id") if "corpus_id" in row}
        if unanswerable.exists()
        else {},
    )


def _texts(path: Path) -> dict[str, str]:
    return {row["_id"]: row["text"] for row in _rows(path, "_id", "text")}


def _rows(path: Path, *keys: str) -> Iterator[dict[str, Any]]:
    if not path.is_file():
        raise DatasetError(f"There is no file {path}. The BEIR layout needs it.")
    seen: set[str] = set()
    with path.open("rb") as file:
        for number, line in enumerate(file, start=1):
            try:
                row = json.loads(line)
            except ValueError as error:
                raise DatasetError(f"{path}, line {number}: not JSON ({error}).") from error
            for key in keys:
                if not isinstance(row, dict) or key not in row:
                    raise DatasetError(f'{path}, line {number}: no "{key}".')
            if row["_id"] in seen:
                raise DatasetError(f"{path}, line {number}: the id {row['_id']} stands twice.")
            seen.add(row["_id"])
            yield row


def _judgements(
    path: Path, queries: dict[str, str], ids: set[str]
) -> Iterator[tuple[str, str, int]]:
    with path.open(encoding="utf-8", errors="replace", newline="") as file:
        for number, row in enumerate(csv.reader(file, delimiter="\t"), start=1):
            if number == 1:
                continue
            if len(row) != 3 or not row[2].lstrip("-").isdigit():
                raise DatasetError(f"{path}, line {number}: not query-id, corpus-id, score.")
            if row[0] not in queries:
                raise DatasetError(f"{path}, line {number}: no query has the id {row[0]}.")
            if row[1] not in ids:
                raise DatasetError(f"{path}, line {number}: no corpus entry has the id {row[1]}.")
            yield row[0], row[1], int(row[2])
