"""ZIP archives, as most office files are: opened without trusting what they say of themselves.

Nothing is ever unpacked to disk, so a path within an archive leads nowhere. What is unpacked in
memory is bounded by what comes out, not by what the archive claims.
"""

import io
import zipfile
import zlib
from posixpath import join, normpath

from rag.errors import UnreadableFileError

MOST_ENTRIES = 20_000
LARGEST_ENTRY = 256 << 20
"""Bytes that one entry may unpack to."""
LARGEST_TOTAL = 512 << 20
"""Bytes that all entries read may unpack to."""
HIGHEST_RATIO = 200
"""Unpacked to packed size; text packs to a tenth, and a bomb to a thousandth."""

_DAMAGE = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError, ValueError)
_SMALL = 4 << 20  # whatever its ratio, this much harms nobody
_PART = 1 << 20


class Archive:
    """A ZIP archive in memory, with a bound on all that is read from it."""

    def __init__(self, data: bytes) -> None:
        """Open an archive. Raises UnreadableFileError when it is damaged or a bomb."""
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(data))
        except _DAMAGE as error:
            raise UnreadableFileError(
                "the file is damaged: its ZIP archive has no index"
            ) from error
        entries = self._zip.infolist()
        if len(entries) > MOST_ENTRIES:
            raise UnreadableFileError(
                f"it holds {len(entries):,} entries, and at most {MOST_ENTRIES:,} are read"
            )
        packed = sum(entry.compress_size for entry in entries)
        unpacked = sum(entry.file_size for entry in entries)
        if unpacked > _SMALL and unpacked > HIGHEST_RATIO * max(packed, 1):
            raise _bomb()
        if packed > 2 * len(data) + _SMALL:  # entries that share their bytes
            raise _bomb()
        self._left = LARGEST_TOTAL

    def names(self) -> list[str]:
        """Return the names of its files, in the archive's order, folders left out."""
        return [entry.filename for entry in self._zip.infolist() if not entry.is_dir()]

    def has(self, name: str) -> bool:
        """Tell whether there is an entry of this name."""
        return name in self._zip.NameToInfo

    def read(self, name: str) -> bytes:
        """Return an entry's bytes.

        Raises UnreadableFileError when it is missing, locked, damaged, too large, or a bomb.
        """
        try:
            entry = self._zip.getinfo(name)
        except KeyError:
            raise UnreadableFileError(f"the file is damaged: it lacks its {name}") from None
        if entry.flag_bits & 0x1:
            raise UnreadableFileError("a password is needed to read it")
        try:
            return self._unpacked(entry)
        except _DAMAGE as error:
            raise UnreadableFileError(f"the file is damaged: {name} cannot be unpacked") from error

    def _unpacked(self, entry: zipfile.ZipInfo) -> bytes:
        bound = min(LARGEST_ENTRY, self._left)
        parts: list[bytes] = []
        size = 0
        with self._zip.open(entry) as stream:
            while part := stream.read(_PART):
                parts.append(part)
                size += len(part)
                if size > bound or (
                    size > _SMALL and size > HIGHEST_RATIO * max(entry.compress_size, 1)
                ):
                    raise _bomb()
        self._left -= size
        return b"".join(parts)


def beside(name: str, target: str) -> str:
    """Return the entry that `target` means when it stands in the entry `name`."""
    if target.startswith("/"):
        return normpath(target).lstrip("/")
    return normpath(join(name.rpartition("/")[0], target))


def _bomb() -> UnreadableFileError:
    return UnreadableFileError("it unpacks to far more than a document holds (a ZIP bomb?)")
