"""A new library of what is whole of a damaged one; see `vector_store.recovery`."""

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
    """A new library, and what it holds of the damaged one."""

    folder: str
    salvaged: Salvaged
    uncopied: tuple[str, ...]
    """Files that the chat page took in and that cannot be read any more."""


def restore(
    damaged: Path,
    to: Path | None = None,
    *,
    model: str | None = None,
    progress: Callable[[Progress], None] | None = None,
) -> Restoration:
    """Make a library in the folder `to` of what is whole of a damaged one, which is only read.

    Without `to`, it lies beside the damaged one. What the chat page keeps in the folder is copied:
    the password, the keys, and the files that it took in, whose documents go by their new paths.
    Where only the vectors of a document are damaged, it is embedded anew; `progress` is called as
    that goes on. `model` is the one to embed by where the library does not tell any more. After
    an interruption there is no new library.

    Raises SourceError when there is no library in `damaged`, or something in `to`, or `to` lies
    in `damaged`; StoreBusyError, StoreUnwritableError or ModelError.
    """
    source = resolved(damaged)
    target = resolved(to) if to else source.with_name(f"{source.name}-restored")
    if not is_library(source):
        raise SourceError(f"There is no library in {source}. Name its folder with --library DIR.")
    if target.is_relative_to(source):
        raise SourceError(
            f"{target} lies in the damaged library, which is only read. Name a folder outside it "
            "with --to DIR."
        )
    if target.exists():
        raise SourceError(f"{target} is there already. Name a new folder with --to DIR.")
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
    """Copy what the chat page keeps in a library's folder into another one.

    Returns the names, within the folder, of the files taken in that were copied, and the paths
    of those that cannot be read. Raises StoreUnwritableError when one cannot be written, or what
    says who may come in not be read: a library is not to come back open.
    """
    copied: list[str] = []
    uncopied: list[str] = []
    try:
        to.mkdir(mode=0o700, parents=True)
        folder = LibraryFolder(damaged)
        for secret in (folder.password, folder.api_keys):
            if secret.exists():
                _write(to / secret.name, secret.read_bytes())
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
            f"What the chat page keeps in {damaged} cannot be copied ({error}). Check the "
            "permissions and the space left, and restore again."
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
