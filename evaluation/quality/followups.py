"""How well follow-up questions are understood.

    python -m evaluation.quality.followups [--json FILE]

A small set of our own over the seed documents (`followups.jsonl`): each question follows another,
and leans on it or does not. Measured are the decision to carry words, and where the passage that
answers stands with and without it. It was written by the makers of the rules, over two documents:
it shows that they work, not how well they do elsewhere.
"""

import argparse
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from importlib.resources import files
from pathlib import Path
from statistics import mean
from typing import Any

from rag.answers import Answer
from rag.chat.followups import carried_words
from rag.default_library import open_to_ask
from rag.library import Library
from rag.query.syntax import parse

_DEPTH = 10


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one follow-up question."""

    question: str
    carries: bool
    """Whether it should carry words of the question before."""
    carried: tuple[str, ...]
    rank_with: int | None
    """Of the first passage that answers, from 1; None when it is not among the first ten."""
    rank_without: int | None
    answerable: bool


def measure(library: Library, rows: Sequence[dict[str, Any]]) -> list[Outcome]:
    """Ask every follow-up with what it carries, and alone."""
    outcomes = []
    for row in rows:
        search = parse(row["question"])
        words = carried_words(search.words, parse(row["earlier"]))
        alone = library.ask(search, k=_DEPTH)
        together = library.ask(search.with_carried(words), k=_DEPTH) if words else alone
        outcomes.append(
            Outcome(
                row["question"],
                row["carries"],
                words,
                _rank(together, row["answers"]),
                _rank(alone, row["answers"]),
                bool(row["answers"]),
            )
        )
    return outcomes


def summary(outcomes: Sequence[Outcome]) -> dict[str, float]:
    """Return the figures: right decisions, and first places with and without what is carried."""
    leaning = [one for one in outcomes if one.carries]
    alone = [one for one in outcomes if not one.carries]
    return {
        "follow_ups": len(leaning),
        "carried_when_they_should": mean(bool(one.carried) for one in leaning),
        "first_with": mean(one.rank_with == 1 for one in leaning),
        "first_without": mean(one.rank_without == 1 for one in leaning),
        "reciprocal_rank_with": mean(1 / one.rank_with if one.rank_with else 0 for one in leaning),
        "reciprocal_rank_without": mean(
            1 / one.rank_without if one.rank_without else 0 for one in leaning
        ),
        "on_their_own": len(alone),
        "carried_when_they_should_not": mean(bool(one.carried) for one in alone),
    }


def labelled() -> list[dict[str, Any]]:
    """Return the labelled follow-up questions."""
    lines = (
        (files("evaluation.quality") / "followups.jsonl").read_text(encoding="utf-8").splitlines()
    )
    return [json.loads(line) for line in lines]


def _rank(answer: Answer, golds: Sequence[dict[str, Any]]) -> int | None:
    for rank, passage in enumerate(answer.passages, start=1):
        cited = passage.citation
        for gold in golds:
            inside = cited.start <= gold["start"] and gold["end"] <= cited.end
            if gold["document"] == cited.document and inside:
                return rank
    return None


def main() -> None:
    """Measure over the seed documents and print the figures."""
    options = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    options.add_argument("--json", type=Path, metavar="FILE", help="write every outcome")
    chosen = options.parse_args()
    with open_to_ask(None, None).library as library:
        outcomes = measure(library, labelled())
    for one in outcomes:
        if bool(one.carried) != one.carries or one.rank_with != 1:
            words = " ".join(one.carried) or "-"
            print(f"{one.question}  carried: {words}  rank {one.rank_without} -> {one.rank_with}")
    for name, figure in summary(outcomes).items():
        print(f"{name:30} {figure:.3f}" if isinstance(figure, float) else f"{name:30} {figure}")
    if chosen.json:
        chosen.json.write_text(json.dumps([asdict(one) for one in outcomes], indent=2))


if __name__ == "__main__":
    main()
