"""A password, kept as a hash in a file that only its owner can read."""

import hashlib
import hmac
import secrets
from pathlib import Path

from rag.errors import QuothError
from ui.security.secret_files import write_private

_N, _R, _P = 2**15, 8, 1  # scrypt: 32 MiB and some 100 ms a guess
_MEMORY = 64 * 1024 * 1024
SHORTEST = 10
LONGEST = 1_000


class PasswordError(QuothError):
    """A password cannot be used; the message says why."""


def hashed(password: str) -> str:
    """Return what is kept of a password. Raises PasswordError when it is too short or too long."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise PasswordError(f"A password needs {SHORTEST} to {LONGEST:,} characters.")
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
    try:
        write_private(path, kept + "\n")
    except OSError as error:
        raise PasswordError(
            f"The password cannot be kept in {path}: {error.strerror}. Make the folder writable."
        ) from error


def read_password(path: Path) -> str:
    """Return the hash that is kept in a file. Raises PasswordError when it cannot be read."""
    try:
        return path.read_text(encoding="ascii")
    except OSError as error:
        raise PasswordError(
            f"The password's file {path} cannot be read: {error.strerror}. Make it readable."
        ) from error
    except UnicodeDecodeError as error:
        raise PasswordError("The password's file is damaged. Set it again.") from error


def _derived(password: str, salt: bytes, n: int, r: int, p: int) -> bytes:
    data = password.encode("utf-8", "surrogatepass")
    return hashlib.scrypt(data, salt=salt, n=n, r=r, p=p, maxmem=_MEMORY, dklen=32)
