"""Derived indexes on disk: written whole, checked on reading, never trusted.

A snapshot is a folder `indexes-<commit>-<random>` holding the index's files and a manifest with
their SHA-256. It is written under a temporary name, flushed file by file, and renamed, so that
a reader sees a whole snapshot or none. What it holds, and how to make it again, others know.
"""

import contextlib
import hashlib
import json
import os
import secrets
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from vector_store.sqlite.metadata import Commit

_MANIFEST = "manifest.json"
LIST = "documents.json"
"""Where the paths of the documents indexed stand, for the day when the database is lost."""
_TEMPORARY = "tmp-"
_PREFIX = "indexes-"


@dataclass(frozen=True, slots=True)
class Tag:
    """What a snapshot reflects; a snapshot with another tag belongs to something else."""

    library: str
    """The random identity of the library, so that another's files are not mistaken for ours."""
    source: str
    """What the content depends on besides the passages: embedder and analysis."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A snapshot found whole: its folder and the commit it reflects."""

    folder: Path
    commit: Commit


class SnapshotDamagedError(Exception):
    """A snapshot is incomplete, altered or of another library; the message says which."""


def publish(root: Path, tag: Tag, commit: Commit, write: Callable[[Path], None]) -> Snapshot:
    """Write a snapshot through `write(folder)`, make it durable, then drop older ones.

    Raises OSError when the disk refuses; nothing that was there before is lost then.
    """
    root.mkdir(mode=0o700, exist_ok=True)
    _drop(root, lambda folder: folder.name.startswith(_TEMPORARY))  # before there is one more
    temporary = root / f"{_TEMPORARY}{secrets.token_hex(8)}"
    temporary.mkdir(mode=0o700)
    try:
        write(temporary)
        files = {}
        for path in sorted(temporary.rglob("*")):
            if path.is_file():
                files[path.relative_to(temporary).as_posix()] = file_digest(path)
            path.chmod(0o700 if path.is_dir() else 0o600)
            _flush(path)
        manifest = {
            "library": tag.library,
            "source": tag.source,
            "commit": commit.number,
            "token": commit.token,
            "files": files,
        }
        (temporary / _MANIFEST).write_text(_written(manifest))
        (temporary / _MANIFEST).chmod(0o600)
        _flush(temporary / _MANIFEST)
        _flush(temporary)
        folder = root / f"{_PREFIX}{commit.number}-{secrets.token_hex(4)}"
        temporary.rename(folder)
    except BaseException:
        shutil.rmtree(temporary, ignore_errors=True)
        raise
    _flush(root)
    _drop(root, lambda other: other.name.startswith(_PREFIX) and other != folder)
    return Snapshot(folder, commit)


def tidy(root: Path) -> None:
    """Drop all but the newest snapshot; only the holder of the writer's lock may do so.

    There are others when a writer was killed after it had published one.
    """
    if root.is_dir():
        keep = max(_published(root), key=_commit_in_name, default=None)
        _drop(root, lambda folder: folder != keep)


def drop_all(root: Path) -> None:
    """Drop every snapshot; only the holder of the writer's lock may do so."""
    if root.is_dir():
        _drop(root, lambda _: True)


def newest(root: Path, tag: Tag) -> Snapshot | None:
    """Return the newest snapshot, checked, or None where there is none.

    Raises SnapshotDamagedError when the newest one cannot be trusted.
    """
    if not root.is_dir():
        return None
    while True:
        folders = _published(root)
        if not folders:
            return None
        folder = max(folders, key=_commit_in_name)
        try:
            return _checked(folder, tag)
        except _SupersededError:
            return None
        except SnapshotDamagedError:
            if folder.is_dir():
                raise
            # The writer replaced it while we were reading: look again.


def listed(root: Path, library: str | None) -> list[str]:
    """Return the paths of documents that the newest snapshot lists; none where it has no list.

    `library` is whose it must be, where that is known.
    """
    folders = _published(root) if root.is_dir() else []
    for folder in sorted(folders, key=_commit_in_name, reverse=True):
        try:
            manifest = json.loads((folder / _MANIFEST).read_text())
            whole = manifest["files"][LIST] == file_digest(folder / LIST)
            if whole and library in (None, manifest["library"]):
                return list(map(str, json.loads((folder / LIST).read_text())))
        except (OSError, ValueError, KeyError, TypeError, RecursionError):
            continue  # a damaged snapshot lists nothing
    return []


def libraries(root: Path) -> set[str]:
    """Return the ids of the libraries that the snapshots name; none where they cannot be read."""
    named = set()
    for folder in _published(root) if root.is_dir() else []:
        try:
            named.add(str(json.loads((folder / _MANIFEST).read_text())["library"]))
        except (OSError, ValueError, KeyError, TypeError, RecursionError):
            continue
    return named


class _SupersededError(Exception):
    """A snapshot of an earlier model or analysis: not damaged, only of no more use."""


def _published(root: Path) -> list[Path]:
    return [path for path in root.iterdir() if path.name.startswith(_PREFIX) and path.is_dir()]


def _commit_in_name(folder: Path) -> int:
    number = folder.name.split("-")[1]
    return int(number) if number.isdecimal() else -1


def _written(manifest: Mapping[str, object]) -> str:
    return json.dumps(manifest, indent=1)


def _checked(folder: Path, tag: Tag) -> Snapshot:
    try:
        text = (folder / _MANIFEST).read_text()
        manifest = json.loads(text)
        commit = Commit(int(manifest["commit"]), str(manifest["token"]))
        files = dict(manifest["files"])
        found = Tag(str(manifest["library"]), str(manifest["source"]))
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise SnapshotDamagedError(f"{folder.name}: its manifest cannot be read") from error
    if text != _written(manifest):
        raise SnapshotDamagedError(f"{folder.name}: its manifest was altered")
    if found.library != tag.library:
        raise SnapshotDamagedError(f"{folder.name}: it belongs to another library")
    if found != tag:
        raise _SupersededError
    for name, digest in files.items():
        path = folder / name
        try:
            altered = ".." in path.parts or file_digest(path) != digest
        except OSError as error:
            raise SnapshotDamagedError(f"{folder.name}: {name} cannot be read") from error
        if altered:
            raise SnapshotDamagedError(f"{folder.name}: {name} was altered")
    return Snapshot(folder, commit)


def file_digest(path: Path) -> str:
    """Return a file's SHA-256, in hexadecimal. Raises OSError."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _flush(path: Path) -> None:
    """Force a file, or a folder's list of names, to the disk."""
    if os.name == "nt" and path.is_dir():
        return  # Windows has no way to flush a folder
    descriptor = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _drop(root: Path, superseded: Callable[[Path], bool]) -> None:
    """Remove superseded snapshots, or temporary folders that a dead writer left behind.

    Only the holder of the writer's lock comes here, so no temporary folder is in use. A reader
    may still have an old snapshot open: on POSIX its files live on; elsewhere the removal fails
    and the next publication tries again.
    """
    for folder in filter(superseded, list(root.iterdir())):
        with contextlib.suppress(OSError):
            shutil.rmtree(folder)
