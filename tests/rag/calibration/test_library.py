"""A library that learns from its judgements: from asking to the next opening."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from tests_support import Newest, write_files

from rag import Library, StoreUnwritableError
from rag.answers import Answer
from rag.calibration import record
from rag.calibration.platt import refitted
from rag.calibration.promise import promised_threshold
from rag.chat.presentation import present
from rag.cli.main import run
from rag.errors import SettingError
from rag.indexing import model_switch
from rag.models.hashing import HashingEmbedder
from rag.query.scope import Searched
from rag.retrieval.calibration import ANSWERED, AS_SHIPPED, THRESHOLD, Recalibration
from rag.retrieval.pipeline import Models

TRADES = ("miller", "baker", "smith", "weaver", "tanner", "cooper", "mason", "potter", "sailor")
TOWNS = ("Basra", "Qom", "Gaza", "Mosul", "Tyre", "Jaffa", "Aleppo", "Najaf", "Kufa")
PAIRS = tuple(zip(TRADES, TOWNS, strict=True))
ANSWERABLE = [f"What does the {trade} of {town} sell?" for trade, town in PAIRS] + [
    f"Where does the {trade} of {town} live?" for trade, town in PAIRS
]
UNANSWERABLE = [f"How old is the {trade}'s horse?" for trade in TRADES] + [
    f"Who is the mayor of {town}?" for town in TOWNS
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Make a library of short documents, and close it."""
    texts = {
        f"{trade}.txt": f"The {trade} of {town} sells bread number {i}.\n\nThe {trade} of {town} "
        f"lives in street {i}."
        for i, (trade, town) in enumerate(PAIRS)
    }
    with Library.open(tmp_path / "library", model="hashing") as made:
        made.add(write_files(tmp_path / "docs", texts))
    return tmp_path / "library"


@pytest.fixture
def trades(folder: Path) -> Iterator[Library]:
    with Library.open(folder) as opened:
        yield opened


def judge(library: Library, answerable: int, unanswerable: int) -> None:
    for question in ANSWERABLE[:answerable]:
        library.judge(question, library.ask(question).passages[0], answers=True)
    for question in UNANSWERABLE[:unanswerable]:
        library.judge(question, None, answers=False)


def first_log_odds(library: Library, questions: list[str]) -> np.ndarray:
    probabilities = np.array([library.search(one, k=1)[0].confidence for one in questions])
    return np.log(probabilities / (1 - probabilities))


def test_nothing_changes_before_twenty_questions(trades: Library) -> None:
    judge(trades, 10, 9)
    assert trades.calibrate_if_due() is None
    before = trades.ask(ANSWERABLE[0])
    report = trades.calibrate()
    assert (report.judged, report.used, report.unanswerable, report.missing) == (19, 19, 9, 1)
    assert report.after == report.before == AS_SHIPPED
    assert trades.status().calibrated is None
    assert trades.ask(ANSWERABLE[0]) == before
    trades.judge(UNANSWERABLE[9], None, answers=False)
    report = trades.calibrate_if_due()
    assert report is not None
    assert (report.used, report.missing) == (20, 0)
    assert report.after != AS_SHIPPED
    assert trades.ask(ANSWERABLE[0]).confidence != before.confidence


def test_it_is_the_fit_to_the_first_passages_as_shipped(trades: Library) -> None:
    questions = ANSWERABLE[:12] + UNANSWERABLE[:10]
    log_odds = first_log_odds(trades, questions)
    judge(trades, 12, 10)
    slope, offset = refitted(log_odds, [True] * 12 + [False] * 10)
    for _ in range(2):  # a second fit starts from what is shipped as well
        after = trades.calibrate().after
        assert (after.slope, after.offset) == pytest.approx((slope, offset), abs=1e-6)
    assert after.threshold == THRESHOLD
    expected = 1 / (1 + np.exp(-(slope * log_odds + offset)))
    shown = [trades.ask(question).confidence for question in questions]
    assert shown == pytest.approx(expected.tolist(), abs=1e-4)
    assert trades.search(questions[0])[0].confidence == pytest.approx(expected[0])


def test_a_promise_sets_the_threshold(trades: Library) -> None:
    judge(trades, 12, 10)
    report = trades.calibrate(0.2)
    assert report.keeps_promise
    confidences = [trades.ask(question).confidence for question in UNANSWERABLE[:10]]
    assert report.after.threshold == promised_threshold(confidences, 0.2)
    answers = [trades.ask(question) for question in UNANSWERABLE[:10]]
    assert sum(answer.answered for answer in answers) <= 1  # (1 + 1) / 11 <= 0.2
    assert {answer.threshold for answer in answers} == {report.after.threshold}
    again = trades.calibrate()
    assert (again.before, again.promise) == (report.after, 0.2)


def test_a_promise_that_needs_more_is_kept_for_later(trades: Library) -> None:
    judge(trades, 17, 3)
    report = trades.calibrate(0.2)
    assert (report.missing, report.missing_unanswerable) == (0, 1)
    assert not report.keeps_promise
    assert report.after.threshold == THRESHOLD
    trades.judge(UNANSWERABLE[5], None, answers=False)
    assert trades.calibrate().keeps_promise


@pytest.mark.parametrize("share", [0.0, 1.0, -1.0, 2.0])
def test_a_promise_is_a_share(trades: Library, share: float) -> None:
    with pytest.raises(SettingError, match="above 0 and below 1"):
        trades.calibrate(share)


def test_what_was_fitted_is_there_at_the_next_opening_until_it_is_reset(folder: Path) -> None:
    with Library.open(folder) as library:
        shipped = library.ask(ANSWERABLE[0])
        judge(library, 12, 10)
        library.calibrate(0.3)
        fitted = library.ask(ANSWERABLE[0])
    assert fitted.confidence != shipped.confidence
    with Library.open(folder) as library:
        assert library.ask(ANSWERABLE[0]) == fitted
        state = library.status().calibrated
        assert state is not None
        assert (state.questions, state.unanswerable, state.promise) == (22, 10, 0.3)
        assert (state.applies, state.model) == (True, "hashing")
        assert state.fitted == datetime.now(UTC).date().isoformat()
        assert library.verify().problems == ()
        library.reset_calibration()
        assert library.status().calibrated is None
        assert library.ask(ANSWERABLE[0]) == shipped
        assert len(library.labelled_questions()) == 22


def test_questions_whose_first_passage_nobody_judged_are_left_out(trades: Library) -> None:
    judge(trades, 12, 8)
    second = trades.ask(ANSWERABLE[15]).passages[1]
    trades.judge(ANSWERABLE[15], second, answers=True)
    trades.judge('"street 3"', trades.ask('"street 3"').passages[0], answers=True)
    trades.judge(ANSWERABLE[0].upper(), trades.ask(ANSWERABLE[0]).passages[0], answers=True)
    report = trades.calibrate()
    assert (report.judged, report.used, report.left_out) == (22, 20, 2)


def test_a_fit_is_due_after_five_judgements_and_a_tenth(
    trades: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    judge(trades, 12, 8)
    assert trades.calibrate_if_due() is not None
    for question in UNANSWERABLE[8:12]:
        trades.judge(question, None, answers=False)
        assert trades.calibrate_if_due() is None
    trades.judge(UNANSWERABLE[12], None, answers=False)
    assert trades.calibrate_if_due() is not None
    monkeypatch.setattr("rag.calibration.report._NEW_SHARE", 0.3)
    for question in UNANSWERABLE[:7]:
        trades.judge(question, None, answers=False)
        assert trades.calibrate_if_due() is None


class _Other(HashingEmbedder):
    """The same vectors under another name and fingerprint."""

    @property
    def source(self):
        return replace(super().source, model="other", fingerprint="other")


def test_it_does_not_apply_to_another_model(trades: Library) -> None:
    judge(trades, 12, 10)
    shipped = trades.ask(ANSWERABLE[0])
    trades.calibrate(0.3)
    other = Models.of(_Other(), None)
    with trades.store.writer() as writer:
        model_switch.switch(writer, other.embedder, None)
    trades._models.switch(other)
    state = trades.status().calibrated
    assert state is not None
    assert not state.applies
    assert trades.ask(ANSWERABLE[0]).confidence == shipped.confidence
    report = trades.calibrate_if_due()  # at once, and with the promise
    assert report is not None
    assert (report.before, report.promise) == (AS_SHIPPED, 0.3)
    assert trades.status().calibrated.applies


def test_it_does_not_apply_to_other_constants(
    trades: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    judge(trades, 12, 10)
    shipped = trades.ask(ANSWERABLE[0])
    trades.calibrate()
    monkeypatch.setattr(record, "THRESHOLD", 0.25)
    record._digest.cache_clear()
    try:
        assert trades.ask(ANSWERABLE[0]) == shipped
        assert not trades.status().calibrated.applies
    finally:
        record._digest.cache_clear()


def test_what_a_later_version_recorded_is_not_used(trades: Library) -> None:
    shipped = trades.ask(ANSWERABLE[0])
    trades.store.note_calibration(json.dumps({"curve": [1, 2]}))
    assert trades.ask(ANSWERABLE[0]) == shipped
    assert trades.status().calibrated is None


def test_no_text_of_questions_or_documents_is_recorded(trades: Library) -> None:
    judge(trades, 12, 10)
    trades.calibrate(0.3)
    encoded = Newest(trades.store).calibration()
    assert not any(word in encoded for word in (*TRADES, *TOWNS, "bread", "street", "horse"))


def test_a_library_that_cannot_be_written_says_so(
    trades: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(encoded: str | None) -> None:
        raise StoreUnwritableError("Cannot write to the library. Make the folder writable.")

    judge(trades, 12, 10)
    monkeypatch.setattr(trades.store, "note_calibration", refuse)
    with pytest.raises(StoreUnwritableError, match="Make the folder writable"):
        trades.calibrate()


def test_a_library_in_memory_learns_as_well(tmp_path: Path) -> None:
    with Library.in_memory(model="hashing") as library:
        library.add(write_files(tmp_path / "docs", {"a.txt": "The miller of Basra sells bread."}))
        judge(library, 12, 10)
        assert library.calibrate().after != AS_SHIPPED
        library.reset_calibration()
        assert library.status().calibrated is None


def test_an_empty_library_has_nothing_to_learn(library: Library) -> None:
    report = library.calibrate()
    assert (report.judged, report.used, report.missing) == (0, 0, 20)
    assert library.calibrate_if_due() is None


def test_passages_are_grouped_by_the_threshold_of_the_answer(trades: Library) -> None:
    answer = trades.ask(ANSWERABLE[0])
    assert (
        answer.threshold
        == THRESHOLD
        == Answer(
            question="", answered=False, confidence=0, passages=(), searched=Searched(0, 0, 0)
        ).threshold
    )
    first, *_ = passages = tuple(
        replace(passage, score=score)
        for passage, score in zip(answer.passages, (0.9, 0.5, 0.2), strict=False)
    )
    raised = replace(answer, answered=True, passages=passages, threshold=0.6, holding=frozenset())
    assert present(raised).strong == (first,)
    assert len(present(replace(raised, threshold=0.3)).strong) == 2


@pytest.mark.parametrize(("threshold", "answered"), [(0.1, ANSWERED), (0.3, ANSWERED), (0.8, 0.8)])
def test_a_high_threshold_leaves_no_room_for_what_may_answer(
    threshold: float, answered: float
) -> None:
    assert Recalibration(threshold=threshold).answered == answered


def test_the_command_tells_what_it_did(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    option = ["--library", str(folder)]
    with Library.open(folder) as library:
        judge(library, 14, 3)
    assert run(["calibrate", "--promise", "1/5", *option]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "17 questions judged, 17 of them used (3 that your documents do not answer).",
        "Nothing is changed before 20 can be used: judge 3 more questions (quoth judge --help).",
        "Slope     1.00 before, 1.00 now",
        "Offset    +0.00 before, +0.00 now",
        "Threshold 15% before, 15% now",
        "To promise at most one in five, judge 1 more question that your documents do not answer: "
        "quoth judge QUESTION --none",
    ]
    assert run(["status", *option]) == 0
    assert "Judged    17 judged questions to fit the probability to, of 20 that are needed" in (
        capsys.readouterr().out
    )
    for question in UNANSWERABLE[3:6]:
        assert run(["judge", question, "--none", *option]) == 0
        printed = capsys.readouterr().out
    assert "Noted." in printed
    assert run(["calibrate", *option]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == (
        "Promise   of questions like these that your documents do not answer, at most one in five "
        "is answered (6 judged)."
    )
    assert run(["status", *option]) == 0
    printed = capsys.readouterr().out
    assert "the probability was fitted to 20 judged questions on 20" in printed
    assert "Promise: of questions like these" in printed
    for question in UNANSWERABLE[6:11]:
        assert run(["judge", question, "--none", *option]) == 0
    assert "The probability was fitted again, to 25 judged questions" in capsys.readouterr().out
    assert run(["status", "--json", *option]) == 0
    assert json.loads(capsys.readouterr().out)["calibrated"]["unanswerable"] == 11
    assert run(["calibrate", "--reset", *option]) == 0
    assert "as shipped" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--promise", "half"], "'half' is not a share, such as 1/5, 0.2 or 20%."),
        (["--promise", "1/0"], "'1/0' is not a share"),
        (["--promise", "5/4"], "The promised share is 1.25, and must be above 0 and below 1."),
        (["--promise", "0%"], "The promised share is 0, and must be above 0 and below 1."),
        (["--promise", "1/5", "--reset"], "only one of --promise and --reset"),
    ],
)
def test_the_command_refuses_what_is_no_share(
    folder: Path, capsys: pytest.CaptureFixture[str], options: list[str], message: str
) -> None:
    assert run(["calibrate", *options, "--library", str(folder)]) == 2
    assert message in " ".join(capsys.readouterr().err.split())


@pytest.mark.parametrize("written", ["1/5", "0.2", "20%", " 20 % "])
def test_a_share_is_written_in_several_ways(
    folder: Path, capsys: pytest.CaptureFixture[str], written: str
) -> None:
    assert run(["calibrate", "--promise", written, "--library", str(folder)]) == 0
    assert "To promise at most one in five, judge 4 more" in capsys.readouterr().out
