"""A library on a disk that cannot be written: asked as it is, and nothing else."""

import errno
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import apsw
import pytest
from tests_support import Newest, as_format_6, small_library

from rag import Library, StoreUnwritableError
from rag.cli.main import run
from vector_store.folder_names import DATABASE

QUESTION = "Who offers scholarships in Basra?"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Make a library of two documents, and close it."""
    return small_library(tmp_path)


def answer(folder: Path) -> dict[str, Any]:
    with Library.open(folder) as library:
        assert library.status().counts.documents == 2
        assert library.verify().problems == ()
        return json.loads(json.dumps(library.ask(QUESTION).to_dict()))


class ReadOnlySystem(apsw.VFS):
    """SQLite's way to a disk that cannot be written: as a system answers that says EROFS."""

    def __init__(self) -> None:
        super().__init__("read-only", "unix" if os.name == "posix" else "win32", makedefault=True)

    def xOpen(self, name: Any, flags: list[int]) -> apsw.VFSFile:
        if not flags[0] & apsw.SQLITE_OPEN_MAIN_DB:
            raise apsw.CantOpenError
        flags[0] &= ~(apsw.SQLITE_OPEN_READWRITE | apsw.SQLITE_OPEN_CREATE)
        flags[0] |= apsw.SQLITE_OPEN_READONLY
        return apsw.VFSFile("unix" if os.name == "posix" else "win32", name, flags)


@pytest.fixture
def read_only(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Give a library whose disk takes no writing any more."""
    opened, asked = os.open, os.statvfs

    def refusing(path: Any, flags: int, *others: Any, **named: Any) -> int:
        if flags & (os.O_RDWR | os.O_WRONLY | os.O_CREAT) and str(path).startswith(str(folder)):
            raise OSError(errno.EROFS, os.strerror(errno.EROFS), str(path))
        return opened(path, flags, *others, **named)

    def told(path: Any) -> os.statvfs_result:
        found = list(asked(path))
        found[8] |= os.ST_RDONLY
        return os.statvfs_result(found)

    system = ReadOnlySystem()
    monkeypatch.setattr("os.open", refusing)
    monkeypatch.setattr("os.statvfs", told)
    yield folder
    system.unregister()


@pytest.mark.skipif(not hasattr(os, "statvfs"), reason="the system does not tell")
def test_a_library_on_a_read_only_disk_is_asked(
    folder: Path, request: pytest.FixtureRequest, capsys: pytest.CaptureFixture[str]
) -> None:
    before, files = answer(folder), sorted(folder.rglob("*"))
    request.getfixturevalue("read_only")
    assert answer(folder) == before
    with Library.open(folder) as library:
        with pytest.raises(StoreUnwritableError, match="Make the folder writable"):
            library.add(folder.parent / "docs")
        with pytest.raises(StoreUnwritableError, match="Make the folder writable"):
            library.remove(folder.parent / "docs")
        with pytest.raises(StoreUnwritableError, match="Make the folder writable"):
            library.judge(QUESTION, None, answers=False)
        with pytest.raises(StoreUnwritableError, match="Make the folder writable"):
            library.calibrate(0.2)
        with pytest.raises(StoreUnwritableError, match="Make the folder writable"):
            library.reset_calibration()
    assert answer(folder) == before
    assert run(["index", str(folder.parent / "docs"), "--library", str(folder)]) == 2
    assert "Cannot write to the library" in capsys.readouterr().err
    assert sorted(folder.rglob("*")) == files


@pytest.mark.skipif(not hasattr(os, "statvfs"), reason="the system does not tell")
def test_a_library_of_an_earlier_format_on_a_read_only_disk_is_asked(
    folder: Path, request: pytest.FixtureRequest
) -> None:
    with Library.open(folder) as library:
        library.judge(QUESTION, library.ask(QUESTION).passages[0], answers=True)
        judgements = Newest(library.store).feedback()
    before, _ = answer(folder), as_format_6(folder)
    content = (folder / DATABASE).read_bytes()
    request.getfixturevalue("read_only")
    assert answer(folder) == before
    with Library.open(folder) as library:
        assert Newest(library.store).feedback() == judgements
    assert (folder / DATABASE).read_bytes() == content


def _mounts() -> bool:
    if shutil.which("unshare") is None or sys.platform != "linux":
        return False
    with TemporaryDirectory() as some:
        command = ["unshare", "-rm", "mount", "--bind", some, some]
        done = subprocess.run(command, capture_output=True, check=False)
    return done.returncode == 0


@pytest.mark.skipif(not _mounts(), reason="may not mount, even in a namespace of its own")
def test_a_library_on_a_disk_mounted_read_only_is_asked(folder: Path) -> None:
    """The same on a file system that the kernel itself keeps from being written."""
    before = answer(folder)
    script = (
        f'mount --bind "$1" "$1" && mount -o remount,ro,bind "$1" && '
        f'"{sys.executable}" -m rag ask "{QUESTION}" --json --library "$1"; '
        f'"{sys.executable}" -m rag index "$1/../docs" --library "$1"'
    )
    done = subprocess.run(
        ["unshare", "-rm", "sh", "-c", script, "sh", str(folder)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert json.loads(done.stdout) == before
    assert done.returncode == 2
    assert "Cannot write to the library" in done.stderr
    assert "Traceback" not in done.stderr
