"""Removing a document from the served library, and restoring it; each waits for the library."""

from pathlib import Path

from rag.errors import SourceError
from rag.library_folder import LibraryFolder
from ui.app_state import AppState
from ui.jobs.library_lock import retry_for_seconds


def remove(state: AppState, id: str) -> str:
    """Remove a document from the served library, as `Service.remove` says; return its name."""
    if state.served.shows_examples:
        raise SourceError("The examples cannot be removed. Add a document, and they disappear.")
    library = state.library
    path = library.path_of(id)
    files = LibraryFolder(Path(library.folder)).uploads if library.folder else None
    name = retry_for_seconds(lambda: state.trash.remove(library, id, path, files))
    state.uploads.forget(Path(path))
    return name


def restore(state: AppState, id: str) -> str:
    """Restore a document removed minutes ago, as `Service.restore` says; return its name."""
    return retry_for_seconds(lambda: state.trash.undo(state.library, id))
