"""A server uses the judgements made since the last fit when it starts, and holds nobody up."""

import logging

import pytest
from tests_support import FILES, write_files

from rag import CancelledWorkError, Library, StoreUnwritableError
from ui.app_state import AppState
from ui.server import _warm_up


@pytest.fixture
def state(library: Library, tmp_path) -> AppState:
    library.add(write_files(tmp_path / "docs", FILES))
    for number in range(20):
        library.judge(f"Who is the mayor of town {number}?", None, answers=False)
    return AppState(library)


def test_judgements_are_used_at_the_start(state: AppState) -> None:
    _warm_up(state)
    calibrated = state.library.status().calibrated
    assert calibrated is not None
    assert (calibrated.questions, calibrated.applies) == (20, True)
    state.close()


def test_a_library_that_cannot_be_written_is_served(
    state: AppState, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(encoded: str | None) -> None:
        raise StoreUnwritableError("Cannot write to the library.")

    monkeypatch.setattr(state.library.store, "note_calibration", refuse)
    with caplog.at_level(logging.INFO):
        _warm_up(state)
    assert "the judgements were not used: Cannot write to the library." in caplog.text
    assert state.is_ready
    state.close()


def test_a_server_that_stops_does_not_wait_for_a_fit(state: AppState) -> None:
    state.close()
    with pytest.raises(CancelledWorkError):
        state.calibrate()
    assert state.library.status().calibrated is None
