"""Files of a trial, and what a library holds, down to the last byte of its vectors."""

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
from vector_store.records import DocumentInfo
from vector_store.sqlite.database import FILE

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
    "passages": 'SELECT sha256, number, page, "start", "end", first_byte, bytes, headings, place'
    " FROM passages JOIN documents ON documents.id = document ORDER BY sha256, number",
    "windows": 'SELECT sha256, number, windows."start", windows."end", vector FROM windows'
    " JOIN passages ON passages.id = passage JOIN documents ON documents.id = document"
    " ORDER BY sha256, number, windows.id",
    "sentences": "SELECT sha256, number, spans, vectors FROM sentences"
    " JOIN passages ON passages.id = passage JOIN documents ON documents.id = document"
    " ORDER BY sha256, number",
}


def text_of(chance: random.Random) -> str:
    """Return a Markdown text of some paragraphs that no other trial has."""
    paragraphs = [f"# Log {chance.getrandbits(48):x}"]
    for _ in range(chance.randrange(1, 7)):
        words = chance.choices(_WORDS, k=chance.randrange(5, 120))
        paragraphs.append(f"{' '.join(words).capitalize()}. The {chance.choice(_WORDS)} rests.")
    return "\n\n".join(paragraphs) + "\n"


def digest(text: str) -> str:
    """Return the SHA-256 of a text's file."""
    return hashlib.sha256(text.encode()).hexdigest()


def rows(folder: Path) -> dict[str, list[tuple[Any, ...]]]:
    """Return every row that makes a document, without the ids that SQLite gave."""
    connection = apsw.Connection(str(folder / FILE))
    try:
        return {name: list(connection.execute(query)) for name, query in _ROWS.items()}
    finally:
        connection.close()


def held(store: VectorStore) -> dict[str, str]:
    """Return the digest of what lies under each path."""
    return {path: info.sha256 for info in store.documents() for path in paths_of(info)}


def answers(library: Library) -> list[Answer]:
    """Return the answers to a few questions."""
    return [library.ask(question, k=5) for question in QUESTIONS]


@cache
def _readers() -> Readers:
    """Return readers that last as long as this process, and their worker with it."""
    return Readers()


def built_at_once(
    folder: Path, documents: list[DocumentInfo], texts: Mapping[str, str], model: str
) -> TrialLibrary:
    """Make a library of the same documents in one go; `texts` are by digest."""
    library = TrialLibrary.at(folder)
    library.add_readings(
        _readers().read(
            LoadedFile(
                SourceFile(Path(info.path), info.name), texts[info.sha256].encode(), info.sha256
            )
        )
        for info in sorted(documents, key=lambda info: info.id)
    )
    library.store.note_copies((copy, info.path) for info in documents for copy in info.copies)
    if model != "hashing" and documents:
        with library.store.writer():
            switch(library.store, MODELS[model])
    return library
