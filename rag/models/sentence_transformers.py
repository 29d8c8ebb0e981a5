"""Any sentence-transformers model as an `Embedder`.

torch and sentence-transformers are imported when a model is loaded, not before.
"""

import gc
import math
import os
import threading
from collections.abc import Sequence
from dataclasses import asdict
from functools import cached_property
from typing import TYPE_CHECKING, Any, cast

import numpy as np
from numpy.typing import NDArray

from rag import deadlines
from rag.errors import ModelError
from rag.models.bundled_e5 import PROMPTS as E5_PROMPTS
from rag.models.compiled.runtimes import Batch, States
from rag.models.cross_encoder import CrossEncoder
from rag.models.cross_encoder_weights import Tensors, head_of, shipped, trained
from rag.models.registry import (
    PartialModel,
    bundled_languages,
    full_name,
    model_folder,
    partial_model,
)
from rag.models.similarity_scale import similarity_scale
from rag.models.tokenizer import TextTokenizer, text_and_spans
from rag.models.word_vectors import EmbeddingTable, WordTable, common_directions
from rag.text.encodings import encodable
from rag.text.windows import Span
from vector_store.base import VectorSource
from vector_store.records import Vectors

if TYPE_CHECKING:
    import torch
    from sentence_transformers import SentenceTransformer

RUNTIME = "sentence-transformers"
_BATCH = 32
_E5_PREFIXES = ("", *E5_PROMPTS.values())


class SentenceTransformerEmbedder:
    """A sentence-transformers model, with its own query and document prompts.

    Raises ModelError from any member when the model cannot be loaded. Safe to use from several
    threads; one text is embedded at a time.
    """

    def __init__(self, model: str, *, only: Sequence[str] | None = None) -> None:
        """Name the model: a bundled one's name, a folder, or a name on the model hub.

        With `only`, other texts may get wrong vectors, and a bundled multilingual model takes a
        fraction of the memory.
        """
        self.name = model
        self._only = only
        self._partial: PartialModel | None = None
        self._lock = threading.RLock()

    @cached_property
    def _model(self) -> "SentenceTransformer":
        # torch's idle threads would otherwise spin, and compete with whatever else runs.
        os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
        os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
        try:
            from rag.models.torch_backend import load
        except ImportError as error:
            raise ModelError(
                f"sentence-transformers cannot be imported ({error}). Reinstall Quoth."
            ) from error
        with self._lock:
            if self._only is not None:
                texts = [prompt + text for prompt in _E5_PREFIXES for text in self._only]
                with partial_model(self.name, texts) as self._partial:
                    if self._partial is not None:
                        return load(self._partial.location, self._partial.table)
            with model_folder(self.name) as location:
                return load(location)

    def unload(self) -> None:
        """Release the model's memory. It is loaded again when it is needed."""
        with self._lock:
            for name in ("_model", "_words", "tokenizer", "cross_encoder"):
                self.__dict__.pop(name, None)
            gc.collect()

    @cached_property
    def source(self) -> VectorSource:
        """Which model this is; its fingerprint covers weights, vocabulary and prompts."""
        with self._lock:
            dimensions = self._model.get_embedding_dimension()
            from rag.models.torch_backend import fingerprint

            if dimensions is None:
                raise ModelError(f"The model {self.name!r} does not tell its dimensions.")
            partial = self._partial
            vocabulary = partial.vocabulary() if partial else self.tokenizer.vocabulary
            digest = fingerprint(self._model, vocabulary)
            scale = similarity_scale(self.embed_query, self.embed_documents)
            name = full_name(self.name)
            return VectorSource(name, digest, dimensions, runtime=RUNTIME, **asdict(scale))

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
        return TextTokenizer(tokenizer, longest=self.longest, unknown=unknown)

    @property
    def tokenizer_json(self) -> str:
        """The contents of a `tokenizer.json`, with the model's whole vocabulary."""
        with self._lock:
            tokenizer = self.tokenizer  # loads the model
            return self._partial.tokenizer_json() if self._partial else tokenizer.to_json()

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
        return shipped(self.name)

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

        return CrossEncoder(self.tokenizer, self.input_embeddings(), head, states, self.languages)

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
            deadlines.check()
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

    def input_embeddings(self) -> EmbeddingTable:
        """Return the table of input embeddings; one without rows if the model has none."""
        transformer = getattr(self._model[0], "auto_model", None)
        from rag.models.torch_backend import TableLookup

        layer = transformer.get_input_embeddings() if transformer is not None else None
        if layer is None:
            return np.zeros((0, 1), np.float32)
        if isinstance(layer, TableLookup):
            return layer.table
        rows: NDArray[np.float32] = layer.weight.detach().float().cpu().numpy()
        return rows

    def embed_query(self, text: str) -> NDArray[np.float32]:
        """Return a question's vector, shape (dimensions,)."""
        with self._lock:
            vector = self._model.encode_query(
                encodable(text), normalize_embeddings=True, show_progress_bar=False
            )
        return np.asarray(vector, dtype=np.float32)
