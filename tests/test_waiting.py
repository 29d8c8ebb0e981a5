"""Tests wait long enough: what has to come may take its time on a busy machine."""

import ast
from collections.abc import Iterator
from pathlib import Path

from tests_support import ROOT

LEAST = 30
"""Seconds."""
WAITING = {
    "AsyncClient", "Client", "communicate", "delete", "get", "join", "post", "put", "request",
    "result", "run", "wait", "wait_for",
}  # fmt: skip


def hasty(path: Path) -> Iterator[str]:
    """Give the calls of a test that wait too short a time, written as a number."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.attr if isinstance(node.func, ast.Attribute) else ""
        in_milliseconds = name.startswith(("to_", "wait_for_", "set_default_"))
        if not (in_milliseconds or name in WAITING):
            continue
        given = [word.value for word in node.keywords if word.arg == "timeout"]
        if name in {"wait", "join", "result"} or name.startswith("set_default_"):
            given += node.args[:1]
        for number in given:
            if isinstance(number, ast.Constant) and isinstance(number.value, int | float):
                seconds = number.value / (1000 if in_milliseconds else 1)
                if seconds < LEAST:
                    yield f"line {node.lineno}: {name} waits {seconds:g} s"


def test_what_has_to_come_is_waited_for() -> None:
    """What must not come is waited for shortly, for `A_MOMENT`."""
    tests = sorted((ROOT / "tests").rglob("*.py"))
    assert [f"{path.relative_to(ROOT)}, {one}" for path in tests for one in hasty(path)] == []


def test_short_waits_are_noticed(tmp_path: Path) -> None:
    test = tmp_path / "test.py"
    test.write_text(
        "event.wait(5)\nthread.join(PATIENCE)\nprocess.communicate(timeout=31)\n"
        "expect(page).to_have_text('x', timeout=20_000)\nhttpx.get('x', timeout=2.5)\n"
        "','.join('x')\nqueue.get(timeout=9)\n"
    )
    assert sorted(hasty(test)) == [
        "line 1: wait waits 5 s",
        "line 4: to_have_text waits 20 s",
        "line 5: get waits 2.5 s",
        "line 7: get waits 9 s",
    ]
