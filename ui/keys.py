"""API keys: by which programs ask a server that wants to know who asks.

A key is 256 random bits, so its SHA-256 can be kept where a password needs scrypt: nobody can try
as many as there are, and a request need not wait for a slow hash.
"""

import hashlib
import hmac
import json
import os
import secrets
import threading
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Literal

import regex

from rag.errors import QuothError

Access = Literal["read", "write"]
_NAME = regex.compile(r"[\p{L}\p{N}][\p{L}\p{N}._ -]{0,63}")
_Stamp = tuple[int, int, int]


class KeyFileError(QuothError):
    """A key cannot be made or found; the message says why."""


@dataclass(frozen=True, slots=True)
class Key:
    """What is kept of a key: never the key itself."""

    name: str
    access: Access
    digest: str
    made: str
    """The day, as YYYY-MM-DD."""


class Keys:
    """The keys of one library, in a file that only its owner can read.

    The file is read again when it has changed, so a key that is revoked is refused at once by a
    server that runs.
    """

    def __init__(self, path: Path) -> None:
        """Keep keys in a file, made with the first one."""
        self._path = path
        self._lock = threading.Lock()
        self._read: tuple[_Stamp | None, tuple[Key, ...]] = (None, ())

    def add(self, name: str, access: Access) -> str:
        """Make a key and return it; it cannot be told again. Raises KeyFileError."""
        if not _NAME.fullmatch(name):
            raise KeyFileError("A key's name has 1 to 64 letters, digits, spaces, '.', '_' or '-'.")
        if any(key.name == name for key in self.all()):
            raise KeyFileError(f"There is a key {name!r} already. Revoke it, or choose a new name.")
        told = f"quoth_{secrets.token_urlsafe(32)}"
        made = date.today().isoformat()
        self._write((*self.all(), Key(name, access, _digest(told), made)))
        return told

    def revoke(self, name: str) -> None:
        """Let a key in no more. Raises KeyFileError when there is none of that name."""
        kept = tuple(key for key in self.all() if key.name != name)
        if len(kept) == len(self.all()):
            raise KeyFileError(f"There is no key {name!r}. See which there are: quoth keys list")
        self._write(kept)

    def all(self) -> tuple[Key, ...]:
        """Return every key, in the order made. Raises KeyFileError when the file is damaged."""
        try:
            stat = self._path.stat()
        except FileNotFoundError:
            return ()
        stamp = (stat.st_mtime_ns, stat.st_size, stat.st_ino)
        with self._lock:
            if self._read[0] != stamp:
                self._read = (stamp, self._load())
            return self._read[1]

    def access_of(self, told: str) -> Access | None:
        """Return what a key may do; None when it is none of these. Raises KeyFileError."""
        digest, found = _digest(told), None
        for key in self.all():  # all are compared, so that the time tells nothing
            if hmac.compare_digest(key.digest, digest):
                found = key.access
        return found

    def _load(self) -> tuple[Key, ...]:
        try:
            return tuple(Key(**row) for row in json.loads(self._path.read_text("utf-8")))
        except (ValueError, TypeError) as error:
            raise KeyFileError(
                f"The keys in {self._path} are damaged. Delete the file and make new ones."
            ) from error

    def _write(self, keys: tuple[Key, ...]) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        part = self._path.with_name(f"{self._path.name}.part")
        part.unlink(missing_ok=True)
        handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump([asdict(key) for key in keys], file, indent=1)
        part.replace(self._path)


def _digest(told: str) -> str:
    return hashlib.sha256(told.encode("utf-8", "surrogatepass")).hexdigest()
