"""How faithful a compiled model is to sentence-transformers, measured on a fixed set of texts."""

from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from rag.models.base import Embedder
from rag.models.compiled.embedder import Fidelity
from rag.models.reranker import Reranker
from rag.models.similarity_scale import PAIRS
from rag.text.sentences import sentences
from vector_store.records import Vectors

_TEXTS_AT_ONCE = 4
"""Of a model in torch: 32 paragraphs at once take more memory than the model itself."""


class CheckedModel(Embedder, Protocol):
    """An embedder that a cross-encoder may have been trained from."""

    @property
    def cross_encoder(self) -> Reranker | None:
        """The cross-encoder; None where none was trained."""


def check_documents() -> list[str]:
    """Return answers, and the sentences and paragraphs of the seed documents."""
    texts = [text for pair in PAIRS for text in pair]
    for entry in sorted(files("seeds").iterdir(), key=lambda entry: entry.name):
        if entry.name.endswith(".txt"):
            text = entry.read_text(encoding="utf-8")
            texts += [text[start:end] for start, end in sentences(text)]
            texts += text.split("\n\n")
    return [text for text in texts if text.strip()]


@dataclass(frozen=True, slots=True, eq=False)
class CheckOutputs:
    """What a model computes from the check texts.

    It is kept so that a model and its compiled form need not be in memory together.
    """

    documents: Vectors
    """Shape (texts, dimensions)."""
    queries: Vectors
    """Shape (questions, dimensions)."""
    logits: NDArray[np.float64]
    """Of relevance and answerability, of a right and a wrong answer to each question, shape
    (questions, 2, 2); empty without a cross-encoder."""

    @classmethod
    def of(cls, embedder: CheckedModel) -> "CheckOutputs":
        """Run a compiled model on the check texts."""
        return cls._of(embedder, texts_at_once=None)

    @classmethod
    def of_reference(cls, reference: CheckedModel) -> "CheckOutputs":
        """Run sentence-transformers on the check texts, a few at a time."""
        return cls._of(reference, texts_at_once=_TEXTS_AT_ONCE)

    @classmethod
    def _of(cls, embedder: CheckedModel, *, texts_at_once: int | None) -> "CheckOutputs":
        questions = [question for question, _ in PAIRS]
        answers = [answer for _, answer in PAIRS]
        outputs = [
            embedder.cross_encoder.read(question, [answers[number], answers[number - 1]])
            for number, question in enumerate(questions)
            if embedder.cross_encoder is not None
        ]
        logits = [[output.relevance, output.answerability] for output in outputs]
        documents = check_documents()
        size = texts_at_once or len(documents)
        return cls(
            np.concatenate(
                [
                    embedder.embed_documents(documents[first : first + size])
                    for first in range(0, len(documents), size)
                ]
            ),
            np.stack([embedder.embed_query(question) for question in questions]),
            np.array(logits, np.float64),
        )

    def save(self, path: Path) -> None:
        """Write them to a `.npz` file. Raises OSError."""
        np.savez(path, documents=self.documents, queries=self.queries, logits=self.logits)

    @classmethod
    def load(cls, path: Path) -> "CheckOutputs":
        """Read what `save` wrote. Raises OSError."""
        with np.load(path) as arrays:
            return cls(arrays["documents"], arrays["queries"], arrays["logits"])


def compared(compiled: CheckedModel, reference: CheckedModel) -> Fidelity:
    """Compare two embedders on the check texts."""
    return fidelity(CheckOutputs.of(compiled), CheckOutputs.of_reference(reference))


def fidelity(outputs: CheckOutputs, expected: CheckOutputs) -> Fidelity:
    """Compare the outputs of a compiled model with those of its reference."""
    cosines = np.concatenate(
        [
            (outputs.documents * expected.documents).sum(axis=1),
            (outputs.queries * expected.queries).sum(axis=1),
        ]
    )
    shared = [
        len(set(ours) & set(theirs)) / 10
        for ours, theirs in zip(
            _nearest(outputs.documents), _nearest(expected.documents), strict=True
        )
    ]
    return Fidelity(
        len(outputs.documents),
        round(float(cosines.mean()), 6),
        round(float(cosines.min()), 6),
        round(float(np.mean(shared)), 4),
    )


def _nearest(vectors: Vectors) -> NDArray[np.intp]:
    """Return the ten nearest others of each vector, nearest first, shape (vectors, 10)."""
    similarities = vectors @ vectors.T
    np.fill_diagonal(similarities, -np.inf)
    return np.argsort(-similarities, axis=1)[:, :10]
