"""What to show of an answer, on the command line and on the page alike."""

from dataclasses import dataclass

from rag.answers import Answer, CitedPassage

_NEAREST = 3


@dataclass(frozen=True, slots=True)
class Presentation:
    """The passages of an answer, as they are grouped when shown, in the order of the answer."""

    strong: tuple[CitedPassage, ...]
    """Passages shown at once; empty if the answer was not found."""
    weak: tuple[CitedPassage, ...]
    """Those folded after them, which alone would not have counted as an answer."""
    nearest: tuple[CitedPassage, ...]
    """If the answer was not found: the three passages that came closest."""
    threshold: float
    """The probability below which a passage is unlikely to answer."""
    holds_words: bool
    """Whether every passage holds the exact phrases searched for: a probability says no more."""

    @property
    def documents(self) -> int:
        """How many documents the strong passages come from."""
        return len({passage.citation.path for passage in self.strong})


def present(answer: Answer) -> Presentation:
    """Group the passages of an answer; one that may answer is shown whole, for a person to read."""
    passages = answer.passages
    holds_words = answer.search is not None and answer.search.is_phrases
    if answer.state == "not_found":
        return Presentation((), (), passages[:_NEAREST], answer.threshold, holds_words)
    if answer.state == "may_answer" or holds_words:
        return Presentation(passages, (), (), answer.threshold, holds_words)
    # Whatever stands before a passage that may answer is shown with it: the order is the answer's.
    likely = [
        number for number, one in enumerate(passages, start=1) if one.score >= answer.threshold
    ]
    end = likely[-1] if likely else len(passages)
    return Presentation(passages[:end], passages[end:], (), answer.threshold, holds_words)
