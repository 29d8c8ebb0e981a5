"""Which concrete class stands behind each seam. No other module names them."""

from pathlib import Path

from rag.embedders import Embedder, HashingEmbedder
from rag.sentence_transformer import BUNDLED_MODEL, SentenceTransformerEmbedder
from vector_store.stores import VectorStore

DEFAULT_MODEL = BUNDLED_MODEL


def embedder_for(model: str) -> Embedder:
    """Return the embedder of a model: "hashing", the bundled one's name, a folder or a hub name."""
    return HashingEmbedder() if model == "hashing" else SentenceTransformerEmbedder(model)


def local_store(folder: Path) -> VectorStore:
    """Open the store in a folder; see `vector_store.local`."""
    from vector_store.local import LocalStore  # loads FAISS

    return LocalStore(folder)


def memory_store() -> VectorStore:
    """Make a store in memory; see `vector_store.memory`."""
    from vector_store.memory import MemoryStore

    return MemoryStore()
