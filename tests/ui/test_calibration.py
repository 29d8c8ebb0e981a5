"""A server uses the judgements made since the last fit when it starts, and holds nobody up."""

import json
import logging
import re
from html import unescape
from pathlib import Path

import pytest
from api_support import application
from tests_support import FILES, Newest, small_library, write_files

from rag import CancelledWorkError, Library, StoreUnwritableError
from rag.cli.main import run
from ui.app_state import AppState
from ui.server import _warm_up


@pytest.fixture
def state(library: Library, tmp_path: Path) -> AppState:
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


QUESTION = "Who is the mayor of Basra?"


def test_that_nothing_answers_is_stored_as_the_command_line_stores_it(tmp_path: Path) -> None:
    folder = small_library(tmp_path / "other")
    assert run(["judge", QUESTION, "--none", "--library", str(folder)]) == 0
    with Library.open(folder) as other:
        by_command = Newest(other.store).feedback()
    with application(tmp_path / "served") as (client, state):
        body = {"question": QUESTION, "answers": False}
        said = client.post("/page/judge", json=body).json()
        assert said == {
            "message": "Noted, on this machine only",
            "judged": {"nothing": True, "good": [], "bad": []},
        }
        assert Newest(state.library.store).feedback() == by_command != []
        report = state.library.calibrate()
        assert (report.judged, report.used, report.unanswerable) == (1, 1, 1)
        refused = client.post("/page/judge", json={"question": QUESTION, "answers": True}).json()
        assert "which passage answers" in refused["message"]


def test_what_was_said_is_told_with_the_answer_and_can_be_taken_back(tmp_path: Path) -> None:
    with application(tmp_path) as (client, state):
        question = "What colour are the pears?"
        citation = state.library.ask(question).passages[0].citation
        at = f"{citation.document_id} {citation.start} {citation.end}"
        place = {
            "key": citation.document_id,
            "start": citation.start,
            "end": citation.end,
            "sha256": citation.sha256,
        }

        def judge(answers: bool | None, place: dict | None = place) -> dict:
            body = {"question": question, "place": place, "answers": answers}
            return client.post("/page/judge", json=body).json()

        def shown(spelling: str) -> dict:
            html = client.post("/page/ask", json={"question": spelling}).json()["html"]
            judged = re.search('data-judged="([^"]*)"', html)
            return json.loads(unescape(judged[1]))

        nothing, good = {"nothing": True, "good": [], "bad": []}, [at]
        assert shown(question) == {"nothing": False, "good": [], "bad": []}
        assert judge(True)["judged"] == {"nothing": False, "good": good, "bad": []}
        assert judge(False, None)["judged"] == nothing
        assert shown("what colour are  the pears") == nothing  # as it is the same question
        assert judge(None, None) == {
            "message": "Taken back",
            "judged": {"nothing": False, "good": good, "bad": []},
        }
        assert judge(None)["judged"] == shown(question) == {"nothing": False, "good": [], "bad": []}
        assert Newest(state.library.store).feedback() == []
        assert judge(False)["judged"] == {"nothing": False, "good": [], "bad": [at]}
