"""Importing what only an extra brings."""

from collections.abc import Iterator
from contextlib import contextmanager

from rag.errors import MissingExtraError


@contextmanager
def needed(package: str, extra: str) -> Iterator[None]:
    """Import a package that an extra brings, or say which. Raises MissingExtraError."""
    try:
        yield
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] != package:  # what it needs is missing
            raise
        raise MissingExtraError(
            f"{package} is not installed. Install it with: pip install 'quoth[{extra}]'"
        ) from error
