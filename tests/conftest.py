"""What every test may use: the seed documents, small stores, and libraries without a model."""

import hashlib
import os
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path

import httpx
import httpx2
import pytest
from hypothesis import HealthCheck, settings
from tests_support import BASRA, PATIENCE, QOM, ROOT, SEEDS

from rag import Library

# A slow machine is no fault of an example, and CI tries the same examples each time.
settings.register_profile(
    "quoth",
    deadline=None,
    derandomize=bool(os.environ.get("CI")),
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("quoth")


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Keep every test out of the person's own data folder."""
    monkeypatch.delenv("QUOTH_LIBRARY", raising=False)
    data = tmp_path / "home"
    monkeypatch.setenv("XDG_DATA_HOME", str(data))
    return data


@pytest.fixture(scope="session", autouse=True)
def compiled_models() -> Iterator[Path]:
    """Compile models once for all tests, processes and runs, until the code of models changes."""
    digest = hashlib.sha256()
    for path in sorted((ROOT / "rag" / "models").rglob("*.py")):
        digest.update(path.read_bytes())
    cache = ROOT / ".pytest_cache" / f"models-{digest.hexdigest()[:16]}"
    for other in cache.parent.glob("models-*"):
        if other != cache:
            shutil.rmtree(other, ignore_errors=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("QUOTH_CACHE", str(cache))
        yield cache


@pytest.fixture(scope="session", autouse=True)
def patient_servers() -> Iterator[None]:
    """Let a question take as long as a busy machine needs, in this process and in servers."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("QUOTH_ANSWER_SECONDS", str(PATIENCE))
        yield


@pytest.fixture(scope="session", autouse=True)
def signals_end_processes() -> None:
    """Undo what nohup and a shell's `&` do: programs that tests start would ignore signals too."""
    for number in (signal.SIGINT, getattr(signal, "SIGHUP", signal.SIGINT)):
        if signal.getsignal(number) is signal.SIG_IGN:
            is_interrupt = number == signal.SIGINT
            signal.signal(number, signal.default_int_handler if is_interrupt else signal.SIG_DFL)


@pytest.fixture(scope="session", autouse=True)
def patient_clients() -> Iterator[None]:
    """Let HTTP clients that are given no time wait longer than the five seconds they come with."""
    with pytest.MonkeyPatch.context() as patch:
        for package in (httpx, httpx2):
            for step in ("connect", "read", "write", "pool"):
                patch.setattr(package._config.DEFAULT_TIMEOUT_CONFIG, step, PATIENCE)
        yield


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    """Give an empty library that embeds by hashing: no model, no torch."""
    with Library.open(tmp_path / "library", model="hashing") as opened:
        yield opened


@pytest.fixture(scope="session")
def seeds_library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    """Give a library of the seed documents with the real model. Tests do not change it."""
    with Library.open(tmp_path_factory.mktemp("seeds") / "library") as opened:
        opened.add([SEEDS / BASRA, SEEDS / QOM])
        yield opened
