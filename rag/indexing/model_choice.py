"""Which bundled model a library begins with: the one for the languages of its documents.

all-MiniLM-L6-v2 knows English only and runs two and a half times as fast; on English sets the two
rank alike (docs/languages.md).
"""

from collections.abc import Iterable, Sequence

from rag.errors import UnreadableFileError
from rag.indexing.readers import Readers
from rag.indexing.source_files import SourceFile, load
from rag.models.registry import MULTILINGUAL, SMALL, is_installed
from rag.text.languages import language_of_text

SAMPLE = 40
"""Files that are read to tell the languages of all."""


def model_for(languages: Iterable[str]) -> str:
    """Return the name of the bundled model for documents in these languages."""
    only_english = all(language in ("", "en") for language in languages)
    return SMALL if only_english or not is_installed(MULTILINGUAL) else MULTILINGUAL


def languages_of(files: Sequence[SourceFile]) -> frozenset[str]:
    """Return the languages that some of these files, spread over all, are written in."""
    step = max(1, len(files) // SAMPLE)
    found = set()
    with Readers() as readers:
        for source in files[::step]:
            try:
                found.add(language_of_text(readers.read(load(source)).document.text))
            except UnreadableFileError:  # told of when it is its turn
                continue
    return frozenset(found)
