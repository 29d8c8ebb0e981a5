"""Measure how well follow-up questions are understood.

    python -m evaluation.quality.followups [--json FILE]

The questions are a small set of our own over the seed documents (`followups.jsonl`): each follows
an earlier question and depends on it or does not. Measured are the decision to carry words over
from the earlier question, and the rank of the passage that answers with and without them. The set
was written by the authors of the rules, over two documents: it shows that the rules work, not how
well they do elsewhere.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from statistics import mean
from typing import Any

import click

from evaluation.cli import JSON_OPTION, run, write_json
from rag.answers import Answer
from rag.chat.followups import carried_words
from rag.default_library import open_to_ask
from rag.library import Library
from rag.query.syntax import parse

_DEPTH = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """The result of one follow-up question."""

    question: str
    carries: bool
    """Whether it should carry words of the question before."""
    carried: tuple[str, ...]
    """The words that it did carry."""
    rank_with: int | None
    """Rank of the first passage that answers, from 1; None when it is not among the first ten."""
    rank_without: int | None
    answerable: bool

    @property
    def is_decided_right(self) -> bool:
        """Whether words were carried exactly when they should be."""
        return bool(self.carried) == self.carries


def measure(library: Library, labels: Sequence[dict[str, Any]]) -> list[Outcome]:
    """Ask every follow-up question with the words it carries, and without."""
    outcomes = []
    for label in labels:
        search = parse(label["question"])
        words = carried_words(search.words, parse(label["earlier"]))
        without = library.ask(search, k=_DEPTH)
        with_words = library.ask(search.with_carried(words), k=_DEPTH) if words else without
        outcomes.append(
            Outcome(
                question=label["question"],
                carries=label["carries"],
                carried=words,
                rank_with=_rank(with_words, label["answers"]),
                rank_without=_rank(without, label["answers"]),
                answerable=bool(label["answers"]),
            )
        )
    return outcomes


def summary(outcomes: Sequence[Outcome]) -> dict[str, float]:
    """Return the figures: correct decisions, and ranks with and without the carried words."""
    dependent = [outcome for outcome in outcomes if outcome.carries]
    independent = [outcome for outcome in outcomes if not outcome.carries]
    return {
        "follow_ups": len(dependent),
        "carried_when_they_should": mean(bool(o.carried) for o in dependent),
        "first_with": mean(o.rank_with == 1 for o in dependent),
        "first_without": mean(o.rank_without == 1 for o in dependent),
        "reciprocal_rank_with": mean(_reciprocal(o.rank_with) for o in dependent),
        "reciprocal_rank_without": mean(_reciprocal(o.rank_without) for o in dependent),
        "on_their_own": len(independent),
        "carried_when_they_should_not": mean(bool(o.carried) for o in independent),
    }


def _reciprocal(rank: int | None) -> float:
    return 1 / rank if rank else 0


def read_labels() -> list[dict[str, Any]]:
    """Return the labelled follow-up questions."""
    text = (files("evaluation.quality") / "followups.jsonl").read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines()]


def _rank(answer: Answer, golds: Sequence[dict[str, Any]]) -> int | None:
    for rank, passage in enumerate(answer.passages, start=1):
        citation = passage.citation
        for gold in golds:
            is_inside = citation.start <= gold["start"] and gold["end"] <= citation.end
            if gold["document"] == citation.document and is_inside:
                return rank
    return None


@click.command()
@JSON_OPTION
def main(json_file: Path | None) -> None:
    """Measure follow-up questions over the seed documents and print the figures.

    Lists the questions that were decided wrongly or whose answer is not ranked first.
    """
    with open_to_ask(None, None).library as library:
        outcomes = measure(library, read_labels())
    for o in outcomes:
        if not o.is_decided_right or o.rank_with != 1:
            words = " ".join(o.carried) or "-"
            print(f"{o.question}  carried: {words}  rank {o.rank_without} -> {o.rank_with}")
    for name, figure in summary(outcomes).items():
        print(f"{name:30} {figure:.3f}" if isinstance(figure, float) else f"{name:30} {figure}")
    write_json(json_file, outcomes)


if __name__ == "__main__":
    run(main)
