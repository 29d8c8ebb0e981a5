"""What every test may use: the seed documents, small stores, and libraries without a model."""

import hashlib
import os
import shutil
import signal
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import httpx
import httpx2
import pytest
from filelock import FileLock
from hypothesis import HealthCheck, settings
from tests_support import BASRA, PATIENCE, QOM, ROOT, SEEDS

from rag import Library
from rag.models.compiled.cache import compiled
from rag.models.compiled.compile import compile_into
from rag.models.compiled.runtimes import Compiler
from rag.models.registry import MULTILINGUAL, SMALL
from rag.models.sentence_transformers import SentenceTransformerEmbedder

# A slow machine is no fault of an example, and CI tries the same examples each time.
settings.register_profile(
    "quoth",
    deadline=None,
    derandomize=bool(os.environ.get("CI")),
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("quoth")

_FIRST = ("ui", "test_documentation.py", "rag/models", "rag/cli", "rag/formats")
"""Of the tests, what takes longest: begun last, it would leave one process at work alone."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put modules that take long first, and keep the others in their order."""
    first = [ROOT / "tests" / name for name in _FIRST]

    def place(item: pytest.Item) -> int:
        folders = (item.path, *item.path.parents)
        return next((n for n, one in enumerate(first) if one in folders), len(first))

    items.sort(key=place)


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
        patch.setattr("rag.models.compiled.cache.compile_into", partial(_compile_once, cache))
        yield cache


def _compile_once(
    cache: Path, folder: Path, reference: SentenceTransformerEmbedder, kind: Compiler
) -> None:
    """Compile a model, unless another process of the tests is at it: wait for that one then."""
    if cache not in folder.parents:
        compile_into(folder, reference, kind)
        return
    cache.mkdir(parents=True, exist_ok=True)
    with FileLock(cache / f"{folder.name}.lock"):
        if not folder.is_dir():
            compile_into(folder, reference, kind)


@pytest.fixture(scope="session")
def small_model(compiled_models: Path) -> None:
    """Have the bundled model compiled, before programs start that would each compile it."""
    compiled(SentenceTransformerEmbedder(SMALL))


@pytest.fixture(scope="session")
def multilingual_model(compiled_models: Path) -> None:
    """Have the multilingual model compiled, as `small_model` has the other."""
    compiled(SentenceTransformerEmbedder(MULTILINGUAL))


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
