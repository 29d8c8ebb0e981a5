"""A short run of kills and corruptions; `python -m evaluation.durability` does many."""

from collections.abc import Callable
from pathlib import Path

import pytest

pytest.importorskip("resource", reason="memory is bounded by it, and processes are forked")

from evaluation.durability.__main__ import table
from evaluation.durability.outcomes import Finding
from evaluation.durability.processes import run_in_process
from evaluation.durability.trials import corruptions, kills, power_cuts, restores


def faults(findings: list[Finding]) -> list[Finding]:
    return [finding for finding in findings if finding.fault]


def test_a_killed_writer_loses_nothing(tmp_path: Path) -> None:
    findings = kills.run(tmp_path, 4, 3)
    assert len(findings) >= 5  # and the temporary folders
    assert faults(findings) == []


def test_a_large_librarys_indexes_survive_as_well(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kills, "_KILLS_PER_LIBRARY", 1)
    findings = kills.run(tmp_path, 3, 4)
    assert any("as if large" in finding.what for finding in findings)
    assert faults(findings) == []


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="the recorder names files by it")
def test_a_power_cut_loses_nothing_that_was_synced(tmp_path: Path) -> None:
    findings = power_cuts.run(tmp_path / "true", 8, 3)
    assert len(findings) == 8
    assert faults(findings) == []
    assert faults(power_cuts.run(tmp_path / "lying", 5, 3, lying=True)) != []


@pytest.mark.slow
@pytest.mark.parametrize(
    "damage",
    [corruptions.damage_derived, corruptions.damage_database, restores.restore_damaged],
)
def test_damage_is_noticed(
    damage: Callable[[Path, int, int], list[Finding]], tmp_path: Path
) -> None:
    findings = damage(tmp_path, 12, 3)
    assert len(findings) == 12
    assert faults(findings) == []
    assert len({finding.what for finding in findings}) > 3


def test_what_is_wrong_is_counted_as_such(tmp_path: Path) -> None:
    expected = [{"question": "a question", "passages": []}]
    check = run_in_process(corruptions.use_database, tmp_path / "new", expected, {})
    assert check.fault == ""
    assert check.result == ("answers differ", "verified, and not the same answers")
    assert run_in_process(exec, "raise SystemExit(7)").fault == "it ended with status 7"
    findings = [Finding("cut", "noticed"), Finding("cut", "noticed"), Finding("cut", "lost", "one")]
    assert table("Damaged", findings).splitlines() == [
        "Damaged: 3",
        "     1  cut                          FAULT lost",
        "     2  cut                          noticed",
    ]
