"""Settings are read from environment variables, and a wrong one is refused in words."""

import pytest

from rag.config import answer_seconds
from rag.errors import SettingError


def test_a_question_has_five_seconds_unless_a_setting_says_otherwise(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("QUOTH_ANSWER_SECONDS")
    assert answer_seconds() == 5.0
    monkeypatch.setenv("QUOTH_ANSWER_SECONDS", "12.5")
    assert answer_seconds() == 12.5


@pytest.mark.parametrize("value", ["", "soon", "0", "-1", "nan", "inf"])
def test_a_time_that_is_none_is_refused(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QUOTH_ANSWER_SECONDS", value)
    with pytest.raises(SettingError, match="Set it to a number of seconds above 0"):
        answer_seconds()
