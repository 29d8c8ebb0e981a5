"""Timing on a shared machine: actions to compare take turns, in one run."""

import random
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True, slots=True)
class Spread:
    """Percentiles of repeated times, in milliseconds."""

    times: int
    p50: float
    p95: float
    p99: float


def spread(seconds: Sequence[float]) -> Spread:
    """Return the spread of times in seconds, of which there must be at least one."""
    p50, p95, p99 = (round(float(x) * 1000, 3) for x in np.percentile(seconds, (50, 95, 99)))
    return Spread(len(seconds), p50, p95, p99)


def timed(action: Callable[[], Any]) -> float:
    """Return how many seconds an action takes."""
    start = time.perf_counter()
    action()
    return time.perf_counter() - start


def in_turns(
    actions: Mapping[str, Callable[[], float]], rounds: int, *, seed: int = 0
) -> dict[str, list[float]]:
    """Call every action once per round, in random order; return each action's results."""
    rng = random.Random(seed)
    results: dict[str, list[float]] = {name: [] for name in actions}
    for _ in range(rounds):
        names = list(actions)
        rng.shuffle(names)
        for name in names:
            results[name].append(actions[name]())
    return results


def ratios(slow: Sequence[float], fast: Sequence[float]) -> dict[str, float]:
    """Return the ratio of the slow times to the fast ones, round by round, summarised."""
    by_round = [a / b for a, b in zip(slow, fast, strict=True)]
    return {
        "median": round(statistics.median(by_round), 2),
        "least": round(min(by_round), 2),
        "most": round(max(by_round), 2),
    }
