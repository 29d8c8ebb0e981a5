"""A password, kept as a hash, and who may come in with it: sessions, and a lock after failures."""

import hashlib
import hmac
import os
import secrets
import threading
import time
from dataclasses import dataclass
from pathlib import Path

from rag.errors import QuothError

_N, _R, _P = 2**15, 8, 1  # scrypt: 32 MiB and some 100 ms a guess
_MEMORY = 64 * 1024 * 1024
SHORTEST = 10
SESSION_SECONDS = 12 * 3600
_MOST_SESSIONS = 1_000
_FREE_FAILURES = 5
_LOCK_SECONDS = 300
_FAILURES_KEPT = 10_000


class PasswordError(QuothError):
    """A password cannot be used; the message says why."""


def hashed(password: str) -> str:
    """Return what is kept of a password. Raises PasswordError when it is too short."""
    if len(password) < SHORTEST:
        raise PasswordError(f"A password needs at least {SHORTEST} characters.")
    salt = secrets.token_bytes(16)
    return f"scrypt${_N}${_R}${_P}${salt.hex()}${_derived(password, salt, _N, _R, _P).hex()}"


def matches(password: str, kept: str) -> bool:
    """Tell whether a password is the one that was kept. Raises PasswordError for no such hash."""
    try:
        kind, n, r, p, salt, digest = kept.strip().split("$")
        if kind != "scrypt":
            raise ValueError(kind)
        derived = _derived(password, bytes.fromhex(salt), int(n), int(r), int(p))
        return hmac.compare_digest(derived, bytes.fromhex(digest))
    except ValueError as error:
        raise PasswordError("The password's file is damaged. Set it again.") from error


def write_password(path: Path, password: str) -> None:
    """Keep a password's hash in a file that only its owner can read. Raises PasswordError."""
    kept = hashed(password)
    path.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w") as file:
        file.write(kept + "\n")


def _derived(password: str, salt: bytes, n: int, r: int, p: int) -> bytes:
    data = password.encode("utf-8", "surrogatepass")
    return hashlib.scrypt(data, salt=salt, n=n, r=r, p=p, maxmem=_MEMORY, dklen=32)


@dataclass(frozen=True, slots=True)
class _Failures:
    count: int
    last: float


class Door:
    """Lets in who knows the password, and nobody for a while from where it was guessed at."""

    def __init__(self, kept: str) -> None:
        """Check passwords against a kept hash. Raises PasswordError when it is damaged."""
        matches("", kept)
        self._kept = kept
        self._lock = threading.Lock()
        self._sessions: dict[str, float] = {}
        self._failures: dict[str, _Failures] = {}

    def is_locked(self, client: str) -> bool:
        """Tell whether a client has guessed wrong too often lately."""
        with self._lock:
            failed = self._failures.get(client)
            return (
                failed is not None
                and failed.count >= _FREE_FAILURES
                and time.monotonic() < failed.last + _LOCK_SECONDS
            )

    def enter(self, client: str, password: str) -> str | None:
        """Return a new session for the right password, None for a wrong one or a locked client."""
        if self.is_locked(client):
            return None
        if not matches(password[:1_000], self._kept):
            with self._lock:
                count = self._failures.get(client, _Failures(0, 0)).count
                if len(self._failures) >= _FAILURES_KEPT:
                    self._failures.clear()
                self._failures[client] = _Failures(count + 1, time.monotonic())
            return None
        token = secrets.token_urlsafe(32)
        with self._lock:
            self._failures.pop(client, None)
            now = time.monotonic()
            live = {one: until for one, until in self._sessions.items() if until > now}
            while len(live) >= _MOST_SESSIONS:
                live.pop(min(live, key=lambda one: live[one]))
            live[_digest(token)] = now + SESSION_SECONDS
            self._sessions = live
        return token

    def knows(self, token: str) -> bool:
        """Tell whether a session is one that was let in and has not run out."""
        with self._lock:
            return self._sessions.get(_digest(token), 0.0) > time.monotonic()

    def leave(self, token: str) -> None:
        """End a session."""
        with self._lock:
            self._sessions.pop(_digest(token), None)


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
