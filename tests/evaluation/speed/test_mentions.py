"""The benchmark of mentions: it finds as many as it made."""

import json
from pathlib import Path

from click.testing import CliRunner

from evaluation.speed.mentions import mentions


def test_all_mentions_are_counted_and_exported(tmp_path: Path) -> None:
    file = tmp_path / "figures.json"
    arguments = [str(tmp_path / "library"), "--documents", "100", "--rounds", "1"]
    done = CliRunner().invoke(mentions, [*arguments, "--json", str(file)], catch_exceptions=False)
    assert done.exit_code == 0
    figures = json.loads(file.read_text())
    assert (figures["documents"], figures["mentions"]) == (100, 20)
    assert figures["first_page_at_least"] == 20
    assert figures["export_bytes"] > 20 * 200
