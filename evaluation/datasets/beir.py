"""Labelled sets in the BEIR layout (Thakur et al., "BEIR", 2021): reading and checking.

corpus.jsonl          {"_id", "title", "text"}
queries.jsonl         {"_id", "text"}
qrels/test.tsv        query-id, corpus-id, score; with or without a header line. Without a
                      test.tsv, every .tsv file there is read
answers.jsonl         {"_id", "answers": [...]}                              optional
unanswerable.jsonl    {"_id", "text"}: questions without an answer           optional
"""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from rag.errors import QuothError
from rag.query.syntax import LONGEST_TYPED

_SCORE = re.compile(r"-?[0-9]{1,6}")


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
    """A labelled set."""

    name: str
    corpus: tuple[Entry, ...]
    queries: dict[str, str]
    """Texts by query id."""
    qrels: dict[str, dict[str, int]]
    """The relevance, 1 or more, of each query's relevant entries; no query without one."""
    answers: dict[str, tuple[str, ...]]
    """Gold answer strings by query id."""
    unanswerable: dict[str, str]
    """Texts of questions without an answer, by id."""

    def sample(self, limit: int) -> "Dataset":
        """Return the set with at most `limit` questions of each kind, spread over the files."""
        answered = _spread(list(self.qrels), limit)
        return replace(
            self,
            queries={query: self.queries[query] for query in answered},
            qrels={query: self.qrels[query] for query in answered},
            unanswerable={q: self.unanswerable[q] for q in _spread(list(self.unanswerable), limit)},
        )


def _spread(ids: Sequence[str], limit: int) -> list[str]:
    if len(ids) <= limit:
        return list(ids)
    return [ids[i * len(ids) // limit] for i in range(limit)]


def read_dataset(folder: Path) -> Dataset:
    """Read a labelled set. Raises DatasetError naming the faulty file and line."""
    if not folder.is_dir():
        raise DatasetError(f"There is no folder {folder}. Give one in the BEIR layout.")
    corpus = _corpus(folder / "corpus.jsonl")
    queries = _texts(folder / "queries.jsonl")
    answers, unanswerable = folder / "answers.jsonl", folder / "unanswerable.jsonl"
    dataset = Dataset(
        folder.resolve().name,
        corpus,
        queries,
        _qrels(folder / "qrels", queries, {entry.id for entry in corpus}),
        _answers(answers, queries) if answers.exists() else {},
        _texts(unanswerable, other_queries=queries) if unanswerable.exists() else {},
    )
    if not dataset.qrels and not dataset.unanswerable:
        raise DatasetError(f"{folder} has no questions: no judged ones, and no unanswerable ones.")
    return dataset


def _corpus(path: Path) -> tuple[Entry, ...]:
    entries = []
    for number, row in rows(path, "_id", "text"):
        if not isinstance(row["text"], str) or not isinstance(row.get("title", ""), str):
            raise DatasetError(f"{path}, line {number}: text and title must be strings.")
        entries.append(Entry(row["_id"], row.get("title", ""), row["text"]))
    if not entries:
        raise DatasetError(f"{path} contains no passages.")
    return tuple(entries)


def _texts(path: Path, other_queries: dict[str, str] | None = None) -> dict[str, str]:
    texts = {}
    for number, row in rows(path, "_id", "text"):
        query, text = row["_id"], row["text"]
        if query in (other_queries or {}):
            raise DatasetError(f"{path}, line {number}: a query has the id {query} as well.")
        texts[query] = checked_question(text, f"{path}, line {number}")
    return texts


def checked_question(text: object, place: str) -> str:
    """Return a question, cut to the greatest length that can be asked.

    Raises DatasetError naming its place unless it is a non-empty string.
    """
    if not isinstance(text, str) or not text.strip():
        raise DatasetError(f"{place}: the question is empty.")
    return text if len(text) <= LONGEST_TYPED else text.strip()[:LONGEST_TYPED]


def _answers(path: Path, queries: dict[str, str]) -> dict[str, tuple[str, ...]]:
    answers = {}
    for number, row in rows(path, "_id", "answers"):
        if row["_id"] not in queries:
            raise DatasetError(f"{path}, line {number}: no query has the id {row['_id']}.")
        golds = row["answers"]
        if not isinstance(golds, list) or not all(isinstance(gold, str) for gold in golds):
            raise DatasetError(f'{path}, line {number}: "answers" is not a list of strings.')
        # Some sets have empty answers, which every sentence would contain.
        answers[row["_id"]] = tuple(gold for gold in golds if gold.strip())
    return answers


def rows(path: Path, *required: str, key: str = "_id") -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield the objects of a JSONL file with their line numbers, without blank lines.

    Raises DatasetError unless each has the `required` fields, and a unique string as `key`.
    """
    seen: set[str] = set()
    for number, line in lines_of(path):
        try:
            row = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise DatasetError(f"{path}, line {number}: not JSON ({error}).") from error
        for name in required:
            if not isinstance(row, dict) or name not in row:
                raise DatasetError(f'{path}, line {number}: no "{name}".')
        if not isinstance(row[key], str):
            raise DatasetError(f'{path}, line {number}: "{key}" must be a string.')
        if row[key] in seen:
            raise DatasetError(f"{path}, line {number}: the id {row[key]} occurs twice.")
        seen.add(row[key])
        yield number, row


def lines_of(path: Path) -> Iterator[tuple[int, str]]:
    """Yield a file's lines with their numbers, without blank ones.

    Raises DatasetError when the file cannot be read or is not UTF-8.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise DatasetError(f"Cannot read the file {path} ({error.strerror}).") from error
    for number, line in enumerate(data.removeprefix(b"\xef\xbb\xbf").split(b"\n"), start=1):
        if line.strip():
            try:
                yield number, line.decode("utf-8").rstrip("\r")
            except UnicodeDecodeError as error:
                raise DatasetError(f"{path}, line {number}: not UTF-8 ({error}).") from error


def _qrels(folder: Path, queries: dict[str, str], ids: set[str]) -> dict[str, dict[str, int]]:
    """Return each query's relevant entries, without queries that have none."""
    test = folder / "test.tsv"
    tables = [test] if test.is_file() else sorted(folder.glob("*.tsv"))
    if not tables:
        raise DatasetError(f"{folder} contains no .tsv file. Put the judgements there.")
    judged: dict[str, dict[str, int]] = {query: {} for query in queries}
    for table in tables:
        for place, query, entry, score in _judgements(table):
            if query not in queries:
                raise DatasetError(f"{place}: no query has the id {query}.")
            if entry not in ids:
                raise DatasetError(f"{place}: no corpus entry has the id {entry}.")
            if judged[query].setdefault(entry, score) != score:
                raise DatasetError(
                    f"{place}: {entry} has another score for {query} in an earlier line."
                )
    relevant = {
        query: {entry: score for entry, score in scores.items() if score > 0}
        for query, scores in judged.items()
    }
    return {query: entries for query, entries in relevant.items() if entries}


def _judgements(path: Path) -> Iterator[tuple[str, str, str, int]]:
    for number, line in lines_of(path):
        place, fields = f"{path}, line {number}", line.split("\t")
        if len(fields) == 3 and _SCORE.fullmatch(fields[2].strip()):
            yield place, fields[0], fields[1], int(fields[2])
        elif number > 1 or any(map(str.isdigit, fields[-1])):  # the first line may name the columns
            raise DatasetError(f"{place}: not query-id, corpus-id, score, separated by tabs.")
