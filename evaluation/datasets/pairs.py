"""Labelled sets from question and passage pairs: a JSON object per line, gzipped or not.

{"question", "title", "passage", "answers", "group"}

`answers` is a list of strings of the passage, one of which answers; empty when the passage does
not answer, though it looks as if it might; null when the whole passage answers. `group`, which may
be missing, is shared by pairs about one subject: the passage of each is a near miss for the
questions of the others.
"""

import gzip
import json
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from evaluation.datasets.beir import Dataset, DatasetError, Entry

_KEYS = ("question", "title", "passage", "answers")
_FEWEST_TITLES = 20
"""A file with fewer titles is split by passage: its titles do not name articles."""
_PASSAGES, _QUESTIONS = 2_500, 700
"""By default the most passages of a sample, and the most questions of each kind."""


@dataclass(frozen=True, slots=True)
class LabelledPair:
    """A question and a passage."""

    question: str
    title: str
    passage: str
    answers: tuple[str, ...] | None
    """Strings of the passage that answer; none if it does not; None if all of it does."""
    group: str = ""


def pair_rows(path: Path) -> list[LabelledPair]:
    """Read a file of pairs. Raises DatasetError naming the faulty file and line."""
    try:
        data = path.read_bytes()
        lines = (gzip.decompress(data) if path.suffix == ".gz" else data).splitlines()
    except (OSError, EOFError) as error:
        raise DatasetError(f"Cannot read the pairs in {path}: {error}.") from error
    rows = [_pair(line, f"{path}, line {number}") for number, line in enumerate(lines, start=1)]
    if not rows:
        raise DatasetError(f"{path} contains no pairs.")
    return rows


def _pair(line: bytes, place: str) -> LabelledPair:
    try:
        row: dict[str, Any] = json.loads(line)
    except ValueError as error:
        raise DatasetError(f"{place}: not JSON ({error}).") from error
    for key in _KEYS:
        if not isinstance(row, dict) or key not in row:
            raise DatasetError(f'{place}: no "{key}".')
    answers = row["answers"]
    if answers is not None and not isinstance(answers, list):
        raise DatasetError(f'{place}: "answers" is neither a list nor null.')
    # Some sets have empty answers, which every sentence would contain.
    stated = tuple(filter(str.strip, answers or ()))
    answers = stated if stated or answers == [] else None
    return LabelledPair(
        row["question"], row["title"], row["passage"], answers, row.get("group", "")
    )


def split_key(rows: Sequence[LabelledPair]) -> Callable[[LabelledPair], str]:
    """Return what rows are split by, so that no text is on both sides: the title or the passage."""
    by_title = len({row.title for row in rows}) >= _FEWEST_TITLES
    return lambda row: row.title if by_title else row.passage


def read_pairs(
    path: Path,
    *,
    passages: int = _PASSAGES,
    questions: int | None = None,
    part: int | None = None,
    seed: int = 0,
) -> Dataset:
    """Read a random sample of a file of pairs: some passages, and questions about them.

    `questions` limits each kind, answerable and not: by default to 700, and to a quarter of the
    file's rows, so that most are left to learn from. Of a file with unanswerable questions, a
    quarter of the titles is read, so that whole articles are left to learn from.

    With `part`, at most so many passages of that sample are kept, with the questions about them:
    what is left to learn from stays the same.

    Raises DatasetError naming the faulty file and line.
    """
    rows = pair_rows(path)
    rng = random.Random(seed)
    most = min(_QUESTIONS, max(1, len(rows) // 4)) if questions is None else questions
    if any(row.answers == () for row in rows):
        rows = _some_titles(rows, rng)
    distinct = list(dict.fromkeys((row.title, row.passage) for row in rows))
    sample = sorted(rng.sample(range(len(distinct)), min(passages, len(distinct))))
    ids = {distinct[i]: f"p{i}" for i in sample}
    candidates = [(i, row) for i, row in enumerate(rows) if (row.title, row.passage) in ids]

    def sampled(*, answerable: bool) -> list[tuple[int, LabelledPair]]:
        kind = [pair for pair in candidates if (pair[1].answers != ()) is answerable]
        return sorted(rng.sample(kind, min(most, len(kind))), key=lambda pair: pair[0])

    pairs, misses = sampled(answerable=True), sampled(answerable=False)
    if part is not None and part < len(ids):
        chosen = set(rng.sample(list(ids), part))
        ids = {text: name for text, name in ids.items() if text in chosen}
        pairs, misses = (
            [(i, row) for i, row in kind if (row.title, row.passage) in chosen]
            for kind in (pairs, misses)
        )
    return Dataset(
        f"{path.name.split('.')[0]} pairs",  # not the name of a set of the same origin
        tuple(Entry(name, title, passage) for (title, passage), name in ids.items()),
        {f"q{i}": row.question for i, row in pairs},
        {f"q{i}": {ids[row.title, row.passage]: 1} for i, row in pairs},
        {f"q{i}": row.answers or () for i, row in pairs},
        {f"q{i}": row.question for i, row in misses},
    )


def _some_titles(rows: Sequence[LabelledPair], rng: random.Random) -> list[LabelledPair]:
    """Return the rows of a quarter of the titles, or passages."""
    key = split_key(rows)
    keys = sorted({key(row) for row in rows})
    chosen = set(rng.sample(keys, max(1, len(keys) // 4)))
    return [row for row in rows if key(row) in chosen]
