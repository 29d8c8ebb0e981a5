"""Files that the chat page took in go with their documents; a person's own stay."""

from pathlib import Path

import pytest
from tests_support import write_files

from rag import Library, StoreUnwritableError


def test_a_file_that_was_taken_in_goes_with_its_document_and_a_persons_own_stays(
    library: Library, tmp_path: Path
) -> None:
    own = write_files(tmp_path / "docs", {"own.txt": "The harbour is deep."}) / "own.txt"
    home = Path(library.folder) / "files"
    sent = write_files(home, {"secret plans/sent.txt": "Ships.", "stays.txt": "Boats."})
    library.add([own, sent])
    assert library.remove([own, sent / "secret plans"]) == 2
    assert own.exists()
    assert [path.name for path in home.rglob("*")] == ["stays.txt"]


def test_a_file_that_cannot_be_deleted_is_named(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = write_files(Path(library.folder) / "files", {"sent.txt": "Ships lie there."})
    library.add(home)

    def refuse(path: Path, missing_ok: bool = False) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "unlink", refuse)
    with pytest.raises(StoreUnwritableError, match=r"sent\.txt cannot be deleted: Permission"):
        library.remove(home)
