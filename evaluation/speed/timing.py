"""Timing on a machine that is never quiet: what is compared takes turns, in one run."""

import json
import random
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np


@dataclass(frozen=True, slots=True)
class Spread:
    """How long something took over many times, in milliseconds."""

    times: int
    p50: float
    p95: float
    p99: float


def spread(seconds: Sequence[float]) -> Spread:
    """Return the spread of times given in seconds, at least one."""
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
    """Call every action once a round, in an order that changes; return what each returned."""
    chance = random.Random(seed)
    found: dict[str, list[float]] = {name: [] for name in actions}
    for _ in range(rounds):
        names = list(actions)
        chance.shuffle(names)
        for name in names:
            found[name].append(actions[name]())
    return found


def ratios(slow: Sequence[float], fast: Sequence[float]) -> dict[str, float]:
    """Return how many times as long the slow one took, round by round."""
    each = [a / b for a, b in zip(slow, fast, strict=True)]
    return {
        "median": round(statistics.median(each), 2),
        "least": round(min(each), 2),
        "most": round(max(each), 2),
    }


def write_json(path: Path | None, found: Mapping[str, Any]) -> None:
    """Print what was found as JSON, and write it to a file if there is one."""
    text = json.dumps(found, indent=1, default=asdict)
    print(text)
    if path is not None:
        path.write_text(text + "\n", encoding="utf-8")
