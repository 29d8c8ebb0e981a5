"""Workloads of speed measurements: real paragraphs, with real or simulated vectors."""

import gzip
import hashlib
import json
import resource
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import cached_property
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from evaluation.datasets.beir import DatasetError
from rag import Document
from rag.indexing.readers import Reading
from rag.models.base import Embedder
from rag.text.blocks import Block
from rag.text.paragraphs import paragraphs
from rag.text.windows import Span
from vector_store.base import VectorSource
from vector_store.records import Vectors

_DOCUMENT_PARAGRAPHS = 40
_NEIGHBOURS = 8
"""Of a real vector, among which its simulated copies lie."""


def texts(paths: Sequence[Path]) -> Iterator[str]:
    """Yield the paragraphs of JSONL files, plain or gzipped, with a "text" on each line.

    White space is collapsed, and empty texts are left out. Raises DatasetError naming a file and
    line without a "text".
    """
    for path in paths:
        open_text = gzip.open if path.suffix == ".gz" else open
        with open_text(path, "rt", encoding="utf-8") as lines:
            for number, line in enumerate(lines, start=1):
                try:
                    text = str(json.loads(line)["text"])
                except (ValueError, KeyError, TypeError) as error:
                    raise DatasetError(f'{path}, line {number}: no JSON with a "text".') from error
                if flat := " ".join(text.split()):
                    yield flat


def spread_over(paths: Sequence[Path], count: int) -> list[str]:
    """Return `count` paragraphs, equally many of each file. Raises DatasetError for too few."""
    share = -(-count // len(paths))
    sample = [text for path in paths for text in islice(texts([path]), share)][:count]
    if len(sample) < count:
        raise DatasetError(f"The files have {len(sample)} paragraphs, fewer than {count}.")
    return sample


def as_files(texts: Sequence[str], folder: Path) -> None:
    """Write paragraphs to a new folder, as text files of 40 paragraphs each."""
    folder.mkdir()
    for first in range(0, len(texts), _DOCUMENT_PARAGRAPHS):
        text = "\n\n".join(texts[first : first + _DOCUMENT_PARAGRAPHS])
        (folder / f"{first:08}.txt").write_text(text, encoding="utf-8")


def as_readings(texts: Iterable[str], first: int) -> Iterator[Reading]:
    """Yield paragraphs as documents of 40 each, named by the number of their first paragraph.

    `first` is the number of the first of all.
    """
    remaining = iter(texts)
    while batch := list(islice(remaining, _DOCUMENT_PARAGRAPHS)):
        text = "\n\n".join(batch)
        blocks, at = [], 0
        for paragraph in batch:
            blocks.append(Block(at, at + len(paragraph)))
            at += len(paragraph) + 2
        digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
        name = f"{first:08}"
        yield Reading(Document(name, name, name, text, digest), tuple(paragraphs(text, blocks)))
        first += len(batch)


class SimulatedEmbedder:
    """Embeds questions with a real model, and simulates the vectors of passages, which is fast.

    A passage's vector is that of a real passage moved along the difference of two of its
    neighbours, so that the density of the space varies as with real text.
    """

    def __init__(self, real: Embedder, sample: Sequence[str], *, seed: int = 0) -> None:
        """Embed a sample of real passages to simulate from."""
        import faiss

        self._real = real
        self._rng = np.random.default_rng(seed)
        self._vectors = real.embed_documents(sample)
        index = faiss.IndexFlatIP(self._vectors.shape[1])
        index.add(self._vectors)
        _, self._near = index.search(self._vectors, _NEIGHBOURS + 1)
        self.max_tokens = real.max_tokens
        self.languages = real.languages

    @cached_property
    def source(self) -> VectorSource:
        """The identity of this embedder, which differs from the real one's."""
        real = self._real.source
        return replace(real, fingerprint=f"simulated-{real.fingerprint}")

    def token_spans(self, texts: Sequence[str]) -> Sequence[Sequence[Span]]:
        """Return no tokens, so that a passage is one window, however long."""
        return [[] for _ in texts]

    def embed_documents(self, texts: Sequence[str]) -> Vectors:
        """Return simulated vectors, shape (len(texts), dimensions), of norm 1."""
        n = len(texts)
        rows = self._rng.integers(0, len(self._vectors), n)
        one, other = (
            self._vectors[self._near[rows, self._rng.integers(1, _NEIGHBOURS + 1, n)]]
            for _ in range(2)
        )
        step = self._rng.uniform(0.3, 0.9, (n, 1)).astype(np.float32)
        vectors: Vectors = self._vectors[rows] + step * (one - other)
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        return vectors

    def embed_with_spans(
        self, texts: Sequence[str], spans: Sequence[Sequence[Span]]
    ) -> tuple[Vectors, list[Vectors]]:
        """Return simulated vectors, and for every span the vector of its text."""
        vectors = self.embed_documents(texts)
        return vectors, [
            np.repeat(vector[None], len(text_spans), axis=0)
            for vector, text_spans in zip(vectors, spans, strict=True)
        ]

    def knows(self, words: Sequence[str]) -> bool:
        """Return whether the real model knows the words."""
        return self._real.knows(words)

    def word_vectors(self, words: Sequence[str]) -> Vectors:
        """Return the real model's vectors of words."""
        return self._real.word_vectors(words)

    def embed_query(self, text: str) -> NDArray[np.float32]:
        """Return a question's real vector."""
        return self._real.embed_query(text)


def resident_mib() -> float:
    """Return the peak resident memory of this process in MiB."""
    if sys.platform == "linux":  # where getrusage includes the parent's memory
        status = Path("/proc/self/status").read_text()
        return int(status.split("VmHWM:")[1].split()[0]) / (1 << 10)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1 << 20 if sys.platform == "darwin" else 1 << 10)


def disk_mib(folder: Path) -> dict[str, float]:
    """Return the size of a library's parts on disk in MiB."""
    sizes = {
        "database": sum(path.stat().st_size for path in folder.glob("library.sqlite3*")),
        "vectors": _size(folder / "snapshots", "vectors"),
        "terms": _size(folder / "snapshots", "terms"),
    }
    return {name: round(size / (1 << 20), 4) for name, size in sizes.items()}


def _size(folder: Path, part: str) -> int:
    return sum(path.stat().st_size for path in folder.glob(f"*/{part}/*"))
