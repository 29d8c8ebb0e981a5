"""Checking passwords: one at a time, and not too often."""

import anyio
from anyio import CapacityLimiter

from rag.errors import QuothError
from ui.security.lockout import Lockout
from ui.security.passwords import LONGEST, matches

_MOST_WAITING = 10
"""Guesses that wait for the one being checked; each takes a tenth of a second and 32 MiB."""


class WrongPasswordError(QuothError):
    """The password is wrong."""


class CrowdedError(QuothError):
    """Too many guesses are waiting to be checked."""

    seconds = 1
    """In how many seconds to try again."""


class PasswordChecker:
    """Checks guesses of one password, and locks out clients that guess wrong too often."""

    def __init__(self, password_hash: str) -> None:
        """Check guesses against a hash. Raises PasswordError if the hash is damaged."""
        matches("", password_hash)
        self._hash = password_hash
        self._lockout = Lockout()
        self._limiter = CapacityLimiter(1)  # of our own: guesses take no thread from other work
        self._inside = 0

    async def check(self, client: str, password: str) -> None:
        """Return if a password is right.

        Raises WrongPasswordError; without checking, LockedError if this client, or all clients
        together, guessed wrong too often; CrowdedError if too many guesses wait.
        """
        if self._inside > _MOST_WAITING:
            raise CrowdedError("Many people are logging in right now. Try again in a moment.")
        self._lockout.begin_guess(client)
        self._inside += 1
        try:
            is_right = await anyio.to_thread.run_sync(
                matches, password[:LONGEST], self._hash, limiter=self._limiter
            )
        finally:
            self._inside -= 1
        if not is_right:
            raise WrongPasswordError("The password is wrong.")
        self._lockout.note_success(client)
