"""The cross-encoder: what it reads, what it is made of, and that it tells answers from others."""

import hashlib
import shutil
from collections.abc import Sequence
from dataclasses import fields, replace
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest

from rag.config import compiled_models_folder
from rag.errors import ModelError, UncompilableError
from rag.models.compiled import cache
from rag.models.compiled.cache import compiled
from rag.models.compiled.compile import compile_into
from rag.models.compiled.embedder import CROSS, HEAD, CompiledEmbedder, DamagedModelError
from rag.models.compiled.runtimes import compiler
from rag.models.cross_encoder import LETTERS, CrossEncoder, excerpt, token_pairs
from rag.models.cross_encoder_weights import (
    SHIPPED,
    Head,
    WeightsFile,
    head_of,
    shipped,
    shipped_digest,
    tensors,
    trained,
    write,
)
from rag.models.registry import SMALL, model_digest
from rag.models.reranker import RerankerOutput
from rag.models.sentence_transformers import SentenceTransformerEmbedder


@pytest.fixture(scope="module")
def reference() -> SentenceTransformerEmbedder:
    return SentenceTransformerEmbedder(SMALL)


@pytest.fixture(scope="module", params=["sentence-transformers", "compiled"])
def cross(request: pytest.FixtureRequest, reference: SentenceTransformerEmbedder) -> CrossEncoder:
    model = compiled(reference) if request.param == "compiled" else reference
    found = model.cross_encoder
    assert found is not None
    return found


def head(width: int, seed: int = 0) -> Head:
    chance = np.random.default_rng(seed)
    shapes = ((width, 2 * width), (width,), (2, width), (2,), (2, width), (width,))
    return Head(*(chance.normal(size=shape).astype(np.float32) for shape in shapes))


def test_an_excerpt_is_whole_sentences_around_one_as_many_as_fit() -> None:
    spans = [(0, 100), (101, 200), (201, 300), (301, 400), (401, 500), (501, 600)]
    assert excerpt(spans, 0) == (0, 400)
    assert excerpt(spans, 2) == (101, 500)  # first what follows, then what stands before
    assert excerpt(spans, 5) == (201, 600)
    assert excerpt(spans, 2, 150) == (201, 300)
    assert excerpt([(0, 9), (10, 10 + 3 * LETTERS)], 1) == (10, 10 + 3 * LETTERS)


@pytest.mark.slow
def test_a_pair_is_the_question_then_the_excerpt_cut_at_the_models_limit(
    reference: SentenceTransformerEmbedder,
) -> None:
    tokenizer = reference.tokenizer
    name = {number: token for token, number in tokenizer.vocabulary.items()}
    [pair] = token_pairs(tokenizer, "Who won?", ["A king won."])
    assert [name[i] for i in pair.ids] == [
        *("[CLS]", "who", "won", "?", "[SEP]"),
        *("a", "king", "won", ".", "[SEP]"),
    ]
    assert pair.second == 5
    assert pair.spans == [(0, 1), (2, 6), (7, 10), (10, 11)]
    [long] = token_pairs(tokenizer, "who " * 100, ["king " * 300])
    assert [name[i] for i in long.ids] == ["[CLS]", *["who"] * 60, "[SEP]", *["king"] * 97, "[SEP]"]
    assert len(long.ids) == 160
    assert long.spans[-1] == (96 * 5, 96 * 5 + 4)
    assert [name[i] for i in token_pairs(tokenizer, "", [""])[0].ids] == ["[CLS]", "[SEP]", "[SEP]"]


def test_what_answers_is_told_from_what_is_only_about_it(cross: CrossEncoder) -> None:
    question = "When was the bridge over the Tigris opened?"
    texts = [
        "The bridge over the Tigris was opened in 1957 by the king.",
        "The bridge over the Tigris is made of steel and 500 metres long.",
        "Salt the water before the pasta goes in.",
    ]
    output = cross.read(question, texts)
    answer, about, other = output.answerability
    assert answer > 1 > -1 > other
    assert answer > about + 1
    assert output.relevance[0] > output.relevance[1] > output.relevance[2]
    assert output.span_margin.argmax() == 0
    assert output.spans[0] is not None
    assert texts[0][slice(*output.spans[0])] == "1957"
    nothing = cross.read(question, [])
    assert nothing.relevance.shape == nothing.answerability.shape == (0,)
    assert nothing.spans == ()


def test_a_logit_does_not_depend_on_what_else_is_read(cross: CrossEncoder) -> None:
    texts = ["Yes.", "The bridge was opened in 1957. " * 5, "é \ud800 😀", ""]
    together = cross.read("When was it opened?", texts)
    alone = [cross.read("When was it opened?", [text]) for text in texts]
    for name in ("relevance", "answerability", "span_margin"):
        values = [float(getattr(output, name)[0]) for output in alone]
        assert getattr(together, name) == pytest.approx(values, abs=0.3)
    assert [output.spans[0] for output in alone[:2]] == list(together.spans[:2])
    assert together.spans[3] is None  # there is no token


def test_the_compiled_cross_encoder_says_what_its_reference_does(
    reference: SentenceTransformerEmbedder,
) -> None:
    ours, theirs = compiled(reference).cross_encoder, reference.cross_encoder
    assert ours is not None
    assert theirs is not None
    texts = ["Basra lies on the Shatt al-Arab.", "It was founded in 636. " * 6, "Nothing."]
    for question in ("When was Basra founded?", "who founded basra"):
        read, expected = ours.read(question, texts), theirs.read(question, texts)
        assert read.relevance == pytest.approx(expected.relevance, abs=0.3)
        assert read.answerability == pytest.approx(expected.answerability, abs=0.3)
        assert read.span_margin == pytest.approx(expected.span_margin, abs=0.6)


def test_a_model_that_none_was_trained_for_has_no_cross_encoder(tiny_model: Path) -> None:
    tiny = SentenceTransformerEmbedder(str(tiny_model))
    assert tiny.cross_encoder is None
    assert compiled(tiny).cross_encoder is None


def test_the_head_is_what_its_formula_says(tmp_path: Path) -> None:
    one = head(2)
    states = np.arange(12, dtype=np.float32).reshape(1, 3, 4)[:, :, :2] / 10
    mask = np.array([[1, 1, 0]])
    pooled = np.array([0.0, 0.1, 0.2, 0.3])  # the first token, and the mean of the two that count
    hidden = np.tanh(one.dense @ pooled + one.dense_bias)
    assert one.logits(states, mask)[0] == pytest.approx(one.out @ hidden + one.out_bias)
    assert one.span_logits(states)[0, 1] == pytest.approx(one.span @ [0.4, 0.5])
    one.save(tmp_path / "head")
    again = Head.load(tmp_path / "head")
    for f in fields(Head):
        assert (getattr(again, f.name) == getattr(one, f.name)).all()
    for damaged in (b"", (tmp_path / "head").read_bytes()[:-9]):
        (tmp_path / "head").write_bytes(damaged)
        with pytest.raises(ModelError, match="head cannot be read"):
            Head.load(tmp_path / "head")


def test_what_training_changed_is_written_and_added_again(
    reference: SentenceTransformerEmbedder, tmp_path: Path
) -> None:
    import torch

    torch.manual_seed(0)
    before = reference.transformer().state_dict()
    matrix, bias = (f"encoder.layer.5.attention.self.query.{kind}" for kind in ("weight", "bias"))
    after = {name: tensor.clone() for name, tensor in before.items()}
    after[matrix] += 0.01 * torch.randn(after[matrix].shape)
    after[bias] += 0.01
    after[matrix][7] = before[matrix][7]  # a row that was left as it was
    write(tmp_path / "made.safetensors", before, after, head(384))
    found = tensors(tmp_path / "made.safetensors")
    assert set(found) == {
        *(f"layers.{matrix}", f"layers.{matrix}.scale", f"layers.{bias}"),
        *(f"head.{f.name}" for f in fields(Head)),
    }
    state = trained(reference.transformer(), found).state_dict()
    apart = (state[matrix] - after[matrix]).abs().max(dim=1).values
    most = (after[matrix] - before[matrix]).abs().max(dim=1).values
    assert (apart <= most / 127 / 2 + 1e-6).all()
    assert torch.equal(state[matrix][7], before[matrix][7])
    assert torch.allclose(state[bias], after[bias])
    untouched = set(before) - {matrix, bias}
    assert all(torch.equal(state[name], before[name]) for name in untouched)
    assert head_of(found).out == pytest.approx(head(384).out, abs=2e-3)
    assert head_of(found).dense == pytest.approx(head(384).dense, abs=2e-3)


@pytest.mark.parametrize("model", SHIPPED)
def test_the_file_is_the_one_that_the_code_names(
    monkeypatch: pytest.MonkeyPatch, model: str
) -> None:
    weights_file = SHIPPED[model]
    data = files("rag.models").joinpath(weights_file.name).read_bytes()
    assert hashlib.sha256(data).hexdigest() == weights_file.sha256 == shipped_digest(model)
    weights = shipped(model)
    assert weights is not None
    assert {name.split(".")[0] for name in weights} == {"layers", "head"}
    monkeypatch.setitem(SHIPPED, model, replace(weights_file, sha256="0" * 64))
    with pytest.raises(ModelError, match=f"{weights_file.name} was altered. Install Quoth again"):
        shipped(model)


def test_another_model_has_no_cross_encoder() -> None:
    assert shipped("somebody/model") is None
    assert shipped_digest("somebody/model") == ""


@pytest.mark.parametrize("name", [f"{CROSS}/graph.bin", HEAD])
def test_a_compiled_model_with_a_damaged_cross_encoder_is_not_used(
    reference: SentenceTransformerEmbedder, tmp_path: Path, name: str
) -> None:
    compiled(reference)
    [made] = compiled_models_folder().glob(f"{model_digest(SMALL)[:20]}-*")
    shutil.copytree(made, tmp_path / "made")
    data = bytearray((tmp_path / "made" / name).read_bytes())
    data[len(data) // 2] ^= 1
    (tmp_path / "made" / name).write_bytes(data)
    with pytest.raises(DamagedModelError, match=f"{name} was altered"):
        CompiledEmbedder(tmp_path / "made", compiler(), SMALL)


@pytest.mark.slow
@pytest.mark.parametrize("off", [1.0, float("nan")])
def test_a_compiled_cross_encoder_that_says_something_else_is_not_kept(
    reference: SentenceTransformerEmbedder,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    off: float,
) -> None:
    real = CrossEncoder.read
    first = reference.cross_encoder

    def read(self: CrossEncoder, question: str, excerpts: Sequence[str]) -> RerankerOutput:
        output = real(self, question, excerpts)
        moved = output.answerability + (0 if self is first else off)
        return replace(output, answerability=moved)

    monkeypatch.setattr(CrossEncoder, "read", read)
    with pytest.raises(UncompilableError, match=r"its cross-encoder is off by up to (1\.|nan)"):
        compile_into(tmp_path / "made", reference, compiler())
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_a_compiled_model_with_another_cross_encoder_is_made_again(
    reference: SentenceTransformerEmbedder,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    compiled(reference)
    made: list[Path] = []
    monkeypatch.setitem(SHIPPED, SMALL, WeightsFile("other.safetensors", "0" * 64))
    monkeypatch.setattr(cache, "_remove", made.append)
    monkeypatch.setattr(cache, "compile_into", lambda folder, *_: made.append(folder))
    caplog.clear()
    with pytest.raises(Exception, match="made with another cross-encoder"):
        compiled(reference)
    assert made[0] == made[1]
    assert "The compiled model was not usable (it was made with another" in caplog.messages[0]
