"""Labelled sets from question and passage pairs: a JSON object per line, gzipped or not.

{"question", "title", "passage", "answers": [...]}
"""

import gzip
import json
import random
from pathlib import Path

from evaluation.datasets.beir import Dataset, DatasetError, Entry

_KEYS = ("question", "title", "passage", "answers")


def read_pairs(
    path: Path, *, passages: int = 2_500, questions: int = 700, seed: int = 0
) -> Dataset:
    """Read a random sample of a file of pairs: some passages, and questions about them.

    Raises DatasetError naming the faulty file and line.
    """
    rows = _rows(path)
    rng = random.Random(seed)
    distinct = list(dict.fromkeys((row["title"], row["passage"]) for row in rows))
    sample = sorted(rng.sample(range(len(distinct)), min(passages, len(distinct))))
    ids = {distinct[i]: f"p{i}" for i in sample}
    candidates = [(i, row) for i, row in enumerate(rows) if (row["title"], row["passage"]) in ids]
    pairs = sorted(
        rng.sample(candidates, min(questions, len(candidates))), key=lambda pair: pair[0]
    )
    return Dataset(
        f"{path.name.split('.')[0]} pairs",  # not the name of a set of the same origin
        tuple(Entry(name, title, passage) for (title, passage), name in ids.items()),
        {f"q{i}": row["question"] for i, row in pairs},
        {f"q{i}": {ids[row["title"], row["passage"]]: 1} for i, row in pairs},
        {f"q{i}": tuple(row["answers"]) for i, row in pairs},
        {},
    )


def _rows(path: Path) -> list[dict[str, str]]:
    try:
        data = path.read_bytes()
        lines = (gzip.decompress(data) if path.suffix == ".gz" else data).splitlines()
    except (OSError, EOFError) as error:
        raise DatasetError(f"Cannot read the pairs in {path}: {error}.") from error
    rows = []
    for number, line in enumerate(lines, start=1):
        try:
            row = json.loads(line)
        except ValueError as error:
            raise DatasetError(f"{path}, line {number}: not JSON ({error}).") from error
        for key in _KEYS:
            if not isinstance(row, dict) or key not in row:
                raise DatasetError(f'{path}, line {number}: no "{key}".')
        rows.append(row)
    if not rows:
        raise DatasetError(f"{path} contains no pairs.")
    return rows
