"""Limits on password guesses, by each client and by all clients together.

A guess counts as wrong from the moment it begins until it proves right, so that guessing in
parallel gains nothing.
"""

import ipaddress
import threading
import time
from collections import deque
from dataclasses import dataclass

from rag.errors import QuothError

FREE_GUESSES = 5
"""Wrong guesses after which a client is locked out."""
LOCK_SECONDS = 300
MOST_A_MINUTE = 20
"""Wrong guesses by all clients together: 28,800 a day, whatever addresses they come from."""
_MINUTE = 60.0
_REMEMBERED_SECONDS = 3_600
"""How long a client's wrong guesses are remembered. With `MOST_A_MINUTE`, that is 1,200 clients at
most, so no client has to be forgotten to make room for another."""
_IPV6_PREFIX = 64  # bits; one subscriber has all addresses below it (RFC 6177)


class LockedError(QuothError):
    """No guess is accepted at the moment."""

    def __init__(self, message: str, seconds: float) -> None:
        """Say in how many seconds the next guess is accepted."""
        super().__init__(message)
        self.seconds = max(1, round(seconds))


@dataclass(frozen=True, slots=True)
class _WrongGuesses:
    count: int
    last: float
    """When the last one began, in seconds of `time.monotonic`."""


class Lockout:
    """Counts wrong guesses and refuses more than the limits. Safe to use from several threads."""

    def __init__(self) -> None:
        """Start without any guesses."""
        self._lock = threading.Lock()
        self._clients: dict[str, _WrongGuesses] = {}  # the client that guessed last at the end
        self._last_minute: deque[float] = deque()  # when each guess of the last minute began

    def begin_guess(self, client: str) -> None:
        """Count a guess as wrong. Raises LockedError, without counting it, beyond the limits."""
        with self._lock:
            now = time.monotonic()
            self._forget_expired(now)
            name = _network(client)
            guesses = self._clients.get(name, _WrongGuesses(0, now))
            wait = guesses.last + LOCK_SECONDS - now
            if guesses.count >= FREE_GUESSES and wait > 0:
                raise LockedError("Too many wrong passwords. Try again in a few minutes.", wait)
            if len(self._last_minute) >= MOST_A_MINUTE:
                raise LockedError(
                    "Too many wrong passwords from all clients together. Try again in a minute.",
                    self._last_minute[0] + _MINUTE - now,
                )
            self._last_minute.append(now)
            self._clients.pop(name, None)
            self._clients[name] = _WrongGuesses(guesses.count + 1, now)

    def note_success(self, client: str) -> None:
        """Note that a guess was right: the client's wrong guesses are forgotten."""
        with self._lock:
            self._clients.pop(_network(client), None)
            if self._last_minute:
                self._last_minute.pop()

    def __len__(self) -> int:
        """Return how many clients are remembered."""
        return len(self._clients)

    def _forget_expired(self, now: float) -> None:
        while self._last_minute and self._last_minute[0] <= now - _MINUTE:
            self._last_minute.popleft()
        while self._clients:
            name = next(iter(self._clients))
            if self._clients[name].last > now - _REMEMBERED_SECONDS:
                break
            del self._clients[name]


def _network(client: str) -> str:
    """Return what counts as one client: an IPv4 address, or a network of IPv6."""
    try:
        address = ipaddress.ip_address(client.partition("%")[0])
    except ValueError:  # a proxy may send anything
        return client[:64]
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return str(address.ipv4_mapped)
        return str(ipaddress.ip_network((address, _IPV6_PREFIX), strict=False))
    return str(address)
