"""Changing the model: the old vectors answer until the new are whole, and nothing is lost."""

from pathlib import Path

import pytest
from tests_support import SEEDS, ask_texts, write_files

from rag import Library, library_models
from rag.errors import StoreBusyError
from rag.indexing.pipeline import Progress
from rag.models.hashing import HashingEmbedder
from vector_store.base import VectorSource

QUESTION = "Which subjects can students from Gaza study in Basra?"


class Other(HashingEmbedder):
    """Another model: the same terms, other directions."""

    @property
    def source(self) -> VectorSource:
        from dataclasses import replace

        return replace(super().source, model="other", fingerprint="other")


@pytest.fixture(autouse=True)
def other(monkeypatch: pytest.MonkeyPatch) -> None:
    def embedder_for(model: str, runtime: str | None = None) -> HashingEmbedder:
        return Other() if model == "other" else HashingEmbedder()

    monkeypatch.setattr(library_models, "embedder_for", embedder_for)


def test_a_library_answers_by_the_old_model_until_the_new_one_is_whole(library: Library) -> None:
    library.add(SEEDS)
    before = ask_texts(library, QUESTION)
    seen = []

    def look(progress: Progress) -> None:
        seen.append(progress.name)
        assert library.status().model == "hashing"
        assert ask_texts(library, QUESTION) == before
        with pytest.raises(StoreBusyError):
            library.add(SEEDS)

    assert library.switch("other", progress=look) == 2
    assert set(seen) == {info.name for info in library.documents()}
    assert library.status().model == "other"
    assert ask_texts(library, QUESTION) == before  # its vectors are the same ones
    assert library.verify().problems == ()
    assert library.add(SEEDS).unchanged == 2


def test_an_interrupted_change_goes_on_where_it_stopped(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rag.indexing.batch_embedder._BATCH_WINDOWS", 1)
    write_files(tmp_path / "docs", {f"{name}.txt": f"The {name} rests." for name in "abcdef"})
    library.add(tmp_path / "docs")
    names = []

    def stop_at_d(progress: Progress) -> None:
        names.append(progress.name)
        if progress.name == "d.txt":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        library.switch("other", progress=stop_at_d)
    assert library.status().model == "hashing"
    names.clear()
    assert library.switch("other", progress=lambda progress: names.append(progress.name)) == 6
    assert "a.txt" not in names
    assert {"d.txt", "e.txt", "f.txt"} <= set(names)
    assert library.status().model == "other"


def test_another_process_sees_the_change(
    library: Library, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    library.add(SEEDS)
    with Library.open(tmp_path / "library") as reader:
        before = ask_texts(reader, QUESTION)
        library.switch("other")
        assert ask_texts(reader, QUESTION) == before
        assert reader.embedder.source.model == "other"
    with Library.open(tmp_path / "library") as later:
        assert ask_texts(later, QUESTION) == before
    assert caplog.messages == []  # indexes of the model before are no damage
