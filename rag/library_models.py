"""The models that a library is indexed and searched with, loaded when first needed."""

import threading

from rag.factories import DEFAULT_MODEL, embedder_for, reranker_for
from rag.models.registry import named
from rag.retrieval.pipeline import Models
from vector_store.base import VectorSource


class LibraryModels:
    """Chooses and keeps a library's models. Safe to use from several threads."""

    def __init__(self, model: str | None = None) -> None:
        """Use the model of this name, or without one that of the library's vectors."""
        self._chosen = None if model is None else named(model)
        self._lock = threading.Lock()
        self._loaded: tuple[str, Models] | None = None

    @property
    def is_loaded(self) -> bool:
        """Whether some models are in memory."""
        return self._loaded is not None

    def is_undecided(self, source: VectorSource | None) -> bool:
        """Tell whether neither the user nor vectors of a source decide the model."""
        return self._chosen is None and source is None

    def choose(self, model: str) -> None:
        """Use the model of this name from now on."""
        self._chosen = model

    def name_for(self, source: VectorSource | None) -> str:
        """Return the name of the model for vectors of a source, or of those to come."""
        return source.model if source else self._chosen or DEFAULT_MODEL

    def load(self, source: VectorSource | None) -> Models:
        """Return the models for vectors of a source; a chosen model is loaded whatever that is.

        Raises ModelError.
        """
        name = self._chosen or self.name_for(source)
        with self._lock:
            if self._loaded is None or self._loaded[0] != name:
                self._loaded = name, models_named(name, source.runtime if source else None)
            return self._loaded[1]

    def switch(self, models: Models) -> None:
        """Use these models from now on, which made the library's new vectors."""
        with self._lock:
            self._chosen, self._loaded = None, (models.embedder.source.model, models)


def models_named(model: str, runtime: str | None = None) -> Models:
    """Load the models of a name, in the runtime that vectors need. Raises ModelError."""
    embedder = embedder_for(model, runtime)
    return Models.of(embedder, reranker_for(embedder))
