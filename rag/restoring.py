"""A new library of what is whole of a damaged one; see `vector_store.salvage`."""

import secrets
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from rag.errors import ForeignVectorsError, SourceError
from rag.indexing import Progress
from rag.library import Library
from rag.opening import is_library
from rag.readers import Reading
from rag.sources import resolved
from vector_store.salvage import Salvaged, salvage


@dataclass(frozen=True, slots=True)
class Restoration:
    """A new library, and what it holds of the damaged one."""

    folder: str
    salvaged: Salvaged


def restore(
    damaged: Path,
    to: Path | None = None,
    *,
    model: str | None = None,
    progress: Callable[[Progress], None] | None = None,
) -> Restoration:
    """Make a library in the folder `to` of what is whole of a damaged one, which is only read.

    Without `to`, it lies beside the damaged one. Where only the vectors of a document are
    damaged, it is embedded anew; `progress` is called as that goes on. `model` is the one to
    embed by where the library does not tell any more. After an interruption there is no new
    library.

    Raises SourceError when there is no library in `damaged`, or something in `to`; StoreBusyError,
    StoreUnwritableError or ModelError.
    """
    source = resolved(damaged)
    target = resolved(to) if to else source.with_name(f"{source.name}-restored")
    if not is_library(source):
        raise SourceError(f"There is no library in {source}. Name its folder with --library DIR.")
    if target.exists():
        raise SourceError(f"{target} is there already. Name a new folder with --to DIR.")
    unfinished = target.with_name(f".{target.name}-{secrets.token_hex(4)}")
    try:
        salvaged = salvage(source, unfinished)
        with Library.open(unfinished, model=model) as library:
            _embed(library, salvaged.unembedded, progress)
        unfinished.rename(target)
    except BaseException:
        shutil.rmtree(unfinished, ignore_errors=True)
        raise
    return Restoration(str(target), salvaged)


def _embed(
    library: Library, paths: tuple[str, ...], progress: Callable[[Progress], None] | None
) -> None:
    """Embed the documents that have no vectors, and save the indexes."""
    store = library.store
    known = {info.path: info for info in store.documents()}

    def readings() -> Iterator[Reading]:
        for at, path in enumerate(paths):
            if progress is not None:
                progress(Progress(at, len(paths), 0, known[path].name))
            contents = store.contents(path)
            paragraphs = tuple(passage.paragraph for passage in contents.passages)
            yield Reading(contents.document, paragraphs)

    if paths:
        try:
            library.add_readings(readings())
        except ForeignVectorsError:  # what runs the model here gives other last digits
            library.switch(library.model, progress=progress)
    with store.writer():  # which saves the indexes
        store.note_copies((copy, path) for path in paths for copy in known[path].copies)
