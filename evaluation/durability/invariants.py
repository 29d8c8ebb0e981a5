"""What a library must hold after some steps, and whether it does."""

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
    """What a library must hold: digests by path, and the model in use."""

    files: dict[str, str] = field(default_factory=dict)
    model: str = "hashing"

    def after(self, step: Step) -> "State":
        """Return the state that a step leads to."""
        files = dict(self.files)
        for path, source in step.puts:
            files[path] = files.get(source, source)
        for path in step.takes:
            files.pop(path, None)
        return State(files, step.model or self.model)


def found_in(folder: Path) -> State:
    """Return what a library holds."""
    with TrialLibrary.at(folder) as library:
        return State(fixtures.held(library.store), library.model)


def faults(
    folder: Path, allowed: tuple[State, ...], texts: Mapping[str, str], scratch: Path
) -> list[str]:
    """Return what is wrong with a library that may be in one of some states.

    `texts` are those of all documents there ever were, by digest.
    """
    try:
        return list(_faults(folder, allowed, texts, scratch))
    except QuothError as error:
        return [f"{type(error).__name__}: {error}"]


def _faults(
    folder: Path, allowed: tuple[State, ...], texts: Mapping[str, str], scratch: Path
) -> Iterator[str]:
    found = found_in(folder)
    if found not in allowed:
        yield "what was committed is not what is there"
    with TrialLibrary.at(folder) as library:
        first = fixtures.answers(library)
        with library.store.writer():  # not blocked; saves, and clears away what is left
            pass
        yield from _leftovers(folder)
        with tempfile.TemporaryDirectory(dir=scratch) as other:
            reference = Path(other) / "library"
            documents = library.documents()
            with fixtures.built_at_once(reference, documents, texts, found.model) as whole:
                expected = fixtures.answers(whole)
                if expected != first or expected != fixtures.answers(library):
                    yield "answers differ from those of a library built in one go"
            if fixtures.rows(folder) != fixtures.rows(reference):
                yield "a document is not whole"
    with TrialLibrary.at(folder) as library:
        if fixtures.answers(library) != expected:
            yield "answers differ after saving"
        with library.store.view() as view:
            yield from [f"altered: {path}" for path in view.altered()]


def _leftovers(folder: Path) -> Iterator[str]:
    """Give what a dead writer left behind that the next one has not cleared away."""
    snapshots = folder / "snapshots"
    names = sorted(path.name for path in snapshots.iterdir()) if snapshots.is_dir() else []
    if len(names) > 1:
        yield f"left behind in snapshots: {names}"
    allowed = {"library.sqlite3", "library.sqlite3-wal", "library.sqlite3-shm", "snapshots",
               "writer.lock"}  # fmt: skip
    others = sorted({path.name for path in folder.iterdir()} - allowed)
    if others:
        yield f"left behind in the library: {others}"


def replayed(folder: Path, copy: Path) -> list[str]:
    """Return what is wrong with saved indexes that were brought up to date.

    Run this in a process of its own.
    """
    shutil.copytree(folder, copy)
    try:
        shutil.rmtree(copy / "snapshots", ignore_errors=True)
        anew = _found(copy)
        replay()
        dense, passages = _found(folder)
        return [
            f"{what} by indexes brought up to date are others than by new ones"
            for what, same in (("vectors", dense == anew[0]), ("passages", passages == anew[1]))
            if not same
        ]
    finally:
        shutil.rmtree(copy)


def _found(folder: Path) -> tuple[list[list[Match]], list[set[tuple[str, int]]]]:
    """Return what some questions find: by vector in order, and all that is found."""
    with TrialLibrary.at(folder) as library:
        vectors = [library.embedder.embed_query(question) for question in fixtures.QUESTIONS]
        found = [library.search(question, k=1000) for question in fixtures.QUESTIONS]
        with library.store.view() as view:
            matches = [view.search_dense(vector, 1000) for vector in vectors]
        return (
            matches,
            [{(hit.passage.document.path, hit.passage.id) for hit in hits} for hits in found],
        )
