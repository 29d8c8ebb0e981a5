"""Answers made by hand, in any state."""

from rag.answers import Answer, Citation, CitedPassage, Missing, Searched, State, Why
from rag.query.syntax import parse

_SEARCHED = Searched(2, 9, 0)


def cited_passage(text: str, score: float, number: int = 1) -> CitedPassage:
    """Return a quote of the paragraph of a number in a.txt."""
    return CitedPassage(
        text=text,
        score=score,
        citation=Citation(
            id="id",
            number=number,
            document_id="0" * 24,
            document="a.txt",
            title="a",
            page=None,
            paragraph=number,
            start=0,
            end=len(text),
            sha256="0" * 64,
            path="/docs/a.txt",
        ),
        headings=(),
        highlights=(),
        why=Why(1, 0.5, None, None),
    )


def answer_in(
    state: State,
    *passages: CitedPassage,
    question: str = "Q",
    missing: tuple[Missing, ...] = (),
    searched: Searched = _SEARCHED,
) -> Answer:
    """Return an answer to a question, as it is parsed."""
    return Answer(
        question=question,
        answered=state != "not_found",
        confidence=passages[0].score if passages else 0,
        passages=passages,
        searched=searched,
        state=state,
        missing=missing,
        search=parse(question),
    )
