"""Small helpers that several tests share."""

import hashlib
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import apsw

from rag import Library
from vector_store.base import VectorStore

ROOT = Path(__file__).resolve().parents[2]
SEEDS = ROOT / "seeds"
BASRA = "000_93ec68f33ac78272.txt"
QOM = "004_070fadea8f8c3623.txt"
FILES = {"a.txt": "Universities in Basra offer scholarships.", "b.txt": "A river is wide."}
PATIENCE = 180.0
"""Seconds to wait for what has to come: only a fault takes so long, however busy the machine."""

A_MOMENT = 0.3
"""Seconds to wait for what must not come: a slow machine makes such a test no stricter."""


def wait_until(holds: Callable[[], object]) -> None:
    """Return once a condition holds; fail when it does not for as long as `PATIENCE`."""
    end = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < end, "what was waited for did not come"
        time.sleep(0.02)


def write_files(folder: Path, files: Mapping[str, str | bytes]) -> Path:
    """Write files, texts as UTF-8 exactly as given, and return the folder."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        data = content.encode("utf-8") if isinstance(content, str) else content
        path.write_bytes(data)
    return folder


def ask_texts(library: Library, question: str) -> list[str]:
    """Return the texts of an answer's passages, best first."""
    return [passage.text for passage in library.ask(question, k=10).passages]


def small_library(home: Path) -> Path:
    """Make a library of `FILES` below a folder, and close it; return its own folder."""
    docs = write_files(home / "docs", FILES)
    with Library.open(home / "library", model="hashing") as library:
        library.add(docs)
    return home / "library"


def documents_seen_at_once(folder: Path, *, processes: int) -> list[int]:
    """Open a library in several processes at one moment; return how many documents each counts."""
    code = (
        "import sys; from rag import Library\n"
        "sys.stdin.readline(); print(Library.open(sys.argv[1]).counts().documents)"
    )
    openers = [
        subprocess.Popen(
            [sys.executable, "-c", code, str(folder)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )
        for _ in range(processes)
    ]  # fmt: skip
    for opener in openers:
        assert opener.stdin is not None
        opener.stdin.write("go\n")
        opener.stdin.flush()
    return [int(opener.communicate(timeout=PATIENCE)[0]) for opener in openers]


class Newest:
    """Reads a store, each call in a view of its own: `Newest(store).counts()`."""

    def __init__(self, store: VectorStore) -> None:
        self._store = store

    def __getattr__(self, name: str) -> Callable[..., Any]:
        def read(*arguments: Any, **options: Any) -> Any:
            with self._store.view() as view:
                return getattr(view, name)(*arguments, **options)

        return read


def seal_judgements_as_format_7(connection: apsw.Connection) -> None:
    """Give every judgement the seal that formats 6 and 7 have, which names no library."""
    for number, *row, _ in list(connection.execute("SELECT * FROM feedback")):
        digest = hashlib.sha256()
        for value in row:
            data = value if isinstance(value, bytes) else repr(value).encode()
            digest.update(b"%d:" % len(data) + data)
        connection.execute(
            "UPDATE feedback SET seal = ? WHERE id = ?", (digest.hexdigest(), number)
        )


def as_format_6(folder: Path) -> None:
    """Make of a library one of format 6, which another version of Quoth has just left."""
    connection = apsw.Connection(str(folder / "library.sqlite3"))
    connection.execute("DROP TABLE document_keys; DROP INDEX passages_by_start")
    connection.execute("ALTER TABLE passages DROP COLUMN columns; DROP TABLE document_fields")
    seal_judgements_as_format_7(connection)
    connection.execute("PRAGMA secure_delete = off")
    connection.execute("CREATE TABLE gone AS SELECT CAST('Vorontsova' AS BLOB) || zeroblob(9000)")
    connection.execute("DROP TABLE gone")
    connection.pragma("user_version", 6)
    connection.pragma("wal_checkpoint(truncate)")
    connection.close()
    assert b"Vorontsova" in (folder / "library.sqlite3").read_bytes()
