"""A process that changes a library, and tells each step before and after it is taken.

What it told done must be there whatever happens next; of what it only began, all or nothing.
"""

import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from evaluation.durability.models import MODELS, TrialLibrary
from rag.indexing import batch_embedder
from rag.indexing.model_switch import switch
from vector_store.base import VectorSource
from vector_store.indexes import current
from vector_store.local import LocalStore
from vector_store.records import Copy, Document, EmbeddedParagraph

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
    """A store that tells what it is about to do, and what it has done."""

    def __init__(self, folder: Path, tell: Callable[[Step], None]) -> None:
        """Open the store in `folder`."""
        super().__init__(folder)
        self._tell = tell

    @contextmanager
    def _told(self, name: str, **what: Any) -> Iterator[None]:
        self._tell(Step(name, False, **what))
        yield
        self._tell(Step(name, True, **what))

    def replace(self, document: Document, paragraphs: Sequence[EmbeddedParagraph]) -> None:
        """Keep a document."""
        with self._told("keeping", puts=((document.path, document.sha256),)):
            super().replace(document, paragraphs)

    def note_copies(self, copies: Iterable[tuple[Copy, str]]) -> None:
        """Note where else documents lie."""
        copies = list(copies)
        if not copies:
            return
        with self._told("noting copies", puts=tuple((c.path, path) for c, path in copies)):
            super().note_copies(copies)

    def remove(self, documents: Iterable[str]) -> int:
        """Forget documents."""
        gone = tuple(documents)
        with self._told("removing", takes=gone):
            return super().remove(gone)

    def stage(
        self, source: VectorSource, path: str, paragraphs: Sequence[EmbeddedParagraph]
    ) -> None:
        """Put vectors of the next model aside."""
        with self._told("staging"):
            super().stage(source, path, paragraphs)

    def adopt(self, source: VectorSource) -> None:
        """Take the next model's vectors."""
        with self._told("adopting", model=source.model):
            super().adopt(source)

    def _save(self) -> None:
        with self._told("saving indexes"):
            super()._save()


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
    told: StepListener,
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
    store = TellingStore(folder, told.send)
    library = TrialLibrary.over(store)
    told.send(Step("opened", True))
    if what == "switch":
        source = store.source()
        target = "hashing" if source and source.model == "other" else "other"
        with store.writer():
            switch(store, MODELS[target])
    elif what == "remove":
        library.remove(paths)
    else:
        library.add(docs)
    library.close()
    told.send(Step("finished", True))
