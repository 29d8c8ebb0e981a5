"""Who may come in with the password: one guess at a time, and sessions for those who know it."""

import hashlib
import secrets
import threading
import time

import anyio
from anyio import CapacityLimiter

from rag.errors import QuothError
from ui.security.lockout import Lockout
from ui.security.passwords import LONGEST, matches

SESSION_SECONDS = 12 * 3600
_MOST_SESSIONS = 1_000
_MOST_WAITING = 10
"""Guesses that wait for the one being checked; each takes a tenth of a second and 32 MiB."""


class WrongPasswordError(QuothError):
    """The password is not the one that was kept."""


class CrowdedError(QuothError):
    """As many guesses wait to be checked as may."""

    seconds = 1
    """In how many seconds to try again."""


class Sessions:
    """Lets in who knows the password, and nobody for a while from where it was guessed at."""

    def __init__(self, kept: str) -> None:
        """Check passwords against a kept hash. Raises PasswordError when it is damaged."""
        matches("", kept)
        self._kept = kept
        self._guesses = Lockout()
        self._one = CapacityLimiter(1)  # of its own: no guess takes a thread that others need
        self._inside = 0
        self._lock = threading.Lock()
        self._sessions: dict[str, float] = {}

    async def check(self, client: str, password: str) -> None:
        """Return when a password is the right one.

        Raises WrongPasswordError; LockedError when the client, or all together, guessed wrong too
        often lately; CrowdedError when too many guesses wait. The last two check nothing.
        """
        if self._inside > _MOST_WAITING:
            raise CrowdedError("Many people are logging in right now. Try again in a moment.")
        self._guesses.begin(client)
        self._inside += 1
        try:
            right = await anyio.to_thread.run_sync(
                matches, password[:LONGEST], self._kept, limiter=self._one
            )
        finally:
            self._inside -= 1
        if not right:
            raise WrongPasswordError("That is not the password.")
        self._guesses.succeed(client)

    async def enter(self, client: str, password: str) -> str:
        """Return a new session for the right password. Raises as `check` does."""
        await self.check(client, password)
        token = secrets.token_urlsafe(32)
        with self._lock:
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
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
