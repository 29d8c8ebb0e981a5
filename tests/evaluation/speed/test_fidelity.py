"""Compiled and reference models are compared on labelled sets."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from evaluation.speed.fidelity import fidelity


@pytest.mark.slow
def test_both_runtimes_rank_the_same_set(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.json"
    done = CliRunner().invoke(fidelity, [str(folder), "--questions", "2", "--json", str(out)])
    assert done.exit_code == 0, done.output
    figures = json.loads(out.read_text())
    [set_figures] = figures["sets"].values()
    [runtime] = set_figures.keys() - {"questions", "sentence-transformers", "difference"}
    assert runtime != "sentence-transformers"
    assert set_figures["questions"] == 2
    assert (
        set_figures["sentence-transformers"] == set_figures[runtime] == {"dense": 1.0, "quoth": 1.0}
    )
    assert figures["mean_difference"] == {"dense": 0.0, "quoth": 0.0}
