"""Run durability trials: python -m evaluation.durability."""

import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import click

from evaluation.cli import run
from evaluation.durability.outcomes import Finding
from evaluation.durability.trials import corruptions, kills, power_cuts, restores


def table(title: str, findings: list[Finding]) -> str:
    """Return a title and a line per kind of finding with its count; faults are marked."""
    counts = Counter((finding.what, finding.outcome, bool(finding.fault)) for finding in findings)
    lines = [f"{title}: {len(findings)}"]
    for (what, outcome, is_fault), count in sorted(counts.items()):
        lines.append(f"{count:6}  {what:<28} {'FAULT ' if is_fault else ''}{outcome}")
    return "\n".join(lines)


@click.command()
@click.option("--kills", "kill_count", default=200, show_default=True, help="Writers to kill.")
@click.option("--cuts", "cut_count", default=500, show_default=True, help="Power cuts.")
@click.option("--corruptions", "corruption_count", default=1000, show_default=True,
              help="Files to damage, of each kind.")  # fmt: skip
@click.option("--seed", default=1, show_default=True, help="Seed of the random numbers.")
def main(kill_count: int, cut_count: int, corruption_count: int, seed: int) -> None:
    """Kill writers, cut the power, damage files and restore; exit with 1 if anything was lost."""
    findings: list[Finding] = []
    for title, count, trial in (
        ("Writers killed", kill_count, kills.run),
        ("Power cut", cut_count, power_cuts.run),
        ("Derived files damaged", corruption_count, corruptions.damage_derived),
        ("Databases damaged", corruption_count, corruptions.damage_database),
        ("Damaged databases restored", corruption_count, restores.restore_damaged),
    ):
        with tempfile.TemporaryDirectory(prefix="quoth-durability-") as scratch:
            start = time.perf_counter()
            trial_findings = trial(Path(scratch), count, seed)
        seconds = time.perf_counter() - start
        print(table(title, trial_findings), f"in {seconds:.0f} s\n", flush=True)
        findings += trial_findings
    faults = [finding for finding in findings if finding.fault]
    for finding in faults[:20]:
        print(f"FAULT {finding.what}, {finding.outcome}: {finding.fault}")
    print(f"{len(faults)} faults in {len(findings)} trials")
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    run(main)
