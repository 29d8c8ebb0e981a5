"""Password hashes (scrypt), and the file that holds one."""

import hashlib
import hmac
import secrets
from pathlib import Path

from rag.errors import QuothError
from ui.security.secret_files import write_private

_N, _R, _P = 2**15, 8, 1  # scrypt: 32 MiB and about 100 ms a guess
_MEMORY = 64 * 1024 * 1024
SHORTEST = 10
LONGEST = 1_000
_DAMAGED = "The password file is damaged. Set the password again."


class PasswordError(QuothError):
    """A password cannot be used; the message says why."""


def hash_password(password: str) -> str:
    """Return the hash of a password, with its salt. Raises PasswordError for a wrong length."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise PasswordError(f"A password needs {SHORTEST} to {LONGEST:,} characters.")
    salt = secrets.token_bytes(16)
    return f"scrypt${_N}${_R}${_P}${salt.hex()}${_scrypt(password, salt, _N, _R, _P).hex()}"


def matches(password: str, password_hash: str) -> bool:
    """Tell whether a password has this hash. Raises PasswordError if the hash is damaged."""
    try:
        kind, n, r, p, salt, digest = password_hash.strip().split("$")
        if kind != "scrypt":
            raise ValueError(kind)
        derived = _scrypt(password, bytes.fromhex(salt), int(n), int(r), int(p))
        return hmac.compare_digest(derived, bytes.fromhex(digest))
    except ValueError as error:
        raise PasswordError(_DAMAGED) from error


def write_password(path: Path, password: str) -> None:
    """Write a password's hash to a file that only its owner can read. Raises PasswordError."""
    password_hash = hash_password(password)
    try:
        write_private(path, password_hash + "\n")
    except OSError as error:
        raise PasswordError(
            f"Cannot write the password to {path}: {error.strerror}. Make the folder writable."
        ) from error


def read_password(path: Path) -> str:
    """Return the hash in a file. Raises PasswordError if it cannot be read."""
    try:
        return path.read_text(encoding="ascii")
    except OSError as error:
        raise PasswordError(
            f"Cannot read the password file {path}: {error.strerror}. Make it readable."
        ) from error
    except UnicodeDecodeError as error:
        raise PasswordError(_DAMAGED) from error


def _scrypt(password: str, salt: bytes, n: int, r: int, p: int) -> bytes:
    data = password.encode("utf-8", "surrogatepass")
    return hashlib.scrypt(data, salt=salt, n=n, r=r, p=p, maxmem=_MEMORY, dklen=32)
