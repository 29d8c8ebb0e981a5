"""ZIP archives of documents: each entry read as the file it would be, placed under its name."""

from pathlib import PurePosixPath

from rag.errors import UnreadableFileError
from rag.formats.extract import Extract, Gathering
from rag.formats.parts import step
from rag.formats.registry import is_litter
from rag.formats.safe_zip import Archive


def read(data: bytes, name: str) -> Extract:
    """Read an archive's entries. Raises UnreadableFileError when none can be read."""
    from rag.formats.dispatch import extract

    archive = Archive(data)
    gathered = Gathering()
    reasons = []
    for entry in archive.names():
        if any(is_litter(part) and part != ".." for part in PurePosixPath(entry).parts):
            continue
        try:
            with step():
                gathered.include(extract(entry, archive.read(entry)), entry)
        except UnreadableFileError as error:
            reasons.append(str(error))
            gathered.could_not_read(entry, str(error))
    if gathered.is_empty:
        if not reasons:
            raise UnreadableFileError("the archive is empty")
        raise UnreadableFileError(f"nothing in the archive can be read: {reasons[0]}")
    return gathered.extract()
