"""TREC run files: lines of query, Q0, document, rank, score, name of the run."""

import math
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from urllib.parse import quote, unquote

from evaluation.datasets.beir import Dataset, DatasetError, lines_of

Rankings = Mapping[str, Sequence[str]]
"""Each query's corpus ids, best first."""


def read_run(path: Path, dataset: Dataset) -> tuple[str, dict[str, list[str]]]:
    """Read a run made by any program: its name, and each query's entries, best score first.

    Equal scores keep the file's order. Raises DatasetError naming file and line, also for an entry
    that is not in the set, or when no query of the run is.
    """
    ids = {entry.id for entry in dataset.corpus}
    scored: dict[str, dict[str, float]] = {}
    name = path.stem
    for number, line in lines_of(path):
        place = f"{path}, line {number}"
        query, entry, score, name = _fields(line, place)
        if entry not in ids:
            raise DatasetError(f"{place}: no corpus entry has the id {entry}.")
        entries = scored.setdefault(query, {})
        if entry in entries:
            raise DatasetError(f"{place}: {entry} is ranked twice for the query {query}.")
        entries[entry] = score
    if not scored.keys() & dataset.qrels.keys():
        raise DatasetError(f"{path} ranks no query of {dataset.name}. Is it a run of another set?")
    return name, {q: sorted(e, key=lambda i: -e[i]) for q, e in scored.items()}


def _fields(line: str, place: str) -> tuple[str, str, float, str]:
    parts = line.split()
    try:
        query, _, entry, _, score, name = parts
        value = float(score)
    except ValueError as error:
        raise DatasetError(
            f"{place}: not query, Q0, document, rank, score, run, separated by spaces."
        ) from error
    if not math.isfinite(value):
        raise DatasetError(f"{place}: the score {score} is not a finite number.")
    return unquote(query), unquote(entry), value, name


def run_lines(name: str, rankings: Rankings) -> Iterable[str]:
    """Yield the lines of a run. Scores are 1 / rank: programs order equal scores differently.

    White space in an id, which would separate fields, and "%" are percent-encoded as in a URL.
    """
    for query, entries in rankings.items():
        for rank, entry in enumerate(entries, start=1):
            yield f"{_id(query)} Q0 {_id(entry)} {rank} {1 / rank:.6f} {name}\n"


def _id(text: str) -> str:
    return "".join(quote(c, safe="") if c == "%" or c.isspace() else c for c in text)
