"""python -m evaluation.durability: kills, power cuts, corruptions, and what came of them."""

import argparse
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from evaluation.durability.outcomes import Finding
from evaluation.durability.trials import (
    corruptions,
    kills,
    power_cuts as power,
    restores as restorations,
)


def table(title: str, findings: list[Finding]) -> str:
    """Return how many findings of a kind there are, those that are faults marked."""
    counts = Counter((finding.what, finding.outcome, bool(finding.fault)) for finding in findings)
    lines = [f"{title}: {len(findings)}"]
    for (what, outcome, fault), count in sorted(counts.items()):
        lines.append(f"{count:6}  {what:<28} {'FAULT ' if fault else ''}{outcome}")
    return "\n".join(lines)


def main() -> None:
    """Kill writers, cut the power and damage files; exit with 1 if anything was lost."""
    parser = argparse.ArgumentParser(prog="python -m evaluation.durability", description=__doc__)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--cuts", type=int, default=500)
    parser.add_argument("--corruptions", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    found: list[Finding] = []
    for title, count, run in (
        ("Writers killed", given.kills, kills.run),
        ("Power cut", given.cuts, power.run),
        ("Derived files damaged", given.corruptions, corruptions.damage_derived),
        ("Databases damaged", given.corruptions, corruptions.damage_database),
        ("Damaged databases restored", given.corruptions, restorations.restore_damaged),
    ):
        with tempfile.TemporaryDirectory(prefix="quoth-durability-") as scratch:
            began = time.perf_counter()
            these = run(Path(scratch), count, given.seed)
        print(table(title, these), f"in {time.perf_counter() - began:.0f} s\n", flush=True)
        found += these
    faults = [finding for finding in found if finding.fault]
    for fault in faults[:20]:
        print(f"FAULT {fault.what}, {fault.outcome}: {fault.fault}")
    print(f"{len(faults)} faults in {len(found)} trials")
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
