"""A model compiled for this machine, as an `Embedder` that needs neither torch nor transformers.

It is made once from sentence-transformers, checked against it (see `compile`), kept (see `cache`),
and from then on loaded in a fraction of a second.
"""

import json
import threading
from collections.abc import Collection, Generator, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from rag import deadlines
from rag.errors import ModelError
from rag.models.compiled.runtimes import Batch, Compiler, States, batch_of
from rag.models.cross_encoder import CrossEncoder
from rag.models.cross_encoder_weights import Head, shipped_digest
from rag.models.registry import full_name
from rag.models.tokenizer import TextTokenizer, text_and_spans
from rag.models.word_vectors import WordTable
from rag.text.windows import Span
from vector_store.base import VectorSource
from vector_store.indexes.snapshots import file_digest
from vector_store.records import Vectors

MANIFEST = "manifest.json"
TOKENIZER = "tokenizer.json"
TABLE = "embeddings.npy"
"""The model's input embeddings, a row a token, in 16 bits."""
COMMON = "common.npy"
"""What all of them share; see `rag.models.word_vectors`."""
CROSS = "cross"
"""The folder of the cross-encoder's graph."""
HEAD = "head.safetensors"
_TOKENS_TOGETHER = 768
"""Small batches stay in the processor's cache."""


@dataclass(frozen=True, slots=True)
class Fidelity:
    """How near the compiled model comes to sentence-transformers, on sample texts."""

    texts: int
    cosine_mean: float
    """Of the two vectors of one text."""
    cosine_min: float
    top10: float
    """Share of each text's ten nearest others that both find."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a compiled model is, beside its graph, tokenizer and table of words."""

    source: VectorSource
    query_prompt: str
    document_prompt: str
    longest: int | None
    max_tokens: int
    unknown: int | None
    languages: tuple[str, ...]
    """ISO 639-1 codes, where the model tells."""
    fidelity: Fidelity
    cross_encoder: str
    """The SHA-256 of its cross-encoder's weights; empty for a model without one."""
    files: dict[str, str]
    """The SHA-256 of each file in this one's folder."""

    def write(self, folder: Path) -> None:
        """Write it into a folder."""
        (folder / MANIFEST).write_text(json.dumps(asdict(self), indent=1))

    @classmethod
    def read(cls, folder: Path) -> "Manifest":
        """Read what `write` wrote. Raises DamagedModelError."""
        try:
            found = json.loads((folder / MANIFEST).read_text())
            found["source"] = VectorSource(**found["source"])
            found["fidelity"] = Fidelity(**found["fidelity"])
            found["languages"] = tuple(found["languages"])
            return cls(**found)
        except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
            raise DamagedModelError(str(error)) from error

    def check(self, folder: Path, names: Collection[str]) -> None:
        """Check that files are as they were written. Raises DamagedModelError."""
        for name in names:
            try:
                altered = file_digest(folder / name) != self.files[name]
            except OSError as error:
                raise DamagedModelError(f"{name} cannot be read ({error})") from error
            if altered:
                raise DamagedModelError(f"{name} was altered")


class DamagedModelError(Exception):
    """A compiled model's files are not as they were written; the message says which."""


class CompiledEmbedder:
    """A compiled model; safe to use from several threads."""

    def __init__(self, folder: Path, kind: Compiler, name: str) -> None:
        """Load it. The model is known by `name`, whichever of its copies was compiled.

        Raises DamagedModelError.
        """
        self.manifest: Manifest = Manifest.read(folder)
        if self.manifest.cross_encoder != shipped_digest(name):
            raise DamagedModelError("it was made with another cross-encoder")
        self.manifest.check(folder, self.manifest.files.keys() - {TABLE})
        # The largest file is checked while what reads the others goes on.
        with ThreadPoolExecutor(1) as pool:
            checking = pool.submit(self.manifest.check, folder, [TABLE])
            self._load(folder, kind, name)
            checking.result()

    def _load(self, folder: Path, kind: Compiler, name: str) -> None:
        self.source: VectorSource = replace(self.manifest.source, model=full_name(name))
        self.languages: frozenset[str] = frozenset(self.manifest.languages)
        self._tokenizer = TextTokenizer(
            Tokenizer.from_file(str(folder / TOKENIZER)),
            longest=self.manifest.longest,
            unknown=self.manifest.unknown,
        )
        try:
            self._table = np.load(folder / TABLE, mmap_mode="r")
        except (OSError, ValueError, EOFError) as error:
            raise DamagedModelError(f"{TABLE} cannot be read ({error})") from error
        try:
            self._runtime = kind.load(folder)
            self.cross_encoder: CrossEncoder | None = self._load_cross_encoder(folder, kind)
        except ModelError as error:
            raise DamagedModelError(str(error)) from error
        self._words = WordTable(self._table, np.load(folder / COMMON), self._tokenizer.ids)
        self._lock = threading.Lock()

    def _load_cross_encoder(self, folder: Path, kind: Compiler) -> CrossEncoder | None:
        if not self.manifest.cross_encoder:
            return None
        runtime, head = kind.load(folder / CROSS), Head.load(folder / HEAD)

        return CrossEncoder(self._tokenizer, self._table, head, runtime.states_of, self.languages)

    @property
    def max_tokens(self) -> int:
        """How many tokens of a document's text fit beside its prompt and special tokens."""
        return self.manifest.max_tokens

    def token_spans(self, texts: Sequence[str]) -> Sequence[Sequence[Span]]:
        """Return where each text's tokens stand in it, in order."""
        return self._tokenizer.spans(texts)

    def knows(self, words: Sequence[str]) -> bool:
        """Tell whether the model has tokens for most of these words; see `rag.models.tokenizer`."""
        return self._tokenizer.knows(words)

    def word_vectors(self, words: Sequence[str]) -> Vectors:
        """Return the vectors the model itself starts from, freed of what all have in common."""
        with self._lock:
            return self._words.vectors(words)

    def embed_query(self, text: str) -> NDArray[np.float32]:
        """Return a question's vector, shape (dimensions,)."""
        vector: NDArray[np.float32] = self._embed(self.manifest.query_prompt, [text], [()])[0][0]
        return vector

    def embed_documents(self, texts: Sequence[str]) -> Vectors:
        """Return vectors of shape (len(texts), dimensions)."""
        return self._embed(self.manifest.document_prompt, texts, [()] * len(texts))[0]

    def embed_with_spans(
        self, texts: Sequence[str], spans: Sequence[Sequence[Span]]
    ) -> tuple[Vectors, list[Vectors]]:
        """Return the vectors of texts and of their spans; see `text_and_spans`."""
        return self._embed(self.manifest.document_prompt, texts, spans)

    def _embed(
        self, prompt: str, texts: Sequence[str], spans: Sequence[Sequence[Span]]
    ) -> tuple[Vectors, list[Vectors]]:
        """Embed texts sorted by length, so that little of a batch is padding."""
        vectors = np.empty((len(texts), self.source.dimensions), np.float32)
        parts: list[Vectors] = [np.empty((0, self.source.dimensions), np.float32)] * len(texts)
        encodings = self._tokenizer.encode([prompt + text for text in texts])
        order = sorted(range(len(texts)), key=lambda i: -len(encodings[i]))
        groups: list[list[int]] = []
        longest = _TOKENS_TOGETHER
        for i in order:
            if not groups or (len(groups[-1]) + 1) * longest > _TOKENS_TOGETHER:
                groups.append([])
                longest = len(encodings[i])
            groups[-1].append(i)
        batches = (
            batch_of(self._table, [encodings[i].ids for i in group], self.manifest.longest)
            for group in groups
        )
        # Closed if the work is cancelled: the runtime's threads must be done when Python ends.
        with closing(self._states(batches, alone=len(groups) == 1)) as results:
            for number, states in results:
                deadlines.check()
                for i, of_text in zip(groups[number], states, strict=True):
                    own = of_text[: len(encodings[i])]
                    vectors[i], parts[i] = text_and_spans(encodings[i], own, len(prompt), spans[i])
        return vectors, parts

    def _states(
        self, batches: Iterable[Batch], *, alone: bool
    ) -> Generator[tuple[int, States], None, None]:
        """Yield each batch's number with its tokens' vectors, in any order.

        One alone, a question's, is computed on all cores, since nothing else is beside it.
        """
        if alone:
            yield from enumerate(map(self._runtime.states_of, batches))
        else:
            yield from self._runtime.states(batches)
