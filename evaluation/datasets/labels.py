"""Questions about a person's own library, each with the spans that answer it.

A file has a JSON object per line, as in seeds/questions.jsonl:

{"id", "question", "answers": [{"document", "start", "end", "text"}, ...]}

`document` is a name or path as in a citation, `start` and `end` are offsets in code points of the
document's text, and `text` is the text between them. A question without answers is one that the
documents do not answer.
"""

from dataclasses import dataclass
from pathlib import Path

from evaluation.datasets.beir import DatasetError, checked_question, rows
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
    """A question and the spans that answer it."""

    id: str
    question: str
    answers: tuple[Gold, ...]
    place: str
    """File and line, for error messages."""


def read_labels(path: Path) -> list[Label]:
    """Read a file of questions. Raises DatasetError naming file and line."""
    labels = []
    for number, row in rows(path, "id", "question", "answers", key="id"):
        place = f"{path}, line {number}"
        question = checked_question(row["question"], place)
        if not isinstance(row["answers"], list):
            raise DatasetError(f'{place}: "answers" is not a list.')
        golds = tuple(_gold(answer, place) for answer in row["answers"])
        labels.append(Label(row["id"], question, golds, place))
    if not labels:
        raise DatasetError(f"{path} contains no questions.")
    return labels


def paragraph_number(gold: Gold, contents: Contents, place: str) -> int:
    """Return the number of the paragraph that contains a gold span.

    Raises DatasetError when the document's text there differs, or no passage contains all of it.
    """
    text = contents.document.text[gold.start : gold.end]
    if text != gold.text:
        raise DatasetError(
            f"{place}: {gold.document} has {text[:60]!r} at {gold.start} to {gold.end}, not "
            f"{gold.text[:60]!r}. Has the document changed since?"
        )
    for passage in contents.passages:
        if passage.paragraph.start <= gold.start and gold.end <= passage.paragraph.end:
            return passage.paragraph.number
    raise DatasetError(
        f"{place}: no single passage of {gold.document} contains {gold.text[:60]!r}."
    )


def _gold(answer: object, place: str) -> Gold:
    match answer:
        case {"document": str(document), "start": int(start), "end": int(end), "text": str(text)}:
            if 0 <= start < end:
                return Gold(document, start, end, text)
    raise DatasetError(
        f'{place}: an answer needs the strings "document" and "text", and the numbers "start" '
        'and "end", with 0 <= start < end.'
    )
