"""The programs of docs/frameworks.md run with the real frameworks, and are short."""

import re
import shutil
from pathlib import Path

import pytest
from tests_support import ROOT, SEEDS

PAGE = (ROOT / "docs" / "frameworks.md").read_text(encoding="utf-8")
PROGRAMS = {
    name: re.search(rf"^## {name}\n.*?^```python\n(.*?)^```$", PAGE, re.M | re.S)[1]
    for name in ("LangChain", "LlamaIndex", "Haystack")
}
PACKAGES = {
    "LangChain": "langchain_core",
    "LlamaIndex": "llama_index.core",
    "Haystack": "haystack",
}
LAST_LINE = {"LangChain": "[]", "LlamaIndex": "[]", "Haystack": "False"}


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_program_has_under_fifteen_lines(name: str) -> None:
    assert len(PROGRAMS[name].splitlines()) < 15


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_program_runs(
    name: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    pytest.importorskip(PACKAGES[name], reason="run python -m tests.frameworks")
    shutil.copytree(SEEDS, tmp_path / "seeds")
    monkeypatch.chdir(tmp_path)
    exec(compile(PROGRAMS[name], name, "exec"), {})
    printed = capsys.readouterr().out.splitlines()
    assert "The Al Mustafa International University in Qom" in printed[0]
    assert printed[0].endswith("[1] 004_070fadea8f8c3623.txt, paragraph 4")
    assert printed[-1] == LAST_LINE[name]
