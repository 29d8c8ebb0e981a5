"""Keeping NumPy's threads from the cores."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests_support import PATIENCE
from threadpoolctl import ThreadpoolController

from rag import Library
from rag.models.hashing import HashingEmbedder
from vector_store.indexes.threads import products_on_one_core


@pytest.fixture
def two_threads() -> Iterator[None]:
    """Have NumPy multiply on two threads, also on a machine with one core."""
    pools = ThreadpoolController().select(threading_layer="pthreads")
    with pools.limit(limits=2):
        yield


def threads() -> int:
    """Return on how many threads NumPy multiplies: other packages may bring a BLAS as well."""
    found = ThreadpoolController().select(threading_layer="pthreads").info()
    return min(library["num_threads"] for library in found)


pytestmark = pytest.mark.skipif(
    not ThreadpoolController().select(threading_layer="pthreads").info(),
    reason="NumPy's BLAS has no threads of its own",
)


@pytest.mark.usefixtures("two_threads")
def test_products_are_on_one_core_until_the_last_thread_has_left() -> None:
    assert threads() == 2
    entered, leave = threading.Event(), threading.Event()

    def other() -> None:
        with products_on_one_core():
            entered.set()
            leave.wait(PATIENCE)

    thread = threading.Thread(target=other)
    with products_on_one_core():
        assert threads() == 1
        thread.start()
        assert entered.wait(PATIENCE)
    assert threads() == 1  # the other is still inside
    leave.set()
    thread.join()
    assert threads() == 2


@pytest.mark.usefixtures("two_threads")
def test_an_error_inside_gives_the_threads_back() -> None:
    with pytest.raises(ZeroDivisionError), products_on_one_core():
        raise ZeroDivisionError
    assert threads() == 2


@pytest.mark.usefixtures("two_threads")
def test_a_question_is_answered_with_products_on_one_core(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "basra.txt").write_text("Basra lies on the Shatt al-Arab.")
    library.add(tmp_path / "basra.txt")
    seen: list[int] = []
    real = HashingEmbedder.embed_query

    def embed_query(self: HashingEmbedder, text: str) -> object:
        seen.append(threads())
        return real(self, text)

    monkeypatch.setattr(HashingEmbedder, "embed_query", embed_query)
    assert library.ask("Where does Basra lie?").passages
    assert set(seen) == {1}
    assert threads() == 2
