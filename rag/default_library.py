"""Which library a command opens: the named one, else the user's own, else the seed documents'."""

import json
import shutil
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from rag.casework.casework import Casework
from rag.config import library_folder, library_is_named, seeds_library_folder
from rag.errors import SourceError
from rag.indexing.discovery import resolved
from rag.library import Library
from rag.library_folder import LibraryFolder
from vector_store.errors import ForeignVectorsError, StoreVersionError
from vector_store.sqlite.lost_databases import has_log, has_remains


@dataclass(frozen=True, slots=True)
class Opened:
    """An open library, and whether it is the seed documents' because there is no other."""

    library: Library
    seeds: bool


def seed_documents() -> list[Path]:
    """Return the paths of the two documents that Quoth ships with."""
    return sorted(
        Path(str(entry)) for entry in files("seeds").iterdir() if entry.name[-4:] == ".txt"
    )


def seed_questions(*, answerable_only: bool = False) -> list[str]:
    """Return the labelled questions about the seed documents, in the order of their file."""
    lines = (files("seeds") / "questions.jsonl").read_text(encoding="utf-8").splitlines()
    labels = [json.loads(line) for line in lines]
    return [label["question"] for label in labels if label["answers"] or not answerable_only]


def open_existing(folder: Path | None, model: str | None = None) -> Library:
    """Open a library that exists already. Raises SourceError when it does not."""
    path = resolved(folder or library_folder())
    if not is_library(path):
        option = f" --library {folder}" if folder else ""
        raise SourceError(f"There is no library in {path}. To make one: quoth index PATH{option}")
    return Library.open(path, model=model)


def open_to_ask(folder: Path | None, model: str | None) -> Opened:
    """Open the library that answers questions.

    If none is named and the user's own is empty or missing, that is the seed documents' library,
    which is made on first use. Raises SourceError when a named library does not exist.
    """
    if folder is not None or library_is_named():
        return Opened(open_existing(folder, model), seeds=False)
    if is_library(library_folder()):
        library = open_existing(None, model)
        if library.documents():
            return Opened(library, seeds=False)
        library.close()
    return Opened(_open_seeds(model), seeds=True)


def is_library(folder: Path) -> bool:
    """Tell whether a folder holds a library, or the remains of one.

    Raises SourceError when the folder cannot be accessed.
    """
    try:
        database = LibraryFolder(folder).database
        return database.is_file() or has_remains(folder) or has_log(database)
    except OSError as error:
        raise SourceError(
            f"Cannot access the library {folder} ({error.strerror}). Check its permissions."
        ) from error


def _open_seeds(model: str | None) -> Library:
    folder = seeds_library_folder()
    try:
        library = Library.open(folder, model=model)
    except StoreVersionError:  # made by another version of Quoth; nothing in it is the user's
        shutil.rmtree(folder)
        library = Library.open(folder, model=model)
    try:
        _add_seeds(library)
    except ForeignVectorsError:  # made by the model's runtime for another processor
        shutil.rmtree(folder)
        library = Library.open(folder, model=model)
        _add_seeds(library)
    return library


def _add_seeds(library: Library) -> None:
    """Make the seed documents a library's only ones; close the library if that fails."""
    seeds = {str(path.resolve()) for path in seed_documents()}
    try:
        indexed = {info.path for info in library.documents()}
        if indexed != seeds:
            library.add(seed_documents())
            if indexed - seeds:  # copies of another installation
                library.remove(sorted(indexed - seeds))
    except BaseException:
        library.close()
        raise


def own_casework(examples: Library) -> Casework:
    """Return the person's own cases while only the examples can be asked.

    They are kept where the person's own library will be: the examples' is made anew at will.
    """
    return Casework(resolved(library_folder()), examples.store.view)
