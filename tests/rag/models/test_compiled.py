"""The compiled model: as good as the one it is made of, and never mixed with it."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from tests_support import SEEDS, write_files

from rag import Library, factories
from rag.errors import ForeignVectorsError, ModelError, NotCompiledError
from rag.models.compiled import conversion_process, runtimes
from rag.models.compiled.cache import compiled
from rag.models.compiled.compile import compile_into
from rag.models.compiled.conversion_process import convert_in_process
from rag.models.compiled.embedder import MANIFEST, CompiledEmbedder
from rag.models.compiled.fidelity import CheckOutputs, compared
from rag.models.compiled.runtimes import OnnxCompiler, OpenVinoCompiler, compiler
from rag.models.registry import SMALL, model_digest
from rag.models.sentence_transformers import SentenceTransformerEmbedder


def altered(tiny_model: Path, folder: Path, pooling: str) -> Path:
    """Return a copy of the tiny model with another pooling."""
    shutil.copytree(tiny_model, folder)
    [config] = folder.glob("*_Pooling/config.json")
    found = json.loads(config.read_text())
    config.write_text(json.dumps({**found, "pooling_mode": pooling}))
    return folder


def test_the_compiled_model_gives_the_vectors_of_its_reference() -> None:
    reference = SentenceTransformerEmbedder(SMALL)
    made = compiled(reference)
    text = "Marie Curie won two prizes. She was born in Warsaw. " * 3
    spans = [(0, 27), (28, 51), (52, 79)]
    ours, [our_parts] = made.embed_with_spans([text], [spans])
    theirs, [their_parts] = reference.embed_with_spans([text], [spans])
    assert (ours * theirs).sum() > 0.9995
    assert ((our_parts * their_parts).sum(axis=1) > 0.999).all()
    assert made.max_tokens == reference.max_tokens
    [ours], [theirs] = made.token_spans([text]), reference.token_spans([text])
    assert list(ours) == list(theirs)
    assert made.word_vectors(["wife"]) == pytest.approx(reference.word_vectors(["wife"]), abs=1e-3)
    assert made.source.fingerprint == reference.source.fingerprint
    assert made.source.runtime != reference.source.runtime
    assert made.manifest.fidelity == compared(made, reference)
    assert made.manifest.fidelity.cosine_mean > 0.9999


@pytest.mark.slow
@pytest.mark.parametrize("kind", [OpenVinoCompiler(), OnnxCompiler()])
def test_both_runtimes_compile_a_model_with_prompts(
    tiny_model: Path, tmp_path: Path, kind: runtimes.Compiler
) -> None:
    reference = SentenceTransformerEmbedder(str(tiny_model))
    compile_into(tmp_path / "made", reference, kind)
    made = CompiledEmbedder(tmp_path / "made", kind, str(tiny_model))
    texts = ["a", "one two three", "b " * 100, "king", *("word " * n for n in range(1, 50))]
    ours, theirs = made.embed_documents(texts), reference.embed_documents(texts)
    assert (ours * theirs).sum(axis=1) == pytest.approx(np.ones(len(texts)), abs=1e-3)
    assert made.embed_query("x") @ reference.embed_query("x") == pytest.approx(1, abs=1e-3)
    assert abs(float(made.embed_query("x") @ made.embed_documents(["x"])[0])) < 0.9999
    assert made.source.runtime == kind.name()
    assert [path.name for path in tmp_path.iterdir()] == ["made"]


@pytest.mark.slow
def test_a_model_is_converted_in_a_process_of_its_own(tiny_model: Path, tmp_path: Path) -> None:
    """So that torch's memory is returned to the system; errors come back as they were raised."""
    kind, reference = compiler(), SentenceTransformerEmbedder(str(tiny_model))
    outputs = convert_in_process(tmp_path, str(tiny_model), kind)
    assert outputs.documents == pytest.approx(CheckOutputs.of_reference(reference).documents)
    converted = CompiledEmbedder(tmp_path, kind, str(tiny_model))
    assert converted.embed_query("x") @ reference.embed_query("x") == pytest.approx(1, abs=1e-3)
    assert converted.source.fingerprint == reference.source.fingerprint
    with pytest.raises(ModelError, match="cannot be loaded"):
        convert_in_process(tmp_path, str(tmp_path / "nothing"), kind)


def test_a_conversion_that_is_killed_is_reported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(conversion_process, "_PROGRAM", "import os; os.kill(os.getpid(), 9)")
    with pytest.raises(NotCompiledError, match="ended early"):
        convert_in_process(tmp_path, "x", compiler())


def test_a_model_that_does_not_average_runs_as_it_is_and_says_so_once(
    tiny_model: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    model = altered(tiny_model, tmp_path / "cls", "cls")
    for _ in range(2):
        caplog.clear()
        assert isinstance(factories.embedder_for(str(model)), SentenceTransformerEmbedder)
        assert caplog.messages[-1] == (
            f"{model} runs several times slower than it could: "
            "its vector is not the mean of its tokens' vectors."
        )
    assert len(caplog.messages) == 1  # not tried again


@pytest.mark.slow
def test_a_compiled_model_that_gives_other_vectors_is_not_kept(
    tiny_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reference = SentenceTransformerEmbedder(str(tiny_model))

    def turned(texts: Sequence[str]) -> np.ndarray:
        return SentenceTransformerEmbedder.embed_documents(reference, texts)[:, ::-1]

    monkeypatch.setattr(reference, "embed_documents", turned)
    with pytest.raises(NotCompiledError, match="gives other vectors"):
        compile_into(tmp_path / "made", reference, OpenVinoCompiler())
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
@pytest.mark.parametrize("name", ["graph.bin", "tokenizer.json", "embeddings.npy", MANIFEST])
def test_a_damaged_compiled_model_is_made_again(
    tiny_model: Path,
    tmp_path: Path,
    name: str,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setenv("QUOTH_CACHE", str(tmp_path / "cache"))
    before = compiled(SentenceTransformerEmbedder(str(tiny_model))).embed_query("king")
    [file] = (tmp_path / "cache").rglob(name)
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    file.write_bytes(data)
    caplog.clear()
    again = compiled(SentenceTransformerEmbedder(str(tiny_model)))
    assert "The compiled model was not usable" in caplog.messages[0]
    assert again.embed_query("king") == pytest.approx(before)


@pytest.mark.slow
@pytest.mark.parametrize("left", [None, 0, 60])
def test_a_table_that_is_gone_or_cut_short_is_made_again(
    tiny_model: Path, tmp_path: Path, left: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QUOTH_CACHE", str(tmp_path / "cache"))
    before = compiled(SentenceTransformerEmbedder(str(tiny_model))).embed_query("king")
    [file] = (tmp_path / "cache").rglob("embeddings.npy")
    if left is None:
        file.unlink()
    else:
        file.write_bytes(file.read_bytes()[:left])
    again = compiled(SentenceTransformerEmbedder(str(tiny_model)))
    assert again.embed_query("king") == pytest.approx(before)


@pytest.mark.slow
def test_a_library_goes_on_with_the_runtime_that_indexed_it(
    tiny_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_files(tmp_path, {"a.txt": "some words to be found again", "b.txt": "others"})

    def missing() -> str:
        raise NotCompiledError("OpenVINO is not installed")

    with monkeypatch.context() as patch:
        patch.setattr(runtimes, "_openvino", missing)
        patch.setattr(runtimes, "_onnxruntime", missing)
        with Library.open(tmp_path / "plain", model=str(tiny_model)) as library:
            library.add(tmp_path / "a.txt")
    with Library.open(tmp_path / "plain") as library:
        assert isinstance(library.embedder, SentenceTransformerEmbedder)
        library.add(tmp_path / "b.txt")
        assert library.status().counts.documents == 2
    with Library.open(tmp_path / "fast", model=str(tiny_model)) as library:
        assert isinstance(library.embedder, CompiledEmbedder)
        library.add(tmp_path / "a.txt")
    with monkeypatch.context() as patch:
        patch.setattr(runtimes, "_openvino", missing)
        patch.setattr(runtimes, "_onnxruntime", missing)
        with Library.open(tmp_path / "fast") as library:
            assert library.ask("words").passages[0].text == "some words to be found again"
            with pytest.raises(ForeignVectorsError, match="differ in their last digits"):
                library.add(tmp_path / "b.txt")


def test_once_compiled_a_question_needs_neither_torch_nor_anything_that_talks(
    tmp_path: Path, compiled_models: Path
) -> None:
    """The telemetry of OpenVINO, which reports its import over the network, must stay out."""
    compiled(SentenceTransformerEmbedder(SMALL))
    program = f"""
import sys
from rag import Library
with Library.open({str(tmp_path / "library")!r}) as library:
    library.add({str(SEEDS)!r})
    assert library.ask("Which subjects can students study in Basra?").answered
print(*(name for name in ("torch", "transformers", "sentence_transformers", "gradio",
                          "openvino_telemetry.main", "requests") if name in sys.modules))
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert (done.stdout, done.stderr, done.returncode) == ("\n", "", 0)


def test_batches_left_half_way_do_not_come_up_in_the_next() -> None:
    runtime = compiled(SentenceTransformerEmbedder(SMALL))._runtime
    chance = np.random.default_rng(0)
    ones, twos = (chance.normal(size=(1, 16, 384)).astype(np.float32) / 8 for _ in range(2))
    mask = np.ones((1, 16), np.int64)
    for _ in runtime.states([(ones, mask)] * 9):
        break
    found = dict(runtime.states([(twos, mask), (ones, mask)]))
    assert sorted(found) == [0, 1]
    alone = runtime.states_of((twos, mask))
    assert found[0] == pytest.approx(alone, abs=0.05)
    assert np.abs(found[1] - alone).max() > 0.5


@pytest.mark.slow
def test_a_model_that_another_process_compiled_meanwhile_is_kept_once(
    tiny_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rename = Path.rename

    def rename_after_another(made: Path, folder: Path) -> Path:
        shutil.copytree(made, folder)
        return rename(made, folder)

    monkeypatch.setattr(Path, "rename", rename_after_another)
    reference = SentenceTransformerEmbedder(str(tiny_model))
    compile_into(tmp_path / "made", reference, OpenVinoCompiler())
    assert [path.name for path in tmp_path.iterdir()] == ["made"]
    made = CompiledEmbedder(tmp_path / "made", OpenVinoCompiler(), str(tiny_model))
    assert made.embed_query("x") @ reference.embed_query("x") == pytest.approx(1, abs=1e-3)


def test_a_model_that_was_moved_is_known_by_its_new_place(
    tiny_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    compiled(SentenceTransformerEmbedder(str(tiny_model)))
    moved = shutil.copytree(tiny_model, tmp_path / "moved")
    write_files(tmp_path, {"a.txt": "some words"})
    monkeypatch.chdir(tmp_path)
    with Library.open(tmp_path / "library", model="moved") as library:
        library.add("a.txt")
        assert library.status().model == str(moved)


@pytest.mark.slow
@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), NotImplementedError()])
def test_what_cannot_be_compiled_runs_as_it_is(
    tiny_model: Path,
    tmp_path: Path,
    error: Exception,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    import torch  # noqa: F401 (so that the conversion runs in this process)

    monkeypatch.setenv("QUOTH_CACHE", str(tmp_path / "cache"))

    def fails(*given: object) -> None:
        raise error

    with monkeypatch.context() as patch:
        patch.setattr(OpenVinoCompiler, "convert", fails)
        patch.setattr(OnnxCompiler, "convert", fails)
        assert isinstance(factories.embedder_for(str(tiny_model)), SentenceTransformerEmbedder)
    assert ("No space left" if isinstance(error, OSError) else "NotImplementedError") in caplog.text
    again = factories.embedder_for(str(tiny_model))
    # A full disk is a matter of the moment; a model of an unknown kind is not.
    assert isinstance(again, CompiledEmbedder) == isinstance(error, OSError)
    assert not list((tmp_path / "cache").rglob("tmp-*"))


@pytest.mark.slow
def test_what_other_versions_compiled_is_removed(
    tiny_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QUOTH_CACHE", str(tmp_path))
    digest = model_digest(str(tiny_model))
    older = tmp_path / "models" / f"{digest[:20]}-0-openvino-f32-2020.1"
    other = tmp_path / "models" / "another-model"
    left = tmp_path / "models" / "tmp-abc"
    for folder in (older, other, left):
        folder.mkdir(parents=True)
    os.utime(left, (0, 0))
    compiled(SentenceTransformerEmbedder(str(tiny_model)))
    assert (older.exists(), other.exists(), left.exists()) == (False, True, False)
