"""What every embedder must do, and what the real model's embedder does besides."""

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from rag import Library
from rag.errors import ForeignVectorsError, ModelError
from rag.models import registry
from rag.models.base import Embedder
from rag.models.compiled.cache import compiled
from rag.models.hashing import HashingEmbedder
from rag.models.registry import SMALL
from rag.models.sentence_transformers import SentenceTransformerEmbedder


@pytest.fixture(scope="session", params=["hashing", "tiny", "bundled", "compiled", "compiled tiny"])
def embedder(request: pytest.FixtureRequest, tiny_model: Path) -> Embedder:
    if request.param == "hashing":
        return HashingEmbedder()
    model = SentenceTransformerEmbedder(str(tiny_model) if "tiny" in request.param else SMALL)
    return compiled(model) if "compiled" in request.param else model


TEXTS = [
    "Scholarships in Basra",
    "",
    "Scholarships in Basra",
    "a \ud800 b\0 é 😀 مرحبا",
    "word " * 900,
]


def test_vectors_have_length_one_and_do_not_depend_on_the_batch(embedder: Embedder) -> None:
    vectors = embedder.embed_documents(TEXTS)
    assert vectors.dtype == np.float32
    assert vectors.shape == (5, embedder.source.dimensions)
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(np.ones(5), abs=1e-5)
    assert vectors[0] == pytest.approx(vectors[2], abs=1e-5)
    for text, vector in zip(TEXTS, vectors, strict=True):
        assert embedder.embed_documents([text])[0] == pytest.approx(vector, abs=1e-4)
    assert embedder.embed_query("Who?").shape == (embedder.source.dimensions,)
    assert embedder.embed_documents([]).shape == (0, embedder.source.dimensions)


def test_spans_of_a_text_have_vectors_of_their_own(embedder: Embedder) -> None:
    texts = ["a king slept. rain fell.", "", "one é 😀 two"]
    spans = [[(0, 13), (14, 24)], [], [(0, 3), (6, 7), (3, 4)]]
    vectors, parts = embedder.embed_with_spans(texts, spans)
    assert vectors == pytest.approx(embedder.embed_documents(texts), abs=1e-4)
    assert [part.shape for part in parts] == [(n, embedder.source.dimensions) for n in (2, 0, 3)]
    lengths = np.linalg.norm(np.concatenate(parts), axis=1)
    assert all(abs(length - 1) < 1e-4 or length == 0 for length in lengths)
    assert lengths[:2] == pytest.approx([1, 1], abs=1e-4)
    assert float(parts[0][0] @ parts[0][1]) < 0.999
    alone, _ = embedder.embed_with_spans(texts[:1], spans[:1])
    assert alone[0] == pytest.approx(vectors[0], abs=1e-4)


def test_words_have_vectors_of_length_one_or_none(embedder: Embedder) -> None:
    vectors = embedder.word_vectors(["king", "queen", "king", "\ud800"])
    assert len(vectors) == 4
    assert vectors[0] == pytest.approx(vectors[2])
    lengths = np.linalg.norm(vectors, axis=1)
    assert all(length == pytest.approx(1, abs=1e-5) or length == 0 for length in lengths)
    assert len(embedder.word_vectors([])) == 0


def test_a_model_tells_the_languages_it_knows() -> None:
    embedder = SentenceTransformerEmbedder(SMALL)
    assert embedder.knows(["qom", "scholarships", "2,000", "rapprochement"])
    assert embedder.knows(["université", "bourses"])
    assert not embedder.knows(["الجامعة", "المنح", "الدراسية"])
    assert not embedder.knows(["دانشگاه", "قم"])
    assert not embedder.knows(["אוניברסיטה"])
    assert not embedder.knows(["大学", "奨学金"])
    assert not embedder.knows(["университет", "стипендии"])
    assert embedder.knows([])
    assert HashingEmbedder().knows(["الجامعة"])


@pytest.mark.slow
def test_the_real_models_words_and_spans_know_their_meaning() -> None:
    embedder = SentenceTransformerEmbedder(SMALL)
    wife, spouse, rain = embedder.word_vectors(["wife", "spouse", "rain"])
    assert float(wife @ spouse) > 0.4 > 0.2 > float(wife @ rain)
    text = "Marie Curie won two prizes. She was born in Warsaw."
    _, [late] = embedder.embed_with_spans([text], [[(0, 27), (28, 51)]])
    born = embedder.embed_query("Where was Marie Curie born?")
    apart = embedder.embed_documents([text[28:]])[0]
    assert float(late[1] @ born) > float(apart @ born)  # "she" is known to be Marie Curie


def test_spans_are_embedded_one_by_one_where_tokens_are_not_averaged(tiny_model: Path) -> None:
    embedder = SentenceTransformerEmbedder(str(tiny_model))
    embedder._model[1].pooling_mode = "cls"
    _, [parts] = embedder.embed_with_spans(["one two"], [[(0, 3), (4, 7)]])
    assert parts == pytest.approx(embedder.embed_documents(["one", "two"]), abs=1e-5)


def test_token_spans_lie_in_order_within_the_text(embedder: Embedder) -> None:
    for text, spans in zip(TEXTS, embedder.token_spans(TEXTS), strict=True):
        assert all(0 <= start < end <= len(text) for start, end in spans)
        assert all(a[0] <= b[0] for a, b in pairwise(spans))
    [spans] = embedder.token_spans(["one é two"])
    assert spans[0][0] == 0
    assert spans[-1][1] == 9


def test_text_within_the_token_limit_is_not_cut_off(embedder: Embedder) -> None:
    """A change in the last token that fits must change the vector."""
    words = ["b"] * embedder.max_tokens
    full, changed = " ".join(words), " ".join([*words[:-1], "q"])
    assert len(embedder.token_spans([full])[0]) == embedder.max_tokens
    one, other = embedder.embed_documents([full, changed])
    assert float(one @ other) < 0.99999


def test_the_scale_tells_strangers_from_answers() -> None:
    for embedder in (HashingEmbedder(), SentenceTransformerEmbedder(SMALL)):
        assert embedder.source.related - embedder.source.unrelated > 0.2


def test_a_models_own_prompts_are_used(tiny_model: Path) -> None:
    embedder = SentenceTransformerEmbedder(str(tiny_model))
    from sentence_transformers import SentenceTransformer

    plain = SentenceTransformer(str(tiny_model), device="cpu")
    query, document = plain.encode(["ask: x", "text: x"], normalize_embeddings=True)
    assert embedder.embed_query("x") == pytest.approx(query, abs=1e-5)
    assert embedder.embed_documents(["x"])[0] == pytest.approx(document, abs=1e-5)


def test_a_library_remembers_its_model_and_refuses_another(
    tiny_model: Path, tmp_path: Path
) -> None:
    (tmp_path / "a.txt").write_text("some words to be found again")
    with Library.open(tmp_path / "library", model=str(tiny_model)) as library:
        library.add(tmp_path / "a.txt")
    with Library.open(tmp_path / "library") as library:
        assert library.ask("words").passages[0].text == "some words to be found again"
        assert library.status().model == str(tiny_model)
    with Library.open(tmp_path / "library", model="hashing") as library:
        with pytest.raises(ForeignVectorsError, match="Leave out --model"):
            library.ask("words")
        (tmp_path / "b.txt").write_text("more words")
        with pytest.raises(ForeignVectorsError):
            library.add(tmp_path / "b.txt")
        assert [info.name for info in library.documents()] == ["a.txt"]


def test_fingerprints_differ_with_the_weights(tiny_model: Path, tmp_path: Path) -> None:
    import shutil

    from safetensors.numpy import load_file, save_file

    changed = tmp_path / "changed"
    shutil.copytree(tiny_model, changed)
    [weights] = changed.rglob("model.safetensors")
    tensors = load_file(weights)
    tensors["embeddings.word_embeddings.weight"][7, 3] += 1
    save_file(tensors, weights, metadata={"format": "pt"})
    one, other = (
        SentenceTransformerEmbedder(str(tiny_model)),
        SentenceTransformerEmbedder(str(changed)),
    )
    assert one.source.fingerprint != other.source.fingerprint
    assert one.source.fingerprint == SentenceTransformerEmbedder(str(tiny_model)).source.fingerprint


def test_a_model_that_is_not_there_is_reported(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="cannot be loaded"):
        SentenceTransformerEmbedder(str(tmp_path / "nothing")).embed_query("x")


def test_altered_weights_of_the_bundled_model_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "model.safetensors").write_bytes(b"other weights")
    file = str(tmp_path / "model.safetensors")
    bundle = replace(registry._BUNDLES[SMALL], package="rag", file=file)
    monkeypatch.setitem(registry._BUNDLES, SMALL, bundle)
    with pytest.raises(ModelError, match="SHA-256 differs"):
        SentenceTransformerEmbedder(SMALL).embed_query("x")


def test_the_bundled_weights_are_the_official_release() -> None:
    assert registry.model_digest(SMALL) == (
        "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
    )
    with registry.model_folder(SMALL) as folder:
        assert registry.file_digest(Path(folder, "model.safetensors")) == (
            "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
        )
