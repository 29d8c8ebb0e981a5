"""A store in memory, by the simplest means.

For a corpus that is searched a few times and thrown away, and the reference that the contract test
holds `LocalStore` to. Nothing of it is written to disk.
"""

import contextlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from vector_store.base import VectorSource
from vector_store.errors import StoreBusyError
from vector_store.memory_view import EmbeddedPassage, MemoryView
from vector_store.records import (
    Copy,
    Document,
    DocumentInfo,
    EmbeddedParagraph,
    Feedback,
    UnreadFile,
)
from vector_store.sqlite.judgements import settled


class MemoryStore:
    """A `VectorStore` that is empty again once it is closed; see the module."""

    def __init__(self) -> None:
        """Make an empty store."""
        self.state = MemoryView()
        """What is stored now; a change puts another in its place."""
        self._writer = MemoryWriter(self)
        self._is_writing = False

    @contextlib.contextmanager
    def view(self) -> Iterator[MemoryView]:
        """Open a view of what is stored now."""
        yield self.state

    @contextlib.contextmanager
    def writer(self) -> Iterator["MemoryWriter"]:
        """Hold the right to change the store."""
        if self._is_writing:
            raise StoreBusyError("This library is being changed already. Wait until that is done.")
        self._is_writing = True
        try:
            yield self._writer
        finally:
            self._is_writing = False

    def note_feedback(self, feedback: Feedback) -> None:
        """Record a judgement of an answer."""
        self.state = replace(self.state, judgements=(*self.state.judgements, feedback))

    def forget_feedback(self, feedback: Feedback) -> None:
        """Delete every judgement that equals one."""
        others = tuple(one for one in self.state.judgements if one != feedback)
        self.state = replace(self.state, judgements=others)

    def note_calibration(self, encoded: str | None) -> None:
        """Record what was fitted on the judgements; None removes it."""
        self.state = replace(self.state, calibrated=encoded)

    def close(self) -> None:
        """Drop everything."""
        self.state = MemoryView()


class MemoryWriter:
    """A `StoreWriter` over a `MemoryStore`: each change makes a new state and puts it in place."""

    def __init__(self, store: MemoryStore) -> None:
        """Change `store`."""
        self._store = store
        self._next_document = self._next_passage = 1
        self._staged: tuple[VectorSource | None, dict[str, Sequence[EmbeddedParagraph]]]
        self._staged = None, {}

    @property
    def _state(self) -> MemoryView:
        return self._store.state

    def view(self) -> contextlib.AbstractContextManager[MemoryView]:
        """Open a view of what is stored now."""
        return self._store.view()

    def bind(self, source: VectorSource) -> None:
        """Accept vectors of this model only."""
        state = self._state
        bound = state.vector_source if state.vector_source and state.by_id else source
        bound.refuse_others(source)
        self._store.state = replace(state, vector_source=bound)

    def replace(self, document: Document, paragraphs: Sequence[EmbeddedParagraph]) -> None:
        """Store a document in place of the one under its path."""
        state, _, moved = self._without(self._state, document.path)
        info = DocumentInfo(
            self._next_document,
            document.path,
            document.name,
            document.title,
            document.sha256,
            len(paragraphs),
            document.reader,
            language=document.language,
            fields=document.fields,
        )
        passages = {
            number: EmbeddedPassage.of(number, info, document.text, embedded)
            for number, embedded in enumerate(paragraphs, start=self._next_passage)
        }
        self._next_document += 1
        self._next_passage += len(passages)
        state = replace(
            state,
            by_path={**state.by_path, document.path: (info, document)},
            by_id={**state.by_id, **passages},
        )
        self._store.state = _with_settled_quotes(state, document.path, moved)

    def note_copies(self, copies: Iterable[tuple[Copy, str]]) -> None:
        """Record where else documents are."""
        for copy, original in copies:
            state = self._state
            document_id = state.by_path[state.own_path(original)][0].id
            if state.own_path(copy.path) == state.own_path(original):
                continue
            state, _, moved = self._without(state, copy.path)
            path = next(p for p, (info, _) in state.by_path.items() if info.id == document_id)
            info = state.by_path[path][0]
            all_copies = sorted({*info.copies, copy}, key=lambda each: each.path)
            state = _renamed(state, path, replace(info, copies=tuple(all_copies)))
            self._store.state = _with_settled_quotes(state, copy.path, moved)

    def note_stamps(self, stamps: Mapping[str, str]) -> None:
        """Record what files look like from outside."""
        self._store.state = replace(self._state, file_stamps={**self._state.file_stamps, **stamps})

    def note_unread(self, files: Iterable[UnreadFile], *, readable: Iterable[str] = ()) -> None:
        """Record files that could not be read; delete notes and stamps of readable ones."""
        state, paths = self._state, set(readable)
        notes = {path: file for path, file in state.unread_files.items() if path not in paths}
        self._store.state = replace(
            state,
            unread_files={**notes, **{file.path: file for file in files}},
            file_stamps={p: stamp for p, stamp in state.file_stamps.items() if p not in paths},
        )

    def remove(self, documents: Iterable[str]) -> int:
        """Delete documents and notes by path; return how many documents there were."""
        removed = 0
        for path in documents:
            state, was_there, moved = self._without(self._state, path)
            self._store.state = _with_settled_quotes(state, path, moved)
            removed += was_there
        return removed

    def staged(self, source: VectorSource) -> frozenset[str]:
        """Return the paths of documents that have staged vectors of this model."""
        if self._staged[0] != source:
            self._staged = source, {}
        return frozenset(self._staged[1])

    def stage(
        self, source: VectorSource, path: str, paragraphs: Sequence[EmbeddedParagraph]
    ) -> None:
        """Stage a document's vectors of another model."""
        self._state.contents(path)
        self._staged[1][path] = paragraphs

    def adopt(self, source: VectorSource) -> None:
        """Replace all vectors by the staged ones."""
        state, (model, staged) = self._state, self._staged
        if model != source or set(staged) != set(state.by_path):
            raise ValueError(f"some passages have no vector of {source.model} yet")
        passages = {}
        for path, paragraphs in staged.items():
            for passage, embedded in zip(state.contents(path).passages, paragraphs, strict=True):
                passages[passage.id] = state.by_id[passage.id].embedded_anew(embedded)
        self._staged = None, {}
        self._store.state = replace(state, by_id=passages, vector_source=source)

    def _without(self, state: MemoryView, path: str) -> tuple[MemoryView, bool, Copy | None]:
        """Return a state without a path: a document's own, a copy's, or none.

        Returns as well whether a document was there, and where that document is now if it had
        copies. Judgements stay as they are.
        """
        self._staged[1].pop(path, None)
        before = state.by_path.get(state.own_path(path))
        state = replace(
            state,
            unread_files={p: file for p, file in state.unread_files.items() if p != path},
            file_stamps={p: stamp for p, stamp in state.file_stamps.items() if p != path},
        )
        if before is None:
            return state, False, None
        info = before[0]
        if info.path != path:
            others = tuple(copy for copy in info.copies if copy.path != path)
            renamed = replace(info, copies=others)
        elif info.copies:
            first, rest = info.copies[0], info.copies[1:]
            renamed = replace(info, path=first.path, name=first.name, copies=rest)
        else:
            by_path = {p: entry for p, entry in state.by_path.items() if p != path}
            by_id = {i: e for i, e in state.by_id.items() if e.passage.document.id != info.id}
            return replace(state, by_path=by_path, by_id=by_id), True, None
        return _renamed(state, info.path, renamed), True, Copy(renamed.path, renamed.name)


def _renamed(state: MemoryView, path: str, info: DocumentInfo) -> MemoryView:
    """Return a state in which the document under `path` is described by `info`."""
    document = replace(state.by_path[path][1], path=info.path, name=info.name)
    others = {p: entry for p, entry in state.by_path.items() if p != path}
    by_id = {
        i: replace(embedded, passage=replace(embedded.passage, document=info))
        if embedded.passage.document.id == info.id
        else embedded
        for i, embedded in state.by_id.items()
    }
    return replace(state, by_path={**others, info.path: (info, document)}, by_id=by_id)


def _with_settled_quotes(state: MemoryView, path: str, moved: Copy | None) -> MemoryView:
    """Return a state without judgements of quotes that are no longer in any document."""
    entry = state.by_path.get(state.own_path(path))
    text = entry[1].text if entry else None
    judgements = (settled(judgement, path, text, moved) for judgement in state.judgements)
    return replace(state, judgements=tuple(j for j in judgements if j is not None))
