"""Log-in sessions, kept in memory."""

import hashlib
import secrets
import threading
import time

from ui.security.password_checker import PasswordChecker

SESSION_SECONDS = 12 * 3600
_MOST_SESSIONS = 1_000


class Sessions:
    """The sessions of people who logged in. Safe to use from several threads."""

    def __init__(self, passwords: PasswordChecker) -> None:
        """Open sessions for passwords that `passwords` accepts."""
        self.passwords = passwords
        self._lock = threading.Lock()
        self._expiries: dict[str, float] = {}
        """By digest of the token, in seconds of `time.monotonic`."""

    async def log_in(self, client: str, password: str) -> str:
        """Open a session; return its token. Raises as `PasswordChecker.check` does.

        Beyond 1,000 sessions, the one that would expire first ends.
        """
        await self.passwords.check(client, password)
        token = secrets.token_urlsafe(32)
        with self._lock:
            now = time.monotonic()
            live = {digest: expiry for digest, expiry in self._expiries.items() if expiry > now}
            while len(live) >= _MOST_SESSIONS:
                live.pop(min(live, key=lambda digest: live[digest]))
            live[_digest(token)] = now + SESSION_SECONDS
            self._expiries = live
        return token

    def is_open(self, token: str) -> bool:
        """Tell whether a token is that of an open session."""
        with self._lock:
            return self._expiries.get(_digest(token), 0.0) > time.monotonic()

    def log_out(self, token: str) -> None:
        """End a session, if it is open."""
        with self._lock:
            self._expiries.pop(_digest(token), None)


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
