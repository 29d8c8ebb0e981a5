"""A process that changes a library, and tells each step before and after it is taken.

What it told done must be there whatever happens next; of what it only began, all or nothing.
"""

import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from evaluation.durability.models import MODELS, TrialLibrary
from rag.indexing import batch_embedder
from rag.indexing.model_switch import switch
from vector_store.base import StoreView, VectorSource
from vector_store.indexes import current
from vector_store.local import LocalStore
from vector_store.local_writer import LocalWriter
from vector_store.records import Copy, Document, EmbeddedParagraph
from vector_store.sqlite.database import Database

_BATCH_WINDOWS = 12  # few, so that embedding, reading and keeping overlap in a small library


class Step(NamedTuple):
    """A change, begun or done."""

    name: str
    done: bool
    puts: tuple[tuple[str, str], ...] = ()
    """What lies where afterwards: path and digest, or path and path of what is copied."""
    takes: tuple[str, ...] = ()
    """Paths under which nothing lies afterwards."""
    model: str = ""
    """Whose vectors are in use afterwards, where that changes."""


class TellingStore(LocalStore):
    """A store that tells each step before and after it is taken."""

    def __init__(self, folder: Path, tell: Callable[[Step], None]) -> None:
        """Open the store in `folder`."""
        super().__init__(folder)
        self._tell = tell

    def _new_writer(self) -> "TellingWriter":
        return TellingWriter(self._database, self.view, self._tell)

    def _save(self) -> None:
        with told(self._tell, "saving indexes"):
            super()._save()


class TellingWriter(LocalWriter):
    """A writer that tells each step before and after it is taken."""

    def __init__(
        self,
        database: Database,
        view: Callable[[], AbstractContextManager[StoreView]],
        tell: Callable[[Step], None],
    ) -> None:
        """Change `database`."""
        super().__init__(database, view)
        self._tell = tell

    def replace(self, document: Document, paragraphs: Sequence[EmbeddedParagraph]) -> None:
        """Store a document."""
        with told(self._tell, "keeping", puts=((document.path, document.sha256),)):
            super().replace(document, paragraphs)

    def note_copies(self, copies: Iterable[tuple[Copy, str]]) -> None:
        """Record where else documents are."""
        copies = list(copies)
        if not copies:
            return
        puts = tuple((copy.path, path) for copy, path in copies)
        with told(self._tell, "noting copies", puts=puts):
            super().note_copies(copies)

    def remove(self, documents: Iterable[str]) -> int:
        """Delete documents."""
        paths = tuple(documents)
        with told(self._tell, "removing", takes=paths):
            return super().remove(paths)

    def stage(
        self, source: VectorSource, path: str, paragraphs: Sequence[EmbeddedParagraph]
    ) -> None:
        """Stage vectors of the next model."""
        with told(self._tell, "staging"):
            super().stage(source, path, paragraphs)

    def adopt(self, source: VectorSource) -> None:
        """Take the next model's vectors."""
        with told(self._tell, "adopting", model=source.model):
            super().adopt(source)


@contextmanager
def told(tell: Callable[[Step], None], name: str, **what: Any) -> Iterator[None]:
    """Tell a step before and after what is done within."""
    tell(Step(name, False, **what))
    yield
    tell(Step(name, True, **what))


class StepListener(Protocol):
    """What is told each step; a pipe's end, for one."""

    def send(self, step: Step, /) -> None:
        """Take a step."""


def replay() -> None:
    """Have saved indexes brought up to date at opening, as those of a large library are.

    A small one's are otherwise built and saved anew whenever it changes.
    """
    current._ALWAYS_REBUILT, current._PART_REPLAYED = 0, 1


def write(
    listener: StepListener,
    folder: Path,
    what: str,
    docs: Path,
    paths: Sequence[str],
    temporary: Path,
    *,
    replaying: bool = False,
) -> None:
    """Change the library in `folder`: index `docs`, remove `paths`, or switch the model.

    Temporary files go into `temporary`. See `replay` for the last.
    """
    if replaying:
        replay()
    tempfile.tempdir = str(temporary)
    batch_embedder._BATCH_WINDOWS = _BATCH_WINDOWS
    store = TellingStore(folder, listener.send)
    library = TrialLibrary.over(store)
    listener.send(Step("opened", True))
    if what == "switch":
        target = "hashing" if library.model == "other" else "other"
        with store.writer() as writer:
            switch(writer, MODELS[target])
    elif what == "remove":
        library.remove(paths)
    else:
        library.add(docs)
    library.close()
    listener.send(Step("finished", True))
