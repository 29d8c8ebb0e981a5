"""What the commands print beside an answer."""

import pytest

from rag.answers import Answer, Searched, UnknownLanguage
from rag.cli.output import show_answer
from rag.models.registry import SMALL, multilingual


def in_tibetan(model: str) -> Answer:
    return Answer(
        question="ས་གཞི།",
        answered=False,
        confidence=0,
        passages=(),
        searched=Searched(2, 19, 0),
        unknown_language=UnknownLanguage("bo", "Tibetan", model),
    )


def test_a_multilingual_model_is_recommended_unless_it_is_in_use(
    capsys: pytest.CaptureFixture[str],
) -> None:
    show_answer(in_tibetan(SMALL))
    warning = capsys.readouterr().err
    assert f"The model {SMALL} does not know Tibetan" in warning
    assert f"quoth switch {multilingual()}" in warning
    show_answer(in_tibetan(multilingual()))
    assert "quoth switch" not in capsys.readouterr().err


def test_files_that_could_not_be_read_are_counted(capsys: pytest.CaptureFixture[str]) -> None:
    show_answer(
        Answer(question="?", answered=False, confidence=0, passages=(), searched=Searched(2, 9, 3))
    )
    assert capsys.readouterr().out == (
        "Not in your documents (searched 2 of 5 files; 3 could not be read).\n"
    )
