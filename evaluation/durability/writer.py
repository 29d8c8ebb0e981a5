"""A process that changes a library and reports each step before and after taking it.

A step reported as done must last, whatever happens next; a step only begun must have happened
completely or not at all.
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

_BATCH_WINDOWS = 12  # few, so that reading, embedding and storing overlap in a small library


class Step(NamedTuple):
    """A change to a library, begun or done."""

    name: str
    done: bool
    adds: tuple[tuple[str, str], ...] = ()
    """Paths of new documents, each with its digest or with the path of which it is a copy."""
    removes: tuple[str, ...] = ()
    """Paths without a document afterwards."""
    model: str = ""
    """The model whose vectors are in use afterwards; empty if it is unchanged."""


class ReportingStore(LocalStore):
    """A store that reports every change before and after making it."""

    def __init__(self, folder: Path, report: Callable[[Step], None]) -> None:
        """Open the store in `folder`."""
        super().__init__(folder)
        self._report = report

    def _new_writer(self) -> "ReportingWriter":
        return ReportingWriter(self._database, self.view, self._report)

    def _save(self) -> None:
        with step(self._report, "saving indexes"):
            super()._save()


class ReportingWriter(LocalWriter):
    """A writer that reports every change before and after making it."""

    def __init__(
        self,
        database: Database,
        view: Callable[[], AbstractContextManager[StoreView]],
        report: Callable[[Step], None],
    ) -> None:
        """Change `database`."""
        super().__init__(database, view)
        self._report = report

    def replace(self, document: Document, paragraphs: Sequence[EmbeddedParagraph]) -> None:
        """Store a document."""
        with step(self._report, "keeping", adds=((document.path, document.sha256),)):
            super().replace(document, paragraphs)

    def note_copies(self, copies: Iterable[tuple[Copy, str]]) -> None:
        """Note the paths of copies."""
        copies = list(copies)
        if not copies:
            return
        adds = tuple((copy.path, path) for copy, path in copies)
        with step(self._report, "noting copies", adds=adds):
            super().note_copies(copies)

    def remove(self, documents: Iterable[str]) -> int:
        """Remove documents by path."""
        paths = tuple(documents)
        with step(self._report, "removing", removes=paths):
            return super().remove(paths)

    def stage(
        self, source: VectorSource, path: str, paragraphs: Sequence[EmbeddedParagraph]
    ) -> None:
        """Stage vectors of the next model."""
        with step(self._report, "staging"):
            super().stage(source, path, paragraphs)

    def adopt(self, source: VectorSource) -> None:
        """Switch to the staged vectors."""
        with step(self._report, "adopting", model=source.model):
            super().adopt(source)


@contextmanager
def step(report: Callable[[Step], None], name: str, **fields: Any) -> Iterator[None]:
    """Report a step before and after what is done within."""
    report(Step(name, False, **fields))
    yield
    report(Step(name, True, **fields))


class StepListener(Protocol):
    """A receiver of steps, such as a pipe's end."""

    def send(self, step: Step, /) -> None:
        """Take a step."""


def replay() -> None:
    """Update saved indexes on opening, as for a large library.

    Those of a small library are otherwise rebuilt and saved on every change.
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

    `what` is one of the WRITES of a watched folder. Temporary files go into `temporary`. With
    `replaying`, indexes are updated rather than rebuilt; see `replay`.
    """
    if replaying:
        replay()
    tempfile.tempdir = str(temporary)
    batch_embedder._BATCH_WINDOWS = _BATCH_WINDOWS
    store = ReportingStore(folder, listener.send)
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
