"""How often a password may be guessed: by one client, and by all of them together.

A guess counts as wrong from its beginning until it turns out right, so that many at once are no
more than many in turn.
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
"""How long a client's wrong guesses are remembered: so long, and with at most `MOST_A_MINUTE`,
1,200 clients have to be, none of which is forgotten for another."""
_IPV6_PREFIX = 64  # bits, of which one subscriber has all addresses (RFC 6177)


class LockedError(QuothError):
    """No guess is taken now."""

    def __init__(self, message: str, seconds: float) -> None:
        """Note in how many seconds one is taken again."""
        super().__init__(message)
        self.seconds = max(1, round(seconds))


@dataclass(frozen=True, slots=True)
class _Wrong:
    count: int
    last: float


class Lockout:
    """Counts guesses and refuses too many. Safe to use from several threads."""

    def __init__(self) -> None:
        """Begin without any."""
        self._lock = threading.Lock()
        self._wrong: dict[str, _Wrong] = {}  # by client, the one that guessed last at the end
        self._lately: deque[float] = deque()  # when guesses of the last minute began

    def begin(self, client: str) -> None:
        """Count a guess as wrong. Raises LockedError, and counts none, when it is one too many."""
        with self._lock:
            now = time.monotonic()
            self._forget(now)
            name = _network(client)
            before = self._wrong.get(name, _Wrong(0, now))
            wait = before.last + LOCK_SECONDS - now
            if before.count >= FREE_GUESSES and wait > 0:
                raise LockedError("Too many wrong passwords. Try again in some minutes.", wait)
            if len(self._lately) >= MOST_A_MINUTE:
                raise LockedError(
                    "Too many wrong passwords from anywhere. Try again in a minute.",
                    self._lately[0] + _MINUTE - now,
                )
            self._lately.append(now)
            self._wrong.pop(name, None)
            self._wrong[name] = _Wrong(before.count + 1, now)

    def succeed(self, client: str) -> None:
        """Note that a guess which was begun is right: the client's wrong ones are forgotten."""
        with self._lock:
            self._wrong.pop(_network(client), None)
            if self._lately:
                self._lately.pop()

    def __len__(self) -> int:
        """Return how many clients are remembered."""
        return len(self._wrong)

    def _forget(self, now: float) -> None:
        while self._lately and self._lately[0] <= now - _MINUTE:
            self._lately.popleft()
        while self._wrong:
            name = next(iter(self._wrong))
            if self._wrong[name].last > now - _REMEMBERED_SECONDS:
                break
            del self._wrong[name]


def _network(client: str) -> str:
    """Return what is counted as one client: an IPv4 address, or a network of IPv6."""
    try:
        address = ipaddress.ip_address(client.partition("%")[0])
    except ValueError:  # whatever a proxy says
        return client[:64]
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return str(address.ipv4_mapped)
        return str(ipaddress.ip_network((address, _IPV6_PREFIX), strict=False))
    return str(address)
