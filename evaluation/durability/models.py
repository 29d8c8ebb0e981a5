"""Two embedding models that need no files, and a library that is searched by either."""

from dataclasses import replace
from functools import cached_property
from pathlib import Path

from rag.library import Library
from rag.models.hashing import HashingEmbedder
from rag.text.languages import language_of_text
from vector_store.base import VectorSource
from vector_store.local import LocalStore


class OtherEmbedder(HashingEmbedder):
    """Another model, which happens to give the same vectors."""

    @cached_property
    def source(self) -> VectorSource:
        """Which embedder this is."""
        return replace(MODELS["hashing"].source, model="other", fingerprint="other")


MODELS = {"hashing": HashingEmbedder(), "other": OtherEmbedder()}


class TrialLibrary(Library):
    """A library that is searched by whichever of the two models its vectors come from."""

    @classmethod
    def over(cls, store: LocalStore) -> "TrialLibrary":
        """Return the library of a store."""
        return cls(store, model="hashing", folder=str(store.folder))

    @classmethod
    def at(cls, folder: Path) -> "TrialLibrary":
        """Open the library in a folder."""
        return cls.over(LocalStore(folder))

    @property
    def embedder(self) -> HashingEmbedder:
        """The model that the library's vectors come from."""
        source = self.store.source()
        return MODELS[source.model if source else "hashing"]


def warm_up() -> None:
    """Load what takes long, so that processes forked from this one need not."""
    for model in MODELS.values():
        _ = model.source
    language_of_text("Warm water rises to the surface of the harbour in spring.")
