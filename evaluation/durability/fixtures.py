"""Files for trials, and a library's contents down to the last byte of its vectors."""

import hashlib
import random
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import apsw

from evaluation.durability.models import MODELS, TrialLibrary
from rag import Answer
from rag.indexing.change_detection import paths_of
from rag.indexing.model_switch import switch
from rag.indexing.readers import Readers
from rag.indexing.source_files import LoadedFile, SourceFile
from rag.library import Library
from vector_store.base import VectorStore
from vector_store.folder_names import DATABASE
from vector_store.records import DocumentInfo

QUESTIONS = (
    "Which ships came into the harbour of Basra?",
    "What does the river carry in spring?",
    "Who keeps the lighthouse?",
    "naïve tide رحلة",
)
_WORDS = (
    "harbour river ship tide lighthouse keeper spring winter Basra cargo grain timber salt "
    "market bridge captain sailor rope anchor storm fog morning evening naïve café رحلة بحر"
).split()

_ROWS = {
    "documents": "SELECT sha256, title, passages, language, reader, page_starts, text"
    " FROM documents ORDER BY sha256",
    "passages": 'SELECT sha256, number, page, "start", "end", first_byte, bytes, headings, place,'
    " columns"
    " FROM passages JOIN documents ON documents.id = document ORDER BY sha256, number",
    "windows": 'SELECT sha256, number, windows."start", windows."end", vector FROM windows'
    " JOIN passages ON passages.id = passage JOIN documents ON documents.id = document"
    " ORDER BY sha256, number, windows.id",
    "sentences": "SELECT sha256, number, spans, vectors FROM sentences"
    " JOIN passages ON passages.id = passage JOIN documents ON documents.id = document"
    " ORDER BY sha256, number",
}


def random_text(rng: random.Random) -> str:
    """Return a unique Markdown text of a few paragraphs."""
    paragraphs = [f"# Log {rng.getrandbits(48):x}"]
    for _ in range(rng.randrange(1, 7)):
        words = rng.choices(_WORDS, k=rng.randrange(5, 120))
        paragraphs.append(f"{' '.join(words).capitalize()}. The {rng.choice(_WORDS)} rests.")
    return "\n\n".join(paragraphs) + "\n"


def digest(text: str) -> str:
    """Return the SHA-256 of a text as a UTF-8 file, in hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()


def rows(folder: Path) -> dict[str, list[tuple[Any, ...]]]:
    """Return the rows of all documents by table, without the ids that SQLite assigned."""
    connection = apsw.Connection(str(folder / DATABASE))
    try:
        return {name: list(connection.execute(query)) for name, query in _ROWS.items()}
    finally:
        connection.close()


def digests(store: VectorStore) -> dict[str, str]:
    """Return the digest of the document at each path."""
    with store.view() as view:
        documents = view.documents()
    return {path: info.sha256 for info in documents for path in paths_of(info)}


def answers(library: Library) -> list[Answer]:
    """Return the answers to `QUESTIONS`."""
    return [library.ask(question, k=5) for question in QUESTIONS]


@cache
def _readers() -> Readers:
    """Return readers that live, with their worker, as long as this process."""
    return Readers()


def build_at_once(
    folder: Path, documents: list[DocumentInfo], texts: Mapping[str, str], model: str
) -> TrialLibrary:
    """Build a library of the same documents in one run; `texts` are by digest."""
    library = TrialLibrary.at(folder)
    library.add_readings(
        _readers().read(
            LoadedFile(
                SourceFile(Path(info.path), info.name), texts[info.sha256].encode(), info.sha256
            )
        )
        for info in sorted(documents, key=lambda info: info.id)
    )
    with library.store.writer() as writer:
        writer.note_copies((copy, info.path) for info in documents for copy in info.copies)
        if model != "hashing" and documents:
            switch(writer, MODELS[model])
    return library
