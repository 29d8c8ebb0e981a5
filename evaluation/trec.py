"""Rankings as TREC run files: query, Q0, document, rank, score, name of the run."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from evaluation.datasets import DatasetError

Rankings = Mapping[str, Sequence[str]]
"""Each query's corpus ids, best first."""


def read_run(path: Path, ids: set[str]) -> tuple[str, dict[str, list[str]]]:
    """Read a run made by any program: its name, and each query's entries by falling score.

    Equal scores keep the file's order. Raises DatasetError naming file and line, also for an
    entry that is not among `ids`.
    """
    if not path.is_file():
        raise DatasetError(f"There is no file {path}.")
    scored: dict[str, dict[str, float]] = {}
    name = path.stem
    with path.open(encoding="utf-8", errors="replace") as file:
        for number, line in enumerate(file, start=1):
            if not line.strip():
                continue
            place = f"{path}, line {number}"
            query, entry, score, name = _fields(line, place)
            if entry not in ids:
                raise DatasetError(f"{place}: no corpus entry has the id {entry}.")
            entries = scored.setdefault(query, {})
            if entry in entries:
                raise DatasetError(f"{place}: {entry} is ranked twice for the query {query}.")
            entries[entry] = score
    if not scored:
        raise DatasetError(f"{path} holds no ranking.")
    return name, {q: sorted(e, key=lambda i: -e[i]) for q, e in scored.items()}


def _fields(line: str, place: str) -> tuple[str, str, float, str]:
    parts = line.split()
    try:
        query, _, entry, _, score, name = parts
        return query, entry, float(score), name
    except ValueError as error:
        raise DatasetError(
            f"{place}: not query, Q0, document, rank, score, run, parted by spaces."
        ) from error


def run_lines(name: str, rankings: Rankings) -> Iterable[str]:
    """Give the lines of a run. Scores go by place: equal ones are read in different orders."""
    for query, entries in rankings.items():
        for rank, entry in enumerate(entries, start=1):
            yield f"{query} Q0 {entry} {rank} {1 / rank:.6f} {name}\n"
