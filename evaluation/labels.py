"""Questions about a person's own library, each with the spans that answer it.

One JSON object a line, as in seeds/questions.jsonl:

{"id", "question", "answers": [{"document", "start", "end", "text"}, ...]}

`document` is a name or path as a citation gives it, `start` and `end` count code points of the
document's text, and `text` is what stands there. No answers: the documents do not answer it.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from evaluation.datasets import DatasetError, rows
from vector_store.records import Contents


@dataclass(frozen=True, slots=True)
class Gold:
    """A span of a document that answers."""

    document: str
    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Label:
    """A question and all that answers it."""

    id: str
    question: str
    answers: tuple[Gold, ...]
    place: str
    """File and line, for messages."""


def read_labels(path: Path) -> list[Label]:
    """Read a file of questions. Raises DatasetError naming file and line."""
    labels = []
    for number, row in rows(path, "id", "question", "answers", key="id"):
        place = f"{path}, line {number}"
        if not isinstance(row["question"], str) or not row["question"].strip():
            raise DatasetError(f"{place}: the question is empty.")
        if not isinstance(row["answers"], list):
            raise DatasetError(f'{place}: "answers" is not a list.')
        golds = tuple(_gold(answer, place) for answer in row["answers"])
        labels.append(Label(str(row["id"]), row["question"], golds, place))
    if not labels:
        raise DatasetError(f"{path} holds no question.")
    return labels


def number_of(gold: Gold, contents: Contents, place: str) -> int:
    """Return the number of the passage that holds a gold span.

    Raises DatasetError when the document's text there is another, or no passage holds it.
    """
    found = contents.document.text[gold.start : gold.end]
    if found != gold.text:
        raise DatasetError(
            f"{place}: {gold.document} has {found[:60]!r} at {gold.start} to {gold.end}, not "
            f"{gold.text[:60]!r}. Has the document changed since?"
        )
    for passage in contents.passages:
        if passage.paragraph.start <= gold.start < passage.paragraph.end:
            return passage.paragraph.number
    raise DatasetError(f"{place}: no passage of {gold.document} begins before {gold.start}.")


def _gold(answer: Any, place: str) -> Gold:
    try:
        gold = Gold(answer["document"], answer["start"], answer["end"], answer["text"])
    except (TypeError, KeyError) as error:
        raise DatasetError(f'{place}: an answer needs "document", "start", "end" and "text".'
                           ) from error  # fmt: skip
    if not (isinstance(gold.start, int) and isinstance(gold.end, int) and gold.start < gold.end):
        raise DatasetError(f'{place}: "start" must be a number below "end".')
    return gold
