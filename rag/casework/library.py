"""The part of a library that keeps a person's own work beside the documents."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rag.casework.casework import Casework
from vector_store.base import StoreWriter, VectorStore

_making = threading.Lock()


class CaseworkLibrary:
    """A base of `rag.Library`; it is not used on its own."""

    _store: VectorStore
    _folder: str
    _casework: Casework | None = None

    @property
    def casework(self) -> Casework:
        """Its cases of kept quotes, and its conversations."""
        with _making:
            if self._casework is None:
                folder = Path(self._folder) if self._folder else None
                self._casework = Casework(folder, self._store.view)
            return self._casework

    @contextmanager
    def _writer(self) -> Iterator[StoreWriter]:
        """Lend the store's writer; then forget answers that quote what is no longer there."""
        with self._store.writer() as writer:
            try:
                yield writer
            finally:
                with writer.view() as view:
                    self.casework.conversations.forget_changed(view)
