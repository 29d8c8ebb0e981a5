"""A library of documents: the one object that programs, the command line and the page hold."""

import os
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from itertools import chain, islice
from pathlib import Path
from typing import Concatenate, ParamSpec, TypeVar

from rag.answers import Answer, Hit, Quoted
from rag.calibration.record import recorded
from rag.casework.library import CaseworkLibrary
from rag.config import library_folder
from rag.deadlines import Deadline, within
from rag.documents import lookup, verification
from rag.documents.lookup import PassageInContext
from rag.documents.status import Status, status_of
from rag.documents.verification import Verification
from rag.factories import local_store, memory_store
from rag.indexing import discovery, model_switch, pipeline as indexing
from rag.indexing.model_choice import SAMPLE, ModelChoice, choice_for, sampled_texts
from rag.indexing.pipeline import Progress, Report
from rag.indexing.readers import Reading
from rag.library_folder import LibraryFolder
from rag.library_models import LibraryModels, models_named
from rag.listing.listed_library import ListedLibrary
from rag.models.base import Embedder
from rag.models.registry import named
from rag.query import syntax
from rag.query.syntax import Search
from rag.retrieval import pipeline
from vector_store.base import StoreView, VectorStore
from vector_store.records import Contents, Counts, DocumentInfo, Passage

PathLike = str | os.PathLike[str]
_Parameters = ParamSpec("_Parameters")
_Result = TypeVar("_Result")


class Library(ListedLibrary, CaseworkLibrary):
    """Documents that can be asked, kept in one folder.

    Safe to use from several threads. Other processes may read the same library meanwhile, and
    one process at a time may change it. Close it when done, or use it in a `with` statement.

        >>> from rag import Library
        >>> with Library.open("papers.quoth") as library:        # doctest: +SKIP
        ...     library.add(["papers/"])
        ...     answer = library.ask("Which subjects do the scholarships cover?")
    """

    def __init__(self, store: VectorStore, *, model: str | None = None, folder: str = "") -> None:
        """Use `open` or `in_memory`; this takes a store that is already made."""
        self._store = store
        self._models = LibraryModels(model)
        self._folder = folder

    @classmethod
    def open(cls, folder: PathLike | None = None, *, model: str | None = None) -> "Library":
        """Open the library in `folder`, made when missing.

        Without a folder: the one named by QUOTH_LIBRARY, else the user's own. `model` names a
        sentence-transformers model by folder or hub name, or a bundled one; without it, the one
        the library was indexed with, else one for the languages of the first documents.

        Raises SourceError, StoreUnwritableError, StoreVersionError or StoreDamagedError.
        """
        path = library_folder() if folder is None else discovery.resolved(folder)
        return cls(local_store(path), model=model, folder=str(path))

    @classmethod
    def in_memory(cls, *, model: str | None = None) -> "Library":
        """Make a library that is forgotten when closed, for up to some thousand passages."""
        return cls(memory_store(), model=model)

    @property
    def store(self) -> VectorStore:
        """Where its passages are kept, for programs that search by their own means."""
        return self._store

    @property
    def folder(self) -> str:
        """Where it is kept; empty for one in memory."""
        return self._folder

    @property
    def model(self) -> str:
        """The model that its vectors come from, or will."""
        return self._models.name_for(self._read(lambda view: view.source()))

    @property
    def embedder(self) -> Embedder:
        """The model named at opening, else the one the library's vectors come from."""
        return self._models.load(self._read(lambda view: view.source())).embedder

    def _read(
        self,
        read: Callable[Concatenate[StoreView, _Parameters], _Result],
        *arguments: _Parameters.args,
        **options: _Parameters.kwargs,
    ) -> _Result:
        """Return what a function reads from a view of the newest commit."""
        with self._store.view() as view:
            return read(view, *arguments, **options)

    def warm_up(self) -> None:
        """Load model and indexes now rather than at the first question. Raises ModelError."""
        models = self._models.load(self._read(lambda view: view.source()))
        models.embedder.embed_query("warm up")
        if models.reranker:
            models.reranker.read("warm up", ["Warming up."])
        self._read(lambda view: view.dense_search())

    def add(
        self,
        paths: PathLike | Sequence[PathLike],
        *,
        progress: Callable[[Progress], None] | None = None,
        leave: Callable[[Path], bool] | None = None,
    ) -> Report:
        """Add files and folders, or bring them up to date.

        Unchanged files are passed over, changed ones replaced, and documents whose file has
        gone from a folder given are removed. A file that cannot be read is reported with its
        reason; if it was read before, what was read then is kept. `progress` is called before
        each file and after each batch of embeddings; a file that `leave` says True of is not
        looked at in this run.

        Raises SourceError when a path does not exist or nothing in it can be read (nothing is
        changed then), StoreBusyError when another process is writing, ForeignVectorsError when
        the library was indexed with another model, ModelError when the model cannot be loaded.
        """
        given = [paths] if isinstance(paths, str | os.PathLike) else list(paths)
        with self._writer() as writer:
            choice = None
            if self._is_undecided():
                choice = self._choose_for(sampled_texts(discovery.find(given).files))
            report = indexing.index(writer, lambda: self.embedder, given, progress, leave)
        self._settle_marks()
        return replace(report, model_choice=choice)

    def _is_undecided(self) -> bool:
        """Tell whether the first documents are to decide the model."""
        return self._models.is_undecided(self._read(lambda view: view.source()))

    def _choose_for(self, texts: Iterable[str]) -> ModelChoice | None:
        """Let the first documents decide the model, if there are any."""
        choice = choice_for(texts)
        if choice is not None:
            self._models.choose(choice.model)
        return choice

    def switch(self, model: str, *, progress: Callable[[Progress], None] | None = None) -> int:
        """Re-embed every document with another model; return how many documents there are.

        Questions are answered by the old vectors until the new ones are whole. After an
        interruption the same call goes on. `progress` is called as in `add`.

        Raises StoreBusyError when another process is writing, ModelError when the model cannot
        be loaded.
        """
        models = models_named(named(model))
        with self._writer() as writer:
            documents = model_switch.switch(writer, models.embedder, progress)
        self._models.switch(models)
        return documents

    def add_readings(
        self,
        readings: Iterable[Reading],
        *,
        progress: Callable[[Progress], None] | None = None,
        cancelled: Callable[[str], bool] = lambda path: False,
    ) -> int:
        """Add documents that a program has read by itself; return how many passages they have.

        Each is identified by its `document.path` and replaces what that path held before.
        `progress` is called as in `add`, within long documents too; what it raises ends the run,
        and what was kept stays. A document of whose path `cancelled` says True, as it is asked
        before each batch, is not kept. Raises as `add` does, but for SourceError.
        """
        given = iter(readings)
        with self._writer() as writer:
            first = list(islice(given, SAMPLE)) if self._is_undecided() else []
            self._choose_for(reading.document.text for reading in first)
            return indexing.index_readings(
                writer, lambda: self.embedder, chain(first, given), progress, cancelled
            )

    def remove(self, paths: PathLike | Sequence[PathLike]) -> int:
        """Forget documents, named by path or by a folder above them; return how many.

        The files themselves are not touched, but for those that the chat page took in. Of what
        was kept of them nothing is left in the library's folder then, judgements of their quotes
        and answers of conversations included; only quotes that are in a case stay, until they are
        deleted there. Raises StoreBusyError, StoreUnwritableError, SourceError for an empty path.
        """
        given = [paths] if isinstance(paths, str | os.PathLike) else list(paths)
        with self._writer() as writer:
            with writer.view() as view:
                removed = lookup.paths_under(view, given)
            count = writer.remove(removed)
        self._settle_marks()
        if self._folder:
            LibraryFolder(Path(self._folder)).delete_uploads(removed)
        return count

    def search(
        self,
        question: str | Search,
        *,
        k: int = 10,
        where: str | Sequence[str] = (),
        timeout: float | None = None,
    ) -> list[Hit]:
        """Return the `k` best passages for a question, best first, answering or not.

        Text is read as `rag.query.syntax.parse` does: "exact phrase", -word, type:md. With `where`,
        only documents that match one of its patterns are searched: names, files, folders, or these
        with `*` and `?`. `timeout` is in seconds; None waits as long as it takes.

        Raises QuestionError, DeadlineExceededError, ForeignVectorsError or ModelError.
        """
        with within(Deadline(timeout)):
            search = syntax.checked(question, k)
            with self._listed_view() as view:
                load, marks = self._loader(view), self._marks_of(view)
                return list(pipeline.retrieve(view, load, search, k, where, marks).hits)

    def ask(
        self,
        question: str | Search,
        *,
        k: int = 5,
        where: str | Sequence[str] = (),
        timeout: float | None = None,
    ) -> Answer:
        """Answer a question with up to `k` quoted passages, or say that none answers.

        Syntax, `where`, `timeout` and what is raised as in `search`.
        """
        return self.ask_many([question], k=k, where=where, timeout=timeout)[0]

    def ask_many(
        self,
        questions: Iterable[str | Search],
        *,
        k: int = 5,
        where: str | Sequence[str] = (),
        timeout: float | None = None,
    ) -> list[Answer]:
        """Answer several questions from one state of the library, as `ask` does each.

        `timeout` is for all of them together.
        """
        with within(Deadline(timeout)):
            searches = [syntax.checked(question, k) for question in questions]
            with self._listed_view() as view:
                load, marks = self._loader(view), self._marks_of(view)
                return [pipeline.answer(view, load, each, k, where, marks) for each in searches]

    def _listed_view(self) -> AbstractContextManager[StoreView]:
        """Open a view to search, with the models loaded before: that may take a minute."""
        if not self._models.is_loaded and self.counts().windows:
            _ = self.embedder
        return self._store.view()

    def counts(self) -> Counts:
        """Return the number of documents, passages, windows and unread files."""
        return self._read(lambda view: view.counts())

    def documents(self) -> list[DocumentInfo]:
        """Return every document without its text, by path."""
        return self._read(lambda view: view.documents())

    def contents(self, path: str) -> Contents:
        """Return a document with its text and passages, by its path. Raises NotFoundError."""
        return self._read(lookup.contents_of, path)

    def path_of(self, document_id: str) -> str:
        """Return the path of the document that a citation names by id. Raises NotFoundError."""
        return self._read(lookup.document_of, document_id).path

    def passage(self, id: str, *, around: int = 1) -> PassageInContext:
        """Return the passage of a citation's id, and up to `around` neighbours on either side.

        Raises NotFoundError, also when its document has changed since.
        """
        return self._read(lookup.passage_in_context, id, around)

    def passage_at(self, document_id: str, sha256: str, start: int, end: int) -> Quoted:
        """Return the passage `[start, end)` of a document whose file has this digest.

        Raises NotFoundError, also when its document has changed since.
        """
        return self._read(lookup.passage_at, document_id, sha256, start, end)

    def paragraph(self, document_id: str, number: int) -> Passage:
        """Return the passage of a number, from 1, in a document. Raises NotFoundError."""
        return self._read(lookup.paragraph_of, document_id, number)

    def status(self) -> Status:
        """Return what the library holds."""
        with self._store.view() as view:
            record, source = recorded(view), view.source()
            calibrated = None if record is None else record.status(source)
            status = status_of(view, self._folder, self._models.name_for)
        return replace(status, calibrated=calibrated)

    def verify(self, *, second_reading: bool = True) -> Verification:
        """Check every passage against its document, and every document against its file.

        Also compares with a second reading, by another parser. Raises StoreDamagedError.
        """
        return verification.verify(self._store, second_reading=second_reading)

    def close(self) -> None:
        """Close the library and release its resources."""
        self._store.close()
        self.document_marks.close()

    def __enter__(self) -> "Library":
        """Return the library itself."""
        return self

    def __exit__(self, *error: object) -> None:
        """Close the library."""
        self.close()
