"""Any sentence-transformers model as an `Embedder`.

torch and sentence-transformers are imported when the first text is embedded, not before.
"""

import hashlib
import math
import os
import re
import threading
from collections.abc import Sequence
from dataclasses import asdict
from functools import cached_property
from typing import TYPE_CHECKING, Any, cast

import numpy as np
from numpy.typing import NDArray

from rag.errors import ModelError
from rag.models.bundled_e5 import PROMPTS as E5_PROMPTS
from rag.models.compiled.runtimes import Batch, States
from rag.models.cross_encoder import CrossEncoder
from rag.models.cross_encoder_weights import BASE, Tensors, head_of, shipped, trained
from rag.models.registry import bundled_languages, full_name, model_digest, model_folder
from rag.models.similarity_scale import similarity_scale
from rag.models.tokenizer import TextTokenizer, text_and_spans
from rag.models.word_vectors import WordTable, common_directions
from rag.text.encodings import encodable
from rag.text.windows import Span
from vector_store.base import VectorSource
from vector_store.records import Vectors

if TYPE_CHECKING:
    import torch
    from sentence_transformers import SentenceTransformer

RUNTIME = "sentence-transformers"
_BATCH = 32
_E5 = re.compile(r"(^|/)(multilingual-)?e5-(small|base|large)(-v2)?$")


class SentenceTransformerEmbedder:
    """A sentence-transformers model, with its own query and document prompts.

    Raises ModelError from any member when the model cannot be loaded. Safe to use from several
    threads; one text is embedded at a time.
    """

    def __init__(self, model: str) -> None:
        """Name the model: a bundled one's name, a folder, or a name on the model hub."""
        self.name = model
        self._lock = threading.RLock()

    @cached_property
    def _model(self) -> "SentenceTransformer":
        with self._lock, model_folder(self.name) as found:
            return _load(found)

    @cached_property
    def source(self) -> VectorSource:
        """Which model this is; its fingerprint covers weights, vocabulary and prompts."""
        with self._lock:
            dimensions = self._model.get_embedding_dimension()
            if dimensions is None:
                raise ModelError(f"The model {self.name!r} does not tell its dimensions.")
            fingerprint = _fingerprint(self._model, self.tokenizer)
            scale = similarity_scale(self.embed_query, self.embed_documents)
            name = full_name(self.name)
            return VectorSource(name, fingerprint, dimensions, runtime=RUNTIME, **asdict(scale))

    @cached_property
    def max_tokens(self) -> int:
        """How many tokens of a document's text fit beside its prompt and special tokens."""
        with self._lock:
            if self.longest is None:
                return 512  # such a model averages word vectors: longer text only blurs it
            [prompt] = self.tokenizer.spans([self.document_prompt])
            room = self.longest - len(prompt) - self.tokenizer.special_tokens
            if room < 16:
                raise ModelError(
                    f"The model {self.name!r} leaves no room for text: {self.longest} tokens."
                )
            return room

    @property
    def query_prompt(self) -> str:
        """What the model puts before every question."""
        return self._prompt("query")

    @property
    def document_prompt(self) -> str:
        """What it puts before every text of a document."""
        return self._prompt("document", "passage", "corpus")

    def _prompt(self, *names: str) -> str:
        """Return what `encode_query` and `encode_document` take: the first of these names."""
        prompts = self._model.prompts or {}
        return next(filter(None, map(prompts.get, names)), "")

    @property
    def longest(self) -> int | None:
        """The most tokens that the model reads of a text, its own and prompts included."""
        limit = self._model.max_seq_length
        return None if limit is None or math.isinf(limit) else int(limit)

    @cached_property
    def tokenizer(self) -> TextTokenizer:
        """The model's tokenizer."""
        from tokenizers import Tokenizer

        wrapped = getattr(self._model, "tokenizer", None)
        tokenizer = getattr(wrapped, "backend_tokenizer", wrapped)
        if not isinstance(tokenizer, Tokenizer):
            raise ModelError(
                f"The model {self.name!r} does not tell where its tokens stand in a text. Choose "
                "one with a fast tokenizer, as nearly all sentence-transformers models have."
            )
        unknown = getattr(wrapped, "unk_token_id", None)
        return TextTokenizer(tokenizer.to_str(), longest=self.longest, unknown=unknown)

    def warm_up(self) -> None:
        """Load the model, fetching it where it is not here yet. Raises ModelError."""
        self._model  # noqa: B018

    def transformer(self) -> "torch.nn.Module":
        """Return what makes vectors of tokens."""
        inner: Any = self._model[0].auto_model
        return cast("torch.nn.Module", inner)

    @cached_property
    def cross_weights(self) -> Tensors | None:
        """What training changed in the model to make its cross-encoder; None if it has none."""
        return shipped() if model_digest(self.name) == BASE else None

    @cached_property
    def cross_encoder(self) -> CrossEncoder | None:
        """What was trained from this model to read a question and passages together, if any."""
        if self.cross_weights is None:
            return None
        import torch

        model, head = trained(self.transformer(), self.cross_weights), head_of(self.cross_weights)

        def states(batch: Batch) -> States:
            embeddings, mask = map(torch.from_numpy, batch)
            with self._lock, torch.inference_mode():
                found = model(inputs_embeds=embeddings, attention_mask=mask)
            made: States = found.last_hidden_state.numpy()
            return made

        return CrossEncoder(self.tokenizer, self.input_embeddings(), head, states)

    def token_spans(self, texts: Sequence[str]) -> Sequence[Sequence[Span]]:
        """Return where each text's tokens stand in it, in order."""
        return self.tokenizer.spans(texts)

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
        """Return the vectors of texts and of their spans; see `text_and_spans`.

        Where the model's vector is not the mean of its tokens', the spans are embedded one by one.
        """
        if not self.averages_tokens:
            return self._embed_apart(texts, spans)
        vectors = np.empty((len(texts), self.source.dimensions), np.float32)
        parts: list[Vectors] = [np.empty((0, self.source.dimensions), np.float32)] * len(texts)
        order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
        before = len(self.document_prompt)
        for first in range(0, len(order), _BATCH):
            batch = order[first : first + _BATCH]
            encodings = self.tokenizer.encode([self.document_prompt + texts[i] for i in batch])
            states = self._states([texts[i] for i in batch])
            for i, encoding, of_tokens in zip(batch, encodings, states, strict=True):
                vectors[i], parts[i] = text_and_spans(encoding, of_tokens, before, spans[i])
        return vectors, parts

    def _states(self, texts: Sequence[str]) -> list[NDArray[np.float32]]:
        """Return the vectors of each text's tokens."""
        with self._lock:
            found: Any = self._model.encode_document(
                [encodable(text) for text in texts],
                batch_size=_BATCH,
                output_value=None,
                show_progress_bar=False,
            )
        return [
            item["token_embeddings"][item["attention_mask"].bool()].float().cpu().numpy()
            for item in found
        ]

    def _embed_apart(
        self, texts: Sequence[str], spans: Sequence[Sequence[Span]]
    ) -> tuple[Vectors, list[Vectors]]:
        flat = [text[a:b] for text, those in zip(texts, spans, strict=True) for a, b in those]
        bounds = np.cumsum([len(those) for those in spans])[:-1]
        return self.embed_documents(texts), np.split(self.embed_documents(flat), bounds)

    @cached_property
    def averages_tokens(self) -> bool:
        """Whether a text's vector is the mean of its tokens' vectors, and nothing more."""
        from sentence_transformers.sentence_transformer.modules import Normalize, Pooling

        after = list(self._model)[1:]
        return (
            bool(after)
            and isinstance(after[0], Pooling)
            and after[0].pooling_mode == "mean"
            and all(isinstance(module, Normalize) for module in after[1:])
        )

    @cached_property
    def languages(self) -> frozenset[str]:
        """The languages that the model was made for, where that is known."""
        if known := bundled_languages(self.name):
            return known
        card: Any = getattr(self._model, "model_card_data", None)
        told = getattr(card, "language", None) or []
        return frozenset([told] if isinstance(told, str) else told)

    def knows(self, words: Sequence[str]) -> bool:
        """Tell whether the model has tokens for most of these words; see `rag.models.tokenizer`."""
        return self.tokenizer.knows(words)

    def word_vectors(self, words: Sequence[str]) -> Vectors:
        """Return the vectors the model itself starts from, freed of what all have in common."""
        with self._lock:
            return self._words.vectors(words)

    @cached_property
    def _words(self) -> WordTable:
        table = self.input_embeddings()
        return WordTable(table, common_directions(table), self.tokenizer.ids)

    def input_embeddings(self) -> NDArray[np.float32]:
        """Return the table that the model starts from, a row a token; of no rows without one."""
        inner = getattr(self._model[0], "auto_model", None)
        table = inner.get_input_embeddings() if inner is not None else None
        if table is None:
            return np.zeros((0, 1), np.float32)
        rows: NDArray[np.float32] = table.weight.detach().float().cpu().numpy()
        return rows

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
        model = SentenceTransformer(name, device="cpu")
    except (OSError, ValueError, KeyError, RuntimeError, SafetensorError) as error:
        raise ModelError(
            f"The model {name!r} cannot be loaded. Give a folder with a sentence-transformers "
            f"model, the name of one on the model hub (this needs a network), or leave out "
            f"--model. The reason: {str(error).splitlines()[0]}"
        ) from error
    if _E5.search(name) and not any((model.prompts or {}).values()):
        model.prompts = dict(E5_PROMPTS)  # its authors tell of them on the hub's page alone
    return model


def _fingerprint(model: "SentenceTransformer", tokenizer: TextTokenizer) -> str:
    """Digest what decides a model's vectors: weights, layers, vocabulary, prompts and limit."""
    digest = hashlib.sha256()
    for name, tensor in sorted(model.state_dict().items()):
        digest.update(name.encode())
        digest.update(tensor.detach().cpu().contiguous().flatten().view(_bytes_type()).numpy())
    layers = [type(module).__name__ for module in model]
    vocabulary = sorted(tokenizer.vocabulary.items())
    digest.update(repr((layers, model.max_seq_length, model.prompts, vocabulary)).encode())
    return digest.hexdigest()


def _bytes_type() -> object:
    import torch

    return torch.uint8
