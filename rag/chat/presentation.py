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
    """Those folded after them, none of which alone would have counted as an answer."""
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
    """Group the passages of an answer: those worth reading are shown, the others folded."""
    passages, holding = answer.passages, answer.holding
    holds_words = answer.search is not None and answer.search.is_phrases
    if answer.state == "not_found":
        return Presentation((), (), passages[:_NEAREST], answer.threshold, holds_words)
    if holds_words:
        return Presentation(passages, (), (), answer.threshold, holds_words)
    # Whatever stands before a passage that may answer is shown with it: the order is the answer's.
    likely = [
        number for number, one in enumerate(passages, start=1) if one.score >= answer.threshold
    ]
    end = likely[-1] if likely else len(passages)
    # The probability knows little of rare words: a passage with all of them is not hidden by it.
    strong = tuple(
        one for number, one in enumerate(passages, start=1) if number <= end or number in holding
    )
    weak = tuple(one for one in passages if one not in strong)
    return Presentation(strong, weak, (), answer.threshold, holds_words)
