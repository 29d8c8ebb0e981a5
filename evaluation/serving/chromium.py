"""Chromium for measurements of the page, and how repeated times are summarised."""

import shutil
import statistics
import sys
from collections.abc import Sequence


def chromium_path() -> str:
    """Return the path of Chromium; end the program with what to install when there is none."""
    path = next(filter(None, map(shutil.which, ("chromium", "chromium-browser"))), None)
    if path is None:
        sys.exit("quoth: Chromium is not installed. On Debian: apt install chromium")
    return path


def summary(values: Sequence[float]) -> dict[str, float]:
    """Return how many values there are, the least, the median and the most."""
    return {
        "times": len(values),
        "least": round(min(values), 1),
        "p50": round(statistics.median(values), 1),
        "most": round(max(values), 1),
    }
