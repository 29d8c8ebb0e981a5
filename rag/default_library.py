"""Which library is meant: the one named, the user's own, or, before there is one, the seeds."""

import json
import shutil
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from rag.config import library_folder, library_is_named, seeds_library_folder
from rag.errors import SourceError
from rag.indexing.discovery import resolved
from rag.library import Library
from vector_store.errors import ForeignVectorsError, StoreVersionError
from vector_store.sqlite.database import FILE
from vector_store.sqlite.lost_databases import has_log, has_remains


@dataclass(frozen=True, slots=True)
class Opened:
    """An open library, and whether it is the seed documents' for want of another."""

    library: Library
    seeds: bool


def seed_documents() -> list[Path]:
    """Return the paths of the two documents that Quoth answers from out of the box."""
    return sorted(
        Path(str(entry)) for entry in files("seeds").iterdir() if entry.name[-4:] == ".txt"
    )


def seed_questions(*, answerable_only: bool = False) -> list[str]:
    """Return the labelled questions about the seed documents, in the order of their file."""
    lines = (files("seeds") / "questions.jsonl").read_text(encoding="utf-8").splitlines()
    labels = [json.loads(line) for line in lines]
    return [label["question"] for label in labels if label["answers"] or not answerable_only]


def open_existing(folder: Path | None, model: str | None = None) -> Library:
    """Open a library that must be there already. Raises SourceError when it is not."""
    path = resolved(folder or library_folder())
    if not is_library(path):
        option = f" --library {folder}" if folder else ""
        raise SourceError(f"There is no library in {path}. Make it with: quoth index PATH{option}")
    return Library.open(path, model=model)


def open_to_ask(folder: Path | None, model: str | None) -> Opened:
    """Open the library a question is for.

    When none is named and the user's own holds nothing yet, that is the seed documents', made
    on first use. Raises SourceError when the one named does not exist.
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
    """Tell whether there is a library in a folder, or what is left of one.

    Raises SourceError when it cannot be reached.
    """
    try:
        return (folder / FILE).is_file() or has_remains(folder) or has_log(folder / FILE)
    except OSError as error:
        message = f"The library {folder} cannot be reached ({error.strerror})."
        raise SourceError(message) from error


def _open_seeds(model: str | None) -> Library:
    folder = seeds_library_folder()
    try:
        library = Library.open(folder, model=model)
    except StoreVersionError:  # another version of Quoth made it, of documents that are here
        shutil.rmtree(folder)
        library = Library.open(folder, model=model)
    try:
        return _filled(library)
    except ForeignVectorsError:  # another processor's runtime made it
        library.close()
        shutil.rmtree(folder)
        return _filled(Library.open(folder, model=model))


def _filled(library: Library) -> Library:
    wanted = {str(path.resolve()) for path in seed_documents()}
    try:
        kept = {info.path for info in library.documents()}
        if kept != wanted:
            library.add(seed_documents())
            if kept - wanted:  # another installation's copies
                library.remove(sorted(kept - wanted))
    except BaseException:
        library.close()
        raise
    return library
