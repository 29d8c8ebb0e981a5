"""How the page names documents to a browser: by a digest, so that no path leaves the server."""

import hashlib
from collections.abc import Iterable

from vector_store.records import DocumentInfo


def key_of(path: str) -> str:
    """Return the name under which a browser asks for the document of a path."""
    return hashlib.blake2b(path.encode("utf-8", "surrogatepass"), digest_size=12).hexdigest()


def path_of(key: str, documents: Iterable[DocumentInfo]) -> str:
    """Return the path of the document that a browser names. Raises KeyError when there is none."""
    for info in documents:
        if key_of(info.path) == key:
            return info.path
    raise KeyError(key)
