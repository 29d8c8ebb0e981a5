"""Competitors in separate processes, so that none benefits from another's threads or imports.

`Plain` is the obvious program with sentence-transformers and FAISS instead of Quoth.
"""

import multiprocessing
import os
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from rag import Library
from rag.models.registry import model_folder
from vector_store.records import Vectors


class Plain:
    """`SentenceTransformer.encode` and `faiss.IndexFlatIP`, with one model."""

    def __init__(self, model: str) -> None:
        """Load the model."""
        import faiss
        from sentence_transformers import SentenceTransformer

        self._faiss = faiss
        with model_folder(model) as name_or_folder:
            self._model = SentenceTransformer(name_or_folder, device="cpu")
        self._index: Any = None
        self.index([" ".join(["warm"] * n) for n in range(1, 256, 8)])

    def index(self, texts: Sequence[str]) -> float:
        """Embed passages and index them; return the seconds."""
        start = time.perf_counter()
        self.fill(self._model.encode(list(texts)))
        return time.perf_counter() - start

    def fill(self, vectors: Vectors) -> float:
        """Index vectors, shape (passages, dimensions); return the seconds."""
        start = time.perf_counter()
        self._index = self._faiss.IndexFlatIP(vectors.shape[1])
        self._index.add(vectors)
        return time.perf_counter() - start

    def search(self, question: str) -> float:
        """Embed a question and find the 100 nearest passages; return the seconds."""
        start = time.perf_counter()
        self._index.search(self._model.encode([question]), 100)
        return time.perf_counter() - start


class Indexing:
    """Quoth, from files to a library that can be searched."""

    def __init__(self, model: str) -> None:
        """Load the model."""
        self._model_name = model
        with Library.in_memory(model=model) as library:
            library.embedder.embed_documents([" ".join(["warm"] * n) for n in range(1, 256, 8)])

    def index(self, folder: Path) -> float:
        """Index a folder into a new library; return the seconds."""
        with tempfile.TemporaryDirectory(prefix="quoth-speed-") as scratch:
            start = time.perf_counter()
            with Library.open(scratch, model=self._model_name) as library:
                library.add(folder)
            return time.perf_counter() - start


class Worker:
    """A process that runs one competitor and calls its methods on request."""

    def __init__(self, make: Callable[[], Any], environment: Mapping[str, str]) -> None:
        """Start it, with these environment variables in addition to the current ones."""
        context = multiprocessing.get_context("spawn")
        self._connection, child_connection = context.Pipe()
        previous = dict(os.environ)
        os.environ.update(environment)
        try:
            self._process = context.Process(
                target=_serve, args=(make, child_connection), daemon=True
            )
            self._process.start()
        finally:
            os.environ.clear()
            os.environ.update(previous)
        child_connection.close()
        self._connection.recv()  # waits until it is ready, since loading would slow the others

    def __call__(self, method: str, *arguments: Any) -> float:
        """Call a method; return its seconds. Raises EOFError when the process has ended."""
        self._connection.send((method, arguments))
        seconds: float = self._connection.recv()
        return seconds

    def close(self) -> None:
        """End the process."""
        self._connection.close()
        self._process.join(10)
        self._process.terminate()

    def __enter__(self) -> "Worker":
        """Return the worker itself."""
        return self

    def __exit__(self, *error: object) -> None:
        """End the process."""
        self.close()


def _serve(make: Callable[[], Any], connection: Connection) -> None:
    competitor = make()
    connection.send("ready")
    while True:
        try:
            method, arguments = connection.recv()
        except EOFError:
            return
        connection.send(getattr(competitor, method)(*arguments))
