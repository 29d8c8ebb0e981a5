"""Restoring a damaged library: a new one with everything intact; see `vector_store.recovery`."""

import os
import secrets
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from rag.default_library import is_library
from rag.errors import ForeignVectorsError, SourceError
from rag.indexing.discovery import resolved
from rag.indexing.pipeline import Progress
from rag.indexing.readers import Reading
from rag.library import Library
from rag.library_folder import LibraryFolder
from vector_store.errors import StoreUnwritableError
from vector_store.recovery import Salvaged, salvage


@dataclass(frozen=True, slots=True)
class Restoration:
    """The outcome of restoring a library."""

    folder: str
    """The new library's."""
    salvaged: Salvaged
    uncopied: tuple[str, ...]
    """Paths of files uploaded on the chat page that cannot be read any more."""

    @property
    def is_complete(self) -> bool:
        """Tell whether everything was saved."""
        return not (self.salvaged.lost or self.salvaged.unnamed or self.uncopied)


def restore(
    damaged: Path,
    to: Path | None = None,
    *,
    model: str | None = None,
    progress: Callable[[Progress], None] | None = None,
) -> Restoration:
    """Make a library in the folder `to` from what is intact in a damaged one, which is only read.

    Without `to`, the new library lies beside the damaged one. The cases, the marks of documents,
    and the chat page's password, keys and uploaded files are copied; documents of uploaded files
    get their new paths. A document of which only the vectors are damaged is re-embedded, with
    calls of `progress`. `model` is used if the library no longer says which model embedded it. An
    interruption leaves no new library.

    Raises SourceError when `damaged` holds no library, when `to` exists or lies within `damaged`;
    StoreBusyError, StoreUnwritableError or ModelError.
    """
    source = resolved(damaged)
    target = resolved(to) if to else source.with_name(f"{source.name}-restored")
    if not is_library(source):
        raise SourceError(f"There is no library in {source}. Give its folder with --library DIR.")
    if target.is_relative_to(source):
        raise SourceError(
            f"{target} lies in the damaged library, which must not change. Give a folder outside "
            "it with --to DIR."
        )
    if target.exists():
        raise SourceError(f"{target} exists already. Give a new folder with --to DIR.")
    unfinished = target.with_name(f".{target.name}-{secrets.token_hex(4)}")
    try:
        copied, uncopied = _copy(source, unfinished)
        moved = {str(source / name): str(target / name) for name in copied}
        salvaged = salvage(source, unfinished, moved)
        with Library.open(unfinished, model=model) as library:
            _embed(library, salvaged.unembedded, progress)
        unfinished.rename(target)
    except BaseException:
        shutil.rmtree(unfinished, ignore_errors=True)
        raise
    return Restoration(str(target), salvaged, uncopied)


def _copy(damaged: Path, to: Path) -> tuple[list[str], tuple[str, ...]]:
    """Copy the chat page's files and the person's cases from a library's folder into another.

    Returns the paths, relative to the folder, of the uploaded files that were copied, and the
    paths of those that cannot be read. Raises StoreUnwritableError when a file cannot be written,
    or when a secret or the cases cannot be read: the restored library must not be open to anyone,
    and lack nothing of the person's own work.
    """
    copied: list[str] = []
    uncopied: list[str] = []
    try:
        to.mkdir(mode=0o700, parents=True)
        folder = LibraryFolder(damaged)
        own = (folder.password, folder.api_keys, folder.marks, *folder.casework_files)
        for file in own:
            if file.exists():
                _write(to / file.name, file.read_bytes())
        for path in sorted(folder.uploads.rglob("*")):
            if path.is_symlink() or not path.is_file():
                continue
            try:
                data = path.read_bytes()
            except OSError:
                uncopied.append(str(path))
                continue
            name = str(path.relative_to(damaged))
            (to / name).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            _write(to / name, data)
            shutil.copystat(path, to / name)
            (to / name).chmod(0o600)
            copied.append(name)
    except OSError as error:
        raise StoreUnwritableError(
            f"The chat page's files in {damaged} cannot be copied ({error}). Check the "
            "permissions and the free space, and restore again."
        ) from error
    return copied, tuple(uncopied)


def _write(path: Path, data: bytes) -> None:
    """Write a file that only its owner can read."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(data)


def _embed(
    library: Library, paths: tuple[str, ...], progress: Callable[[Progress], None] | None
) -> None:
    """Embed the documents that have no vectors, and save the indexes."""
    store = library.store
    with store.view() as view:
        documents = {info.path: info for info in view.documents()}

    def readings() -> Iterator[Reading]:
        for done, path in enumerate(paths):
            if progress is not None:
                progress(Progress(done, len(paths), 0, documents[path].name))
            with store.view() as view:
                contents = view.contents(path)
            paragraphs = tuple(passage.paragraph for passage in contents.passages)
            yield Reading(contents.document, paragraphs)

    if paths:
        try:
            library.add_readings(readings())
        except ForeignVectorsError:  # the runtime here computes slightly different vectors
            library.switch(library.model, progress=progress)
    with store.writer() as writer:  # saves the indexes on leaving
        writer.note_copies((copy, path) for path in paths for copy in documents[path].copies)
