"""What to show of an answer, on the command line and on the page alike."""

from dataclasses import dataclass

from rag.answers import Answer, CitedPassage

_NEAREST = 3


@dataclass(frozen=True, slots=True)
class Presentation:
    """The passages of an answer, as they are grouped when shown; each group is best first."""

    strong: tuple[CitedPassage, ...]
    """Passages that may answer; empty if the question is not answered."""
    weak: tuple[CitedPassage, ...]
    """Weaker matches, which alone would not have counted as an answer."""
    nearest: tuple[CitedPassage, ...]
    """If the question is not answered: the three passages that came closest."""

    @property
    def documents(self) -> int:
        """How many documents the strong passages come from."""
        return len({passage.citation.path for passage in self.strong})


def present(answer: Answer) -> Presentation:
    """Group the passages of an answer."""
    if not answer.answered:
        return Presentation((), (), answer.passages[:_NEAREST])
    strong = tuple(passage for passage in answer.passages if passage.score >= answer.threshold)
    if not strong:  # a search for exact phrases: every passage that contains them answers
        return Presentation(answer.passages, (), ())
    weak = tuple(passage for passage in answer.passages if passage.score < answer.threshold)
    return Presentation(strong, weak, ())
