"""API keys for programs, and the file that holds their hashes.

A key is 256 random bits, too many to guess, so SHA-256 is enough where a password needs scrypt, and
requests need not wait for a slow hash.
"""

import hashlib
import hmac
import json
import logging
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Annotated, Literal

import filelock
import regex
from pydantic import ConfigDict, Field, TypeAdapter, ValidationError

from rag.errors import QuothError
from ui.security.secret_files import write_private

Access = Literal["read", "write"]
_NAME = regex.compile(r"[\p{L}\p{N}][\p{L}\p{N}._ -]{0,63}")
_Stamp = tuple[int, int, int]
_LOCK_TIMEOUT = 30  # seconds: a change takes a moment
_log = logging.getLogger("quoth")


class KeyFileError(QuothError):
    """A key cannot be made or found, or the file is unusable; the message says why."""


@dataclass(frozen=True, slots=True)
class Key:
    """A key as it is stored: its hash, never the key itself."""

    name: str
    access: Access
    digest: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
    made: str
    """The day, as YYYY-MM-DD."""


_KEYS = TypeAdapter(tuple[Key, ...], config=ConfigDict(strict=True, extra="forbid"))


class Keys:
    """The API keys of one library, in a file that only its owner can read.

    The file is re-read when it has changed, so a running server refuses a revoked key at once.
    """

    def __init__(self, path: Path) -> None:
        """Use the file at `path`, which the first key creates."""
        self._path = path
        self._lock = threading.Lock()
        self._read: tuple[_Stamp | None, tuple[Key, ...]] = (None, ())

    def add(self, name: str, access: Access) -> str:
        """Create a key and return it; it cannot be shown again. Raises KeyFileError."""
        if not _NAME.fullmatch(name):
            raise KeyFileError(
                "A key's name must have 1 to 64 letters, digits, spaces, '.', '_' or '-'."
            )
        secret = f"quoth_{secrets.token_urlsafe(32)}"
        key = Key(name, access, _digest(secret), date.today().isoformat())
        with self._locked():
            if any(other.name == name for other in self.all()):
                raise KeyFileError(
                    f"The key {name!r} already exists. Revoke it, or choose another name."
                )
            self._write((*self.all(), key))
        return secret

    def revoke(self, name: str) -> None:
        """Revoke a key. Raises KeyFileError if none has that name."""
        with self._locked():
            remaining = tuple(key for key in self.all() if key.name != name)
            if len(remaining) == len(self.all()):
                raise KeyFileError(f"There is no key {name!r}. List the keys with: quoth keys list")
            self._write(remaining)

    def all(self) -> tuple[Key, ...]:
        """Return every key, oldest first.

        Raises KeyFileError if the file is damaged or cannot be read. Its message may be sent to
        strangers, so it does not say where the file is; the log does.
        """
        try:
            stat = self._path.stat()
            stamp = (stat.st_mtime_ns, stat.st_size, stat.st_ino)
            with self._lock:
                if self._read[0] != stamp:
                    self._read = (stamp, self._load())
                return self._read[1]
        except FileNotFoundError:
            return ()
        except OSError as error:
            _log.error("The keys in %s cannot be read: %s", self._path, error.strerror)
            raise KeyFileError(
                "The file of API keys cannot be read. Make it readable to the server."
            ) from error

    def access_of(self, secret: str) -> Access | None:
        """Return the access that a key gives, or None for an unknown key. Raises KeyFileError."""
        digest, access = _digest(secret), None
        for key in self.all():  # compare all of them, so that the time reveals nothing
            if hmac.compare_digest(key.digest, digest):
                access = key.access
        return access

    def _load(self) -> tuple[Key, ...]:
        try:
            return _KEYS.validate_json(self._path.read_bytes())
        except ValidationError as error:
            _log.error("The keys in %s are damaged.", self._path)
            raise KeyFileError(
                "The file of API keys is damaged. Delete the file `keys` in the library's folder, "
                "and create new keys."
            ) from error

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Keep other processes from changing the file between a read and a write."""
        lock = filelock.FileLock(f"{self._path}.lock", timeout=_LOCK_TIMEOUT, mode=0o600)
        try:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            lock.acquire()
        except filelock.Timeout:
            raise KeyFileError("Another process is changing the keys. Try again later.") from None
        except OSError as error:
            raise KeyFileError(
                f"Cannot write API keys: {error.strerror}. Make the library's folder writable."
            ) from error
        try:
            yield
        finally:
            lock.release()

    def _write(self, keys: tuple[Key, ...]) -> None:
        write_private(self._path, json.dumps([asdict(key) for key in keys], indent=1))


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
