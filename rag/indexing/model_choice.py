"""The choice of a new library's model, by the languages of its documents.

all-MiniLM-L6-v2 is for English only and runs two and a half times as fast; on English sets the two
models rank equally well (docs/languages.md).
"""

from collections.abc import Iterable, Sequence

from rag.errors import UnreadableFileError
from rag.indexing.readers import Readers
from rag.indexing.source_files import SourceFile, load
from rag.models.registry import MULTILINGUAL, SMALL, is_installed
from rag.text.languages import language_of_text

SAMPLE = 40
"""The number of files whose languages are detected."""


def model_for(languages: Iterable[str]) -> str:
    """Return the name of the bundled model for documents in these languages."""
    only_english = all(language in ("", "en") for language in languages)
    return SMALL if only_english or not is_installed(MULTILINGUAL) else MULTILINGUAL


def languages_of(files: Sequence[SourceFile]) -> frozenset[str]:
    """Return the languages of some of these files, at regular intervals."""
    step = max(1, len(files) // SAMPLE)
    languages = set()
    with Readers() as readers:
        for source in files[::step]:
            try:
                languages.add(language_of_text(readers.read(load(source)).document.text))
            except UnreadableFileError:  # reported when it is indexed
                continue
    return frozenset(languages)
