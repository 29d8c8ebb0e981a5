"""Factories of the concrete classes behind the protocols. No other module names them."""

import logging
from pathlib import Path

from rag.errors import NotCompiledError
from rag.models.base import Embedder
from rag.models.compiled.cache import compiled
from rag.models.compiled.embedder import CompiledEmbedder
from rag.models.hashing import HashingEmbedder
from rag.models.registry import SMALL
from rag.models.reranker import Reranker
from rag.models.sentence_transformers import RUNTIME as REFERENCE, SentenceTransformerEmbedder
from vector_store.base import VectorStore

DEFAULT_MODEL = SMALL


_log = logging.getLogger("quoth")


def embedder_for(model: str, runtime: str | None = None) -> Embedder:
    """Return the embedder of a model: "hashing", a bundled model, a folder, or a hub name.

    The model is compiled for this machine if possible, unless `runtime`, which made the vectors it
    must match, is sentence-transformers. Raises ModelError.
    """
    if model == "hashing":
        return HashingEmbedder()
    reference = SentenceTransformerEmbedder(model)
    if runtime == REFERENCE:
        return reference
    try:
        return compiled(reference)
    except NotCompiledError as error:
        _log.warning("%s runs several times slower than it could: %s.", model, error)
        return reference


def reranker_for(embedder: Embedder) -> Reranker | None:
    """Return the cross-encoder that was trained from an embedder's model; None where none was."""
    if isinstance(embedder, SentenceTransformerEmbedder | CompiledEmbedder):
        return embedder.cross_encoder
    return None


def local_store(folder: Path) -> VectorStore:
    """Open the store in a folder; see `vector_store.local`."""
    from vector_store.local import LocalStore  # loads FAISS

    return LocalStore(folder)


def memory_store() -> VectorStore:
    """Make a store in memory; see `vector_store.memory`."""
    from vector_store.memory import MemoryStore

    return MemoryStore()
