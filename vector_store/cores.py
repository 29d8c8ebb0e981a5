"""How many threads are worth starting."""

import os


def cores() -> int:
    """Return how many cores this process may use: more threads only wait for each other."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
