"""API keys: by which programs ask a server that wants to know who asks.

A key is 256 random bits, so its SHA-256 can be kept where a password needs scrypt: nobody can try
as many as there are, and a request need not wait for a slow hash.
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
_PATIENCE = 30  # seconds: a change takes a moment
_log = logging.getLogger("quoth")


class KeyFileError(QuothError):
    """A key cannot be made or found; the message says why."""


@dataclass(frozen=True, slots=True)
class Key:
    """What is kept of a key: never the key itself."""

    name: str
    access: Access
    digest: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
    made: str
    """The day, as YYYY-MM-DD."""


_KEYS = TypeAdapter(tuple[Key, ...], config=ConfigDict(strict=True, extra="forbid"))


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
        told = f"quoth_{secrets.token_urlsafe(32)}"
        key = Key(name, access, _digest(told), date.today().isoformat())
        with self._changing():
            if any(one.name == name for one in self.all()):
                raise KeyFileError(
                    f"There is a key {name!r} already. Revoke it, or choose a new name."
                )
            self._write((*self.all(), key))
        return told

    def revoke(self, name: str) -> None:
        """Let a key in no more. Raises KeyFileError when there is none of that name."""
        with self._changing():
            kept = tuple(key for key in self.all() if key.name != name)
            if len(kept) == len(self.all()):
                raise KeyFileError(
                    f"There is no key {name!r}. See which there are: quoth keys list"
                )
            self._write(kept)

    def all(self) -> tuple[Key, ...]:
        """Return every key, in the order made.

        Raises KeyFileError when the file is damaged or cannot be read. Its message may be told
        to strangers, so it does not say where the file is; its cause does.
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
                "The file of keys cannot be read. Make it readable to the server."
            ) from error

    def access_of(self, told: str) -> Access | None:
        """Return what a key may do; None when it is none of these. Raises KeyFileError."""
        digest, found = _digest(told), None
        for key in self.all():  # all are compared, so that the time tells nothing
            if hmac.compare_digest(key.digest, digest):
                found = key.access
        return found

    def _load(self) -> tuple[Key, ...]:
        try:
            return _KEYS.validate_json(self._path.read_bytes())
        except ValidationError as error:
            _log.error("The keys in %s are damaged.", self._path)
            raise KeyFileError(
                "The file of keys is damaged. Delete the file `keys` beside the library, "
                "and make new ones."
            ) from error

    @contextmanager
    def _changing(self) -> Iterator[None]:
        """Hold the keys from being read to being written: no other process changes them then."""
        lock = filelock.FileLock(f"{self._path}.lock", timeout=_PATIENCE, mode=0o600)
        try:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            lock.acquire()
        except filelock.Timeout:
            raise KeyFileError("Another process changes the keys. Try again later.") from None
        except OSError as error:
            raise KeyFileError(
                f"Keys cannot be kept here: {error.strerror}. Make the library's folder writable."
            ) from error
        try:
            yield
        finally:
            lock.release()

    def _write(self, keys: tuple[Key, ...]) -> None:
        write_private(self._path, json.dumps([asdict(key) for key in keys], indent=1))


def _digest(told: str) -> str:
    return hashlib.sha256(told.encode("utf-8", "surrogatepass")).hexdigest()
