"""What came of one trial."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """What was done to a library, and how it took it."""

    what: str
    outcome: str
    fault: str = ""
    """What is wrong with that; empty when all is as promised."""
