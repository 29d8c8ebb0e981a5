"""The choice of a new library's model, by the shares of languages in its first documents.

all-MiniLM-L6-v2 is for English only and indexes twice as fast; on English sets the two models rank
equally well. What either choice costs at which share is measured in docs/languages.md.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import regex

from rag.errors import UnreadableFileError
from rag.indexing.readers import Readers
from rag.indexing.source_files import SourceFile, load
from rag.models.registry import MULTILINGUAL, SMALL, is_installed
from rag.text.languages import language_of_text, name_of, sample_of

SAMPLE = 40
"""The number of files whose languages are detected."""
THRESHOLD = 0.05
"""The share of other languages than English from which on the multilingual model is chosen."""
_LETTER = regex.compile(r"\p{L}")
_MOST_NAMED = 3
"""Languages that the reason names; there may be many more."""


@dataclass(frozen=True, slots=True)
class ModelChoice:
    """The model that a new library begins with, and the languages that decided it."""

    model: str
    languages: dict[str, float]
    """Shares of the sampled text by ISO 639-1 code, the largest first; empty if none was
    recognised."""

    @property
    def reason(self) -> str:
        """Why this model was chosen, as a clause that follows its name."""
        others = {code: share for code, share in self.languages.items() if code != "en"}
        if not others:
            english = "all of the text is English" if self.languages else _NOT_RECOGNISED
            return f"since {english}"
        foreign = sum(others.values())
        if foreign < THRESHOLD:
            return f"since {_percent(1 - foreign)} of the text is English ({_listed(others)})"
        multilingual = f"{_percent(foreign)} of the text is not English ({_listed(others)})"
        if self.model == SMALL:
            return f"although {multilingual}, since {MULTILINGUAL} is not installed"
        return f"since {multilingual}"


_NOT_RECOGNISED = "no language was recognised in the text"


def model_for(languages: Iterable[str]) -> str:
    """Return the name of the bundled model for languages that a person declares."""
    return _model(multilingual=any(language not in ("", "en") for language in languages))


def choice_for(texts: Iterable[str]) -> ModelChoice | None:
    """Return the choice for the first documents of a library; None without any.

    Each counts with the letters that are looked at to detect its language, at most 4,000, so that
    neither a short note nor one very long file decides alone.
    """
    letters: Counter[str] = Counter()
    for text in texts:
        letters[language_of_text(text)] += len(_LETTER.findall(sample_of(text)))
    if not letters:
        return None
    del letters[""]  # tables of numbers and the like, for which either model does
    total = letters.total()
    by_share = sorted(letters.items(), key=lambda item: (-item[1], item[0]))
    shares = {code: count / total for code, count in by_share if count}
    foreign = sum(share for code, share in shares.items() if code != "en")
    return ModelChoice(_model(multilingual=foreign >= THRESHOLD), shares)


def sampled_texts(files: Sequence[SourceFile]) -> Iterator[str]:
    """Yield the texts of some of these files, at regular intervals.

    Where none of those can be read, the others are tried until one can.
    """
    step = max(1, len(files) // SAMPLE)
    sample = files[::step]
    others = [source for at, source in enumerate(files) if at % step]
    any_read = False
    with Readers() as readers:
        for at, source in enumerate([*sample, *others]):
            if any_read and at >= len(sample):
                return
            try:
                text = readers.read(load(source)).document.text
            except UnreadableFileError:  # reported when it is indexed
                continue
            any_read = True
            yield text


def _model(*, multilingual: bool) -> str:
    return MULTILINGUAL if multilingual and is_installed(MULTILINGUAL) else SMALL


def _percent(share: float) -> str:
    """Return a share in whole per cent; neither 0 nor 100 when it is only near."""
    if share < 0.005:
        return "less than 1 %"
    if 0.995 < share < 1:
        return "more than 99 %"
    return f"{share:.0%}".replace("%", " %")


def _listed(shares: dict[str, float]) -> str:
    listed = [f"{_percent(share)} {name_of(code)}" for code, share in shares.items()]
    if len(listed) > _MOST_NAMED + 1:
        listed[_MOST_NAMED:] = [f"{len(listed) - _MOST_NAMED} others"]
    return ", ".join(listed)
