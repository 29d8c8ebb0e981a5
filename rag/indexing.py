"""From files to kept passages: read, split, embed, keep, one document at a time.

Each document is committed by itself, so an interruption loses only what was not yet committed,
and running the same command again goes on from there.
"""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from rag import readers, sources
from rag.embedders import Embedder
from rag.errors import SourceError, UnreadableFileError
from rag.readers import Reading
from rag.windows import windows
from vector_store.analysis import searchable
from vector_store.records import EmbeddedParagraph, UnreadFile, Vectors, Window
from vector_store.stores import VectorStore

_BATCH_WINDOWS = 256
"""How many windows are embedded together: enough to sort by length, little to lose."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an indexing run has come."""

    files_done: int
    files: int
    windows: int
    """Windows embedded so far; a long paragraph has several."""
    name: str
    """The file being read."""


@dataclass(frozen=True, slots=True)
class Report:
    """What an indexing run did with every file it was given."""

    added: int
    replaced: int
    unchanged: int
    removed: int
    """Documents whose file is no longer in its folder."""
    passages: int
    """Passages of the documents added and replaced."""
    unread: tuple[UnreadFile, ...]
    """Files that could not be read, each with its reason."""


@dataclass(frozen=True, slots=True)
class _Prepared:
    """A document's paragraphs cut into windows, and the text that stands for each window."""

    reading: Reading
    windows: tuple[tuple[Window, ...], ...]
    texts: tuple[str, ...]


class Indexer:
    """Embeds documents together, in batches, and keeps each in a transaction of its own.

    The caller holds the store's writer, and calls `flush` after the last document.
    """

    def __init__(
        self, store: VectorStore, embedder: Embedder, tell: Callable[["Indexer"], None]
    ) -> None:
        """Keep documents in `store`; `tell` is called after every batch that was embedded."""
        self._store = store
        self._embedder = embedder
        self._tell = tell
        self._batch: list[_Prepared] = []
        self.kept: list[str] = []
        """Paths of the documents kept so far."""
        self.passages = 0
        """Passages of the documents kept so far."""
        self.windows = 0
        """Windows embedded so far."""

    def add(self, reading: Reading) -> None:
        """Take a document; it is kept at once or with the ones that follow."""
        self._batch.append(_prepare(reading, self._embedder))
        if sum(len(prepared.texts) for prepared in self._batch) >= _BATCH_WINDOWS:
            self.flush()

    def flush(self) -> None:
        """Embed and keep whatever was taken and is not kept yet."""
        if not self._batch:
            return
        self._store.bind(self._embedder.source)
        vectors = self._embed([text for prepared in self._batch for text in prepared.texts])
        first = 0
        for prepared in self._batch:
            last = first + len(prepared.texts)
            paragraphs = _embedded(prepared, vectors[first:last])
            self._store.replace(prepared.reading.document, paragraphs)
            self.kept.append(prepared.reading.document.path)
            self.passages += len(paragraphs)
            first = last
        self._batch.clear()

    def _embed(self, texts: Sequence[str]) -> Vectors:
        vectors = np.empty((len(texts), self._embedder.source.dimensions), np.float32)
        for first in range(0, len(texts), _BATCH_WINDOWS):
            part = self._embedder.embed_documents(texts[first : first + _BATCH_WINDOWS])
            vectors[first : first + len(part)] = part
            self.windows += len(part)
            self._tell(self)
        return vectors


def index(
    store: VectorStore,
    embedder: Embedder,
    paths: Sequence[str | os.PathLike[str]],
    *,
    progress: Callable[[Progress], None] | None = None,
) -> Report:
    """Bring a store up to date with the files under `paths`; see `rag.Library.add`.

    The caller holds the store's writer.
    """
    found = sources.find(paths)
    known = {info.path: info.sha256 for info in store.documents()}
    unread = list(found.unread)
    unchanged: list[str] = []
    at, name = 0, ""

    def tell(indexer: Indexer) -> None:
        if progress is not None:
            progress(Progress(at, len(found.files), indexer.windows, name))

    indexer = Indexer(store, embedder, tell)
    for at, source in enumerate(found.files):  # noqa: B007 (`tell` reads it)
        name = source.name
        tell(indexer)
        try:
            file = readers.load(source)
            if known.get(str(source.path)) == file.sha256:
                unchanged.append(str(source.path))
            else:
                indexer.add(readers.read(file))
        except UnreadableFileError as error:
            unread.append(UnreadFile(str(source.path), source.name, str(error)))
    indexer.flush()
    if not (indexer.kept or unchanged):
        raise SourceError(_nothing_read(paths, unread))
    store.note_unread(unread, readable=_no_longer_noted(found, store, unread))
    at, name = len(found.files), ""
    tell(indexer)
    return Report(
        added=sum(path not in known for path in indexer.kept),
        replaced=sum(path in known for path in indexer.kept),
        unchanged=len(unchanged),
        removed=store.remove(_vanished(found, store)),
        passages=indexer.passages,
        unread=tuple(unread),
    )


def _prepare(reading: Reading, embedder: Embedder) -> _Prepared:
    """Cut a document's paragraphs into windows that fit the model, with their headings."""
    text = reading.document.text
    quotes = [text[p.start : p.end] for p in reading.paragraphs]
    contexts = {p.headings: _context(p.headings, embedder) for p in reading.paragraphs}
    spans = embedder.token_spans(quotes)
    cut: list[tuple[Window, ...]] = []
    texts: list[str] = []
    for paragraph, quote, tokens in zip(reading.paragraphs, quotes, spans, strict=True):
        context, used = contexts[paragraph.headings]
        found = windows(len(quote), tokens, size=embedder.max_tokens - used)
        cut.append(found)
        texts.extend(searchable(context, quote[w.start : w.end]) for w in found)
    return _Prepared(reading, tuple(cut), tuple(texts))


def _context(headings: tuple[str, ...], embedder: Embedder) -> tuple[tuple[str, ...], int]:
    """Return the innermost headings that fit in a quarter of a window, and their tokens."""
    kept: list[str] = []
    used = 0
    for heading, tokens in zip(
        reversed(headings), embedder.token_spans(headings[::-1]), strict=True
    ):
        if used + len(tokens) > embedder.max_tokens // 4:
            break
        kept.insert(0, heading)
        used += len(tokens)
    return tuple(kept), used


def _embedded(prepared: _Prepared, vectors: Vectors) -> list[EmbeddedParagraph]:
    """Give each paragraph of a document its windows' vectors."""
    found = []
    first = 0
    for paragraph, cut in zip(prepared.reading.paragraphs, prepared.windows, strict=True):
        found.append(EmbeddedParagraph(paragraph, cut, vectors[first : first + len(cut)]))
        first += len(cut)
    return found


def _vanished(found: sources.Found, store: VectorStore) -> list[str]:
    """Return the paths kept that lie in an indexed folder and are no longer there."""
    present = found.paths()
    kept = (info.path for info in store.documents())
    return [
        path
        for path in kept
        if path not in present and found.covers(path) and sources.is_gone(Path(path))
    ]


def _no_longer_noted(
    found: sources.Found, store: VectorStore, unread: Sequence[UnreadFile]
) -> list[str]:
    """Return the paths noted earlier that this run looked at and found no fault with."""
    present = found.paths()
    noted_now = {file.path for file in unread}
    noted = (file.path for file in store.unread())
    return [
        path for path in noted if path not in noted_now and (path in present or found.covers(path))
    ]


def _nothing_read(paths: Sequence[str | os.PathLike[str]], unread: Sequence[UnreadFile]) -> str:
    given = ", ".join(str(path) for path in paths)
    if not unread:
        return (
            f"There is no file in {given}. Nothing was changed; to forget documents that were "
            "there: quoth remove PATH"
        )
    reasons = "; ".join(f"{file.name}: {file.reason}" for file in unread[:3])
    more = f"; and {len(unread) - 3} more" if len(unread) > 3 else ""
    return f"Nothing in {given} can be read ({reasons}{more}). Nothing was changed."
