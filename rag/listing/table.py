"""A table of many questions, each with its best answer in short; and their list, as a file."""

from rag.answers import Answer
from rag.errors import QuestionError
from rag.listing.records import TableRow

MOST_QUESTIONS = 1_000
"""Questions of one list; each takes as long as on its own."""


def questions_of(text: str) -> list[str]:
    """Return the questions of a list, one a line; blank lines and those after "#" are left out.

    Raises QuestionError when there is none, or too many.
    """
    lines = (line.strip() for line in text.lstrip("\N{ZERO WIDTH NO-BREAK SPACE}").splitlines())
    questions = [line for line in lines if line and not line.startswith("#")]
    if not questions:
        raise QuestionError("The list has no question. Write one a line.")
    if len(questions) > MOST_QUESTIONS:
        raise QuestionError(
            f"The list has {len(questions):,} questions, and at most {MOST_QUESTIONS:,} are asked "
            "at once. Split it."
        )
    return questions


def row_of(question: str, answer: Answer | None, error: str = "") -> TableRow:
    """Return the row of a question: its answer's best passage, or why it was refused."""
    if answer is None:
        return TableRow(question, None, 0.0, "", None, "", error)
    best = answer.passages[0] if answer.answered and answer.passages else None
    return TableRow(
        question,
        answer.state,
        answer.confidence,
        best.text if best else "",
        best.citation if best else None,
        answer.suggestion,
        error,
    )
