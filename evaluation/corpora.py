"""A labelled set's corpus as a library: one entry, one document, one passage."""

import hashlib
from collections.abc import Iterable, Iterator

from evaluation.datasets import Dataset, Entry
from rag import Document, Library
from rag.paragraphs import Block, paragraphs
from rag.readers import Reading


def fill(library: Library, dataset: Dataset) -> None:
    """Add a set's corpus to a library."""
    library.add_readings(readings(dataset.corpus))


def readings(corpus: Iterable[Entry]) -> Iterator[Reading]:
    """Give each entry as a document that is one passage, its title the heading."""
    for entry in corpus:
        document = _document(entry)
        whole = [Block(0, len(entry.text))]
        yield Reading(document, tuple(paragraphs(entry.text, whole, title=entry.title)))


def _document(entry: Entry) -> Document:
    digest = hashlib.sha256(entry.text.encode("utf-8", "surrogatepass")).hexdigest()
    return Document(entry.id, entry.id, entry.title, entry.text, digest)
