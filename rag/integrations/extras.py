"""Imports of packages that only an extra installs."""

from collections.abc import Iterator
from contextlib import contextmanager

from rag.errors import MissingExtraError


@contextmanager
def requires(package: str, extra: str) -> Iterator[None]:
    """Turn a failed import of `package` into a MissingExtraError that names the extra."""
    try:
        yield
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] != package:  # one of its own dependencies
            raise
        raise MissingExtraError(
            f"{package} is not installed. Install it with: pip install 'quoth[{extra}]'"
        ) from error
