"""Texts and libraries to measure speed on: real paragraphs, and vectors real or simulated."""

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

_TOGETHER = 40
"""Paragraphs of one document."""
_NEIGHBOURS = 8


def texts(paths: Sequence[Path]) -> Iterator[str]:
    """Give the paragraphs of JSONL files, plain or gzipped, each line with a "text".

    Raises DatasetError naming a file and line that holds none.
    """
    for path in paths:
        reading = gzip.open if path.suffix == ".gz" else open
        with reading(path, "rt", encoding="utf-8") as lines:
            for number, line in enumerate(lines, start=1):
                try:
                    text = str(json.loads(line)["text"])
                except (ValueError, KeyError, TypeError) as error:
                    raise DatasetError(f'{path}, line {number}: no JSON with a "text".') from error
                if flat := " ".join(text.split()):
                    yield flat


def spread_over(paths: Sequence[Path], wanted: int) -> list[str]:
    """Return `wanted` paragraphs, as many of each file. Raises DatasetError for too few."""
    share = -(-wanted // len(paths))
    found = [text for path in paths for text in islice(texts([path]), share)][:wanted]
    if len(found) < wanted:
        raise DatasetError(f"The files hold {len(found)} paragraphs, fewer than {wanted}.")
    return found


def as_files(found: Sequence[str], folder: Path) -> None:
    """Write paragraphs as text files of some pages each."""
    folder.mkdir()
    for first in range(0, len(found), _TOGETHER):
        text = "\n\n".join(found[first : first + _TOGETHER])
        (folder / f"{first:08}.txt").write_text(text, encoding="utf-8")


def as_readings(found: Iterable[str], first: int) -> Iterator[Reading]:
    """Give documents of some pages each, numbered from `first`."""
    waiting = iter(found)
    while part := list(islice(waiting, _TOGETHER)):
        text = "\n\n".join(part)
        blocks, at = [], 0
        for paragraph in part:
            blocks.append(Block(at, at + len(paragraph)))
            at += len(paragraph) + 2
        digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
        name = f"{first:08}"
        yield Reading(Document(name, name, name, text, digest), tuple(paragraphs(text, blocks)))
        first += len(part)


class SimulatedEmbedder:
    """Questions embedded by a real model, passages given vectors like real ones, in no time.

    A passage's vector is that of a real passage moved along the difference of two of its
    neighbours, so that the space is as crowded, and as unevenly, as with real text.
    """

    def __init__(self, real: Embedder, sample: Sequence[str], *, seed: int = 0) -> None:
        """Learn the space from real passages."""
        import faiss

        self._real = real
        self._chance = np.random.default_rng(seed)
        self._vectors = real.embed_documents(sample)
        index = faiss.IndexFlatIP(self._vectors.shape[1])
        index.add(self._vectors)
        _, self._near = index.search(self._vectors, _NEIGHBOURS + 1)
        self.max_tokens = real.max_tokens
        self.languages = real.languages

    @cached_property
    def source(self) -> VectorSource:
        """Which embedder this is: by name another than the real one."""
        real = self._real.source
        return replace(real, fingerprint=f"simulated-{real.fingerprint}")

    def token_spans(self, texts: Sequence[str]) -> Sequence[Sequence[Span]]:
        """Return no token: a passage is one window, however long."""
        return [[] for _ in texts]

    def embed_documents(self, texts: Sequence[str]) -> Vectors:
        """Return vectors of shape (len(texts), dimensions)."""
        n = len(texts)
        rows = self._chance.integers(0, len(self._vectors), n)
        one, other = (
            self._vectors[self._near[rows, self._chance.integers(1, _NEIGHBOURS + 1, n)]]
            for _ in range(2)
        )
        along = self._chance.uniform(0.3, 0.9, (n, 1)).astype(np.float32)
        vectors: Vectors = self._vectors[rows] + along * (one - other)
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        return vectors

    def embed_with_spans(
        self, texts: Sequence[str], spans: Sequence[Sequence[Span]]
    ) -> tuple[Vectors, list[Vectors]]:
        """Return the same, and of every span the vector of its text."""
        vectors = self.embed_documents(texts)
        return vectors, [
            np.repeat(vector[None], len(those), axis=0)
            for vector, those in zip(vectors, spans, strict=True)
        ]

    def knows(self, words: Sequence[str]) -> bool:
        """Tell what the real model does."""
        return self._real.knows(words)

    def word_vectors(self, words: Sequence[str]) -> Vectors:
        """Return the real model's."""
        return self._real.word_vectors(words)

    def embed_query(self, text: str) -> NDArray[np.float32]:
        """Return a question's real vector."""
        return self._real.embed_query(text)


def resident_mib() -> float:
    """Return the most memory this process has held so far, in MiB."""
    if sys.platform == "linux":  # getrusage counts what the parent held before it began
        status = Path("/proc/self/status").read_text()
        return int(status.split("VmHWM:")[1].split()[0]) / (1 << 10)
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most / (1 << 20 if sys.platform == "darwin" else 1 << 10)


def disk_mib(folder: Path) -> dict[str, float]:
    """Return the size of a library's parts, in MiB."""
    found = {
        "database": sum(path.stat().st_size for path in folder.glob("library.sqlite3*")),
        "vectors": _size(folder / "snapshots", "vectors"),
        "terms": _size(folder / "snapshots", "terms"),
    }
    return {name: round(size / (1 << 20), 4) for name, size in found.items()}


def _size(folder: Path, part: str) -> int:
    return sum(path.stat().st_size for path in folder.glob(f"*/{part}/*"))
