"""Counts with their nouns."""

from rag.text.plurals import counted, plural


def test_a_noun_agrees_with_its_count() -> None:
    assert [counted(count, "file") for count in (0, 1, 2)] == ["0 files", "1 file", "2 files"]
    assert counted(3, "weaker match", "weaker matches") == "3 weaker matches"
    assert plural(1, "weaker match", "weaker matches") == "weaker match"
