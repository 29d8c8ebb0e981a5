"""The layout of a library's folder on disk."""

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from vector_store.errors import StoreUnwritableError
from vector_store.folder_names import (
    API_KEYS,
    CASEWORK,
    DATABASE,
    MARKS,
    PASSWORD,
    SERVER_LOCK,
    UPLOADS,
)


@dataclass(frozen=True, slots=True)
class LibraryFolder:
    """A library's folder, and the paths of what Quoth keeps in it. Any of them may be missing."""

    path: Path

    @property
    def database(self) -> Path:
        """The SQLite database, from which all indexes are derived."""
        return self.path / DATABASE

    @property
    def casework(self) -> Path:
        """The SQLite database of cases and conversations, which the person made."""
        return self.path / CASEWORK

    @property
    def casework_files(self) -> tuple[Path, ...]:
        """That database, and the log that an interrupted writer may have left beside it."""
        return self.casework, self.path / f"{CASEWORK}-wal"

    @property
    def uploads(self) -> Path:
        """The folder of files uploaded through the chat page or the API.

        They belong to the library and are deleted with their documents; indexed files elsewhere
        are the user's own and are never touched.
        """
        return self.path / UPLOADS

    @property
    def password(self) -> Path:
        """The hash of the chat page's password."""
        return self.path / PASSWORD

    @property
    def api_keys(self) -> Path:
        """The hashes of the API keys."""
        return self.path / API_KEYS

    @property
    def marks(self) -> Path:
        """The database of the status and tags of documents."""
        return self.path / MARKS

    @property
    def server_lock(self) -> Path:
        """The lock of the one server that reads uploads into the library."""
        return self.path / SERVER_LOCK

    def delete_uploads(self, paths: Iterable[str]) -> None:
        """Delete the files at `paths` that are uploads. Raises StoreUnwritableError."""
        for file in map(Path, paths):
            if not file.is_relative_to(self.uploads):
                continue
            try:
                file.unlink(missing_ok=True)
            except OSError as error:
                raise StoreUnwritableError(
                    f"The document was removed, but its file {file} cannot be deleted: "
                    f"{error.strerror}. Delete it yourself."
                ) from error
            remove_empty_parents(file, self.uploads)


def remove_empty_parents(file: Path, folder: Path) -> None:
    """Remove the empty folders between a deleted file and `folder`: their names tell of it."""
    for parent in file.parents:
        if parent == folder or not parent.is_relative_to(folder):
            return
        with suppress(OSError):  # not empty
            parent.rmdir()
