"""The password: how often it may be guessed, how many guesses are checked at once, sessions."""

import base64
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import anyio
import pytest
from api_support import application
from starlette.testclient import TestClient
from tests_support import PATIENCE

from ui.security import lockout, password_checker, sessions
from ui.security.lockout import LockedError
from ui.security.password_checker import CrowdedError, PasswordChecker, WrongPasswordError
from ui.security.passwords import hash_password
from ui.security.sessions import Sessions

RIGHT = "correct horse"
HASH = hash_password(RIGHT)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Replace the clock by one that the test sets."""
    now = [1_000.0]
    monkeypatch.setattr(lockout.time, "monotonic", lambda: now[0])
    return now


class Checks:
    """Stands in for hashing: counts the checks, and how many go on at once."""

    def __init__(self) -> None:
        self.done = self.most = 0
        self._now = 0
        self._lock = threading.Lock()
        self.may_go_on = threading.Event()

    def __call__(self, password: str, password_hash: str) -> bool:
        with self._lock:
            self._now += 1
            self.most = max(self.most, self._now)
        assert self.may_go_on.wait(PATIENCE)
        with self._lock:
            self._now -= 1
            self.done += 1
        return password == RIGHT


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Compare passwords without hashing them."""
    monkeypatch.setattr(password_checker, "matches", lambda password, _: password == RIGHT)


async def guess(checker: PasswordChecker, client: str, password: str) -> str:
    try:
        await checker.check(client, password)
    except (WrongPasswordError, LockedError, CrowdedError) as error:
        return type(error).__name__
    return "in"


def in_turn(checker: PasswordChecker, *attempts: tuple[str, str]) -> list[str]:
    async def all_of_them() -> list[str]:
        return [await guess(checker, *attempt) for attempt in attempts]

    return run(all_of_them)


def run(work: Any) -> Any:
    """Run in a thread: the loop of the browser tests runs in this one."""
    results: list[Any] = []
    thread = threading.Thread(target=lambda: results.append(anyio.run(work)))
    thread.start()
    thread.join()
    return results[0]


@pytest.mark.usefixtures("quick")
def test_a_client_is_locked_out_for_a_while(clock: list[float]) -> None:
    checker = PasswordChecker(HASH)
    wrong = ("1.2.3.4", "wrong guess")
    assert in_turn(checker, *[wrong] * 6) == ["WrongPasswordError"] * 5 + ["LockedError"]
    assert in_turn(checker, ("1.2.3.4", RIGHT), ("5.6.7.8", RIGHT)) == ["LockedError", "in"]
    clock[0] += lockout.LOCK_SECONDS + 1
    assert in_turn(checker, wrong, ("1.2.3.4", RIGHT)) == ["WrongPasswordError", "LockedError"]
    clock[0] += lockout.LOCK_SECONDS + 1
    assert in_turn(checker, ("1.2.3.4", RIGHT), *[wrong] * 4) == ["in"] + ["WrongPasswordError"] * 4
    assert in_turn(checker, ("1.2.3.4", RIGHT)) == ["in"]


@pytest.mark.usefixtures("quick")
def test_a_session_ends_in_time(clock: list[float]) -> None:
    open_sessions = Sessions(PasswordChecker(HASH))

    async def log_in() -> str:
        return await open_sessions.log_in("1.2.3.4", RIGHT)

    token = run(log_in)
    assert open_sessions.is_open(token)
    assert not open_sessions.is_open(token + "x")
    clock[0] += sessions.SESSION_SECONDS + 1
    assert not open_sessions.is_open(token)
    token = run(log_in)
    open_sessions.log_out(token)
    assert not open_sessions.is_open(token)


def test_guesses_at_once_are_no_more_than_guesses_in_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    checks = Checks()
    checker = PasswordChecker(HASH)
    monkeypatch.setattr(password_checker, "matches", checks)
    results: dict[int, str] = {}

    async def guess_once(number: int) -> None:
        password = RIGHT if number == 29 else f"wrong guess {number}"
        results[number] = await guess(checker, "1.2.3.4", password)

    async def at_once() -> None:
        async with anyio.create_task_group() as group:
            for number in range(40):
                group.start_soon(guess_once, number)
            while len(results) < 35:
                await anyio.sleep(0.01)
            checks.may_go_on.set()

    run(at_once)
    assert "in" not in results.values()
    assert sorted(results.values()) == ["LockedError"] * 35 + ["WrongPasswordError"] * 5
    assert (checks.done, checks.most) == (5, 1)


def test_a_bounded_number_of_guesses_waits_and_takes_nobodys_thread(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    checks = Checks()
    checker = PasswordChecker(HASH)
    monkeypatch.setattr(password_checker, "matches", checks)
    results: list[str] = []

    async def guess_once(number: int) -> None:
        results.append(await guess(checker, f"10.0.0.{number}", RIGHT))

    async def at_once() -> None:
        limiter = anyio.to_thread.current_default_thread_limiter()
        async with anyio.create_task_group() as group:
            for number in range(15):
                group.start_soon(guess_once, number)
            while len(results) < 4:
                await anyio.sleep(0.01)
            assert limiter.borrowed_tokens == 0
            checks.may_go_on.set()

    run(at_once)
    assert results == ["CrowdedError"] * 4 + ["in"] * 11
    assert (checks.done, checks.most) == (11, 1)


@pytest.mark.usefixtures("quick")
def test_all_clients_together_guess_so_often_a_minute(clock: list[float]) -> None:
    checker = PasswordChecker(HASH)
    many = [(f"10.0.{number // 250}.{number % 250}", "wrong guess") for number in range(25)]
    results = in_turn(checker, *many)
    assert results == ["WrongPasswordError"] * 20 + ["LockedError"] * 5
    assert in_turn(checker, ("192.168.1.2", RIGHT)) == ["LockedError"]
    clock[0] += 61  # the owner gets in as soon as the guessing ends
    assert in_turn(checker, *[("192.168.1.2", RIGHT)] * 30) == ["in"] * 30


@pytest.mark.usefixtures("quick")
def test_a_flood_of_addresses_frees_nobody_who_is_locked_out(clock: list[float]) -> None:
    checker = PasswordChecker(HASH)
    assert in_turn(checker, *[("1.2.3.4", "wrong guess")] * 5)[-1] == "WrongPasswordError"
    clock[0] += 61
    flood = [(f"10.{n >> 16}.{n >> 8 & 255}.{n & 255}", "wrong guess") for n in range(12_000)]
    in_turn(checker, *flood)
    assert in_turn(checker, ("1.2.3.4", RIGHT)) == ["LockedError"]
    assert len(checker._lockout) <= 1 + lockout.MOST_A_MINUTE
    clock[0] += 3_601
    assert in_turn(checker, ("1.2.3.4", RIGHT)) == ["in"]
    assert len(checker._lockout) == 0


@pytest.mark.usefixtures("quick")
def test_addresses_of_one_subscriber_are_one_client() -> None:
    checker = PasswordChecker(HASH)
    six = [(f"2001:db8:1:2::{number:x}", "wrong guess") for number in range(6)]
    assert in_turn(checker, *six)[-1] == "LockedError"
    assert in_turn(checker, ("2001:db8:1:3::1", RIGHT)) == ["in"]
    mapped = [("::ffff:1.2.3.4", "wrong guess"), ("1.2.3.4", "wrong guess")] * 3
    assert in_turn(checker, *mapped)[-1] == "LockedError"


@pytest.fixture
def client(tmp_path: Path) -> Iterator[TestClient]:
    options = {"password": HASH, "needs_key": True}
    with application(tmp_path, with_gradio=False, **options) as (test_client, _):
        yield test_client


def test_who_is_locked_out_is_told_for_how_long(client: TestClient) -> None:
    for _ in range(5):
        assert client.post("/login", data={"password": "wrong guess"}).status_code == 401
    locked = client.post("/login", data={"password": RIGHT}, follow_redirects=False)
    assert locked.status_code == 429
    assert 0 < int(locked.headers["retry-after"]) <= lockout.LOCK_SECONDS
    assert "Too many wrong passwords" in locked.text
    basic = base64.b64encode(f"any:{RIGHT}".encode()).decode()
    figures = client.get("/metrics", headers={"authorization": f"Basic {basic}"})
    assert figures.status_code == 429
    assert int(figures.headers["retry-after"]) > 0


def test_guesses_at_the_figures_count_as_well(client: TestClient) -> None:
    wrong = {"authorization": "Basic " + base64.b64encode(b"any:wrong guess").decode()}
    responses = [client.get("/metrics", headers=wrong) for _ in range(6)]
    assert [response.status_code for response in responses] == [401] * 5 + [429]
    for other in ("Basic %%%", "Bearer x", "Basic /w==", "x"):
        assert client.get("/metrics", headers={"authorization": other}).status_code == 401
