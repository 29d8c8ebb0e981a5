"""Two embedding models that need no files, and a library that uses either."""

from dataclasses import replace
from functools import cached_property
from pathlib import Path

from rag.library import Library
from rag.library_models import LibraryModels
from rag.models.hashing import HashingEmbedder
from rag.retrieval.pipeline import Models
from rag.text.languages import language_of_text
from vector_store.base import VectorSource
from vector_store.local import LocalStore


class OtherEmbedder(HashingEmbedder):
    """Another model by name, with the same vectors."""

    @cached_property
    def source(self) -> VectorSource:
        """The identity of this embedder."""
        return replace(MODELS["hashing"].source, model="other", fingerprint="other")


MODELS = {"hashing": HashingEmbedder(), "other": OtherEmbedder()}


class _TrialModels(LibraryModels):
    """Loads whichever of the two models a library's vectors come from."""

    def load(self, source: VectorSource | None) -> Models:
        """Return the model of a source."""
        return Models.of(MODELS[source.model if source else "hashing"], None)


class TrialLibrary(Library):
    """A library searched with whichever of the two models made its vectors."""

    @classmethod
    def over(cls, store: LocalStore) -> "TrialLibrary":
        """Return a library over a store."""
        library = cls(store, folder=str(store.folder))
        library._models = _TrialModels("hashing")
        return library

    @classmethod
    def at(cls, folder: Path) -> "TrialLibrary":
        """Open the library in a folder."""
        return cls.over(LocalStore(folder))


def warm_up() -> None:
    """Load what loads slowly, so that processes forked from this one need not."""
    for model in MODELS.values():
        _ = model.source
    language_of_text("Warm water rises to the surface of the harbour in spring.")
