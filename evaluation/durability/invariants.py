"""The state a library must be in after some steps, and what differs from it."""

import shutil
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from evaluation.durability import fixtures
from evaluation.durability.models import TrialLibrary
from evaluation.durability.writer import Step, replay
from rag.errors import QuothError
from vector_store.records import Match


@dataclass(slots=True)
class State:
    """The contents of a library: digests by path, and the model in use."""

    files: dict[str, str] = field(default_factory=dict)
    model: str = "hashing"

    def after(self, step: Step) -> "State":
        """Return the state after a step."""
        files = dict(self.files)
        for path, source in step.adds:
            files[path] = files.get(source, source)
        for path in step.removes:
            files.pop(path, None)
        return State(files, step.model or self.model)


def read_state(folder: Path) -> State:
    """Return the state of a library."""
    with TrialLibrary.at(folder) as library:
        return State(fixtures.digests(library.store), library.model)


def faults(
    folder: Path, allowed: tuple[State, ...], texts: Mapping[str, str], scratch: Path
) -> list[str]:
    """Return what is wrong with a library that must be in one of the `allowed` states.

    `texts` are those of all documents there have ever been, by digest.
    """
    try:
        return list(_faults(folder, allowed, texts, scratch))
    except QuothError as error:
        return [f"{type(error).__name__}: {error}"]


def _faults(
    folder: Path, allowed: tuple[State, ...], texts: Mapping[str, str], scratch: Path
) -> Iterator[str]:
    state = read_state(folder)
    if state not in allowed:
        yield "the contents are not what was committed"
    with TrialLibrary.at(folder) as library:
        answers = fixtures.answers(library)
        with library.store.writer():  # must not block; saves indexes and removes leftovers
            pass
        yield from _leftovers(folder)
        with tempfile.TemporaryDirectory(dir=scratch) as other:
            reference = Path(other) / "library"
            documents = library.documents()
            with fixtures.build_at_once(reference, documents, texts, state.model) as intact:
                expected = fixtures.answers(intact)
                if expected != answers or expected != fixtures.answers(library):
                    yield "answers differ from those of a library built in one run"
            if fixtures.rows(folder) != fixtures.rows(reference):
                yield "a document is incomplete"
    with TrialLibrary.at(folder) as library:
        if fixtures.answers(library) != expected:
            yield "answers differ after saving"
        with library.store.view() as view:
            yield from [f"altered: {path}" for path in view.altered()]


def _leftovers(folder: Path) -> Iterator[str]:
    """Yield files that a killed writer left behind and the next one did not remove."""
    snapshots = folder / "snapshots"
    names = sorted(path.name for path in snapshots.iterdir()) if snapshots.is_dir() else []
    if len(names) > 1:
        yield f"left behind in snapshots: {names}"
    allowed = {"library.sqlite3", "library.sqlite3-wal", "library.sqlite3-shm", "snapshots",
               "writer.lock"}  # fmt: skip
    others = sorted({path.name for path in folder.iterdir()} - allowed)
    if others:
        yield f"left behind in the library: {others}"


def replay_faults(folder: Path, copy: Path) -> list[str]:
    """Return how updated indexes differ from rebuilt ones. Run this in a process of its own.

    The library is copied to `copy`, to rebuild its indexes there; the copy is deleted afterwards.
    """
    shutil.copytree(folder, copy)
    try:
        shutil.rmtree(copy / "snapshots", ignore_errors=True)
        rebuilt = _search_results(copy)
        replay()
        updated = _search_results(folder)
        return [
            f"{what} of updated indexes differ from those of rebuilt ones"
            for what, ours, theirs in zip(("vectors", "passages"), updated, rebuilt, strict=True)
            if ours != theirs
        ]
    finally:
        shutil.rmtree(copy)


def _search_results(folder: Path) -> tuple[list[list[Match]], list[set[tuple[str, int]]]]:
    """Return the matches by vector, in order, and all passages found, for each of QUESTIONS."""
    with TrialLibrary.at(folder) as library:
        vectors = [library.embedder.embed_query(question) for question in fixtures.QUESTIONS]
        hits = [library.search(question, k=1000) for question in fixtures.QUESTIONS]
        with library.store.view() as view:
            matches = [view.search_dense(vector, 1000) for vector in vectors]
        return (
            matches,
            [{(hit.passage.document.path, hit.passage.id) for hit in some} for some in hits],
        )
