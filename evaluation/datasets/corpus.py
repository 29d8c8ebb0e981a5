"""Labelled sets as libraries, and the corpus ids of their passages."""

import hashlib
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from evaluation.datasets.beir import Dataset, DatasetError, Entry
from evaluation.datasets.labels import Gold, Label, paragraph_number
from rag import Document, Library
from rag.answers import Citation
from rag.default_library import open_existing
from rag.factories import DEFAULT_MODEL, local_store
from rag.indexing.batch_embedder import Indexer
from rag.indexing.model_choice import SAMPLE, choice_for
from rag.indexing.readers import Reading
from rag.models.base import Embedder
from rag.text.blocks import Block
from rag.text.languages import language_of_text
from rag.text.paragraphs import paragraphs
from vector_store.base import VectorStore
from vector_store.records import Contents, Passage

_SAMPLED = 50
"""Texts whose language is detected."""


@dataclass(frozen=True, slots=True, eq=False)
class Corpus:
    """A set and the library with its passages.

    An entry of a set is a document of one passage, with the entry's id as its path. In a person's
    own library a passage's corpus id is `path#pN`: paragraph N of the document at a path.
    """

    dataset: Dataset
    library: Library
    own: bool
    """Whether the library is the person's own, rather than made from the set."""

    def id_of(self, passage: Passage) -> str:
        """Return the corpus id of a passage."""
        path, number = passage.document.path, passage.paragraph.number
        return f"{path}#p{number}" if self.own else path

    def id_cited(self, citation: Citation) -> str:
        """Return the corpus id of a cited passage."""
        return f"{citation.path}#p{citation.paragraph}" if self.own else citation.path


@contextmanager
def indexed(dataset: Dataset, model: str | None = None) -> Iterator[Corpus]:
    """Index a set's corpus into a temporary library.

    The default model is the one for the languages of a sample of the passages.
    """
    with (
        tempfile.TemporaryDirectory(prefix="quoth-evaluation-") as folder,
        Library.open(folder, model=model or _model_for(dataset)) as library,
    ):
        library.add_readings(readings(dataset.corpus))
        yield Corpus(dataset, library, own=False)


@contextmanager
def stored(corpus: Iterable[Entry], embedder: Embedder) -> Iterator[VectorStore]:
    """Index a set's passages into a temporary store."""
    with (
        tempfile.TemporaryDirectory(prefix="quoth-evaluation-") as folder,
        closing(local_store(Path(folder))) as store,
    ):
        with (
            store.writer() as writer,
            Indexer(writer, lambda: embedder, lambda _: None) as indexer,
        ):
            for reading in readings(corpus):
                indexer.add(reading)
            indexer.flush()
        yield store


def main_language(texts: Sequence[str], detect: Callable[[str], str] = language_of_text) -> str:
    """Return the language of most of a sample of texts; "en" without any."""
    languages = Counter(map(detect, texts[:: max(1, len(texts) // _SAMPLED)]))
    return languages.most_common(1)[0][0] if languages else "en"


def _model_for(dataset: Dataset) -> str:
    step = max(1, len(dataset.corpus) // SAMPLE)
    choice = choice_for(entry.text for entry in dataset.corpus[::step])
    return choice.model if choice else DEFAULT_MODEL


@contextmanager
def labelled(
    labels: Iterable[Label],
    library_folder: Path | None,
    model: str | None,
    name: str,
    question_limit: int | None = None,
) -> Iterator[Corpus]:
    """Open a person's own library with questions about it, at most `question_limit` of each kind.

    Raises SourceError when there is no library, DatasetError when a label names a document that is
    not in it, or a span that differs from the document.
    """
    with open_existing(library_folder, model) as library:
        dataset = _dataset(list(labels), library, name)
        yield Corpus(
            dataset if question_limit is None else dataset.sample(question_limit), library, own=True
        )


def readings(corpus: Iterable[Entry]) -> Iterator[Reading]:
    """Yield each entry as a document of one passage, with its title as the heading."""
    for entry in corpus:
        digest = hashlib.sha256(entry.text.encode("utf-8", "surrogatepass")).hexdigest()
        document = Document(entry.id, entry.id, entry.title, entry.text, digest)
        whole = [Block(0, len(entry.text))]
        yield Reading(document, tuple(paragraphs(entry.text, whole, title=entry.title)))


def _dataset(labels: list[Label], library: Library, name: str) -> Dataset:
    contents = [library.contents(info.path) for info in library.documents()]
    names = Counter(c.document.name for c in contents)
    by_name = {c.document.name: c for c in contents if names[c.document.name] == 1}
    by_name |= {c.document.path: c for c in contents}
    qrels: dict[str, dict[str, int]] = {}
    for label in labels:
        for gold in label.answers:
            if names[gold.document] > 1:
                raise DatasetError(
                    f"{label.place}: several documents are called {gold.document!r}. Give the path."
                )
            if gold.document not in by_name:
                raise DatasetError(
                    f"{label.place}: the library has no document {gold.document!r}. "
                    "Index it, or name another library with --library DIR."
                )
            gold_contents = by_name[gold.document]
            number = paragraph_number(gold, gold_contents, label.place)
            qrels.setdefault(label.id, {})[f"{gold_contents.document.path}#p{number}"] = 1
    return Dataset(
        name,
        tuple(
            Entry(f"{c.document.path}#p{p.paragraph.number}", " / ".join(p.context), p.text)
            for c in contents
            for p in c.passages
        ),
        {label.id: label.question for label in labels if label.answers},
        qrels,
        {
            label.id: tuple(
                gold.text for gold in label.answers if not _is_whole_passage(gold, by_name)
            )
            for label in labels
            if label.answers
        },
        {label.id: label.question for label in labels if not label.answers},
    )  # fmt: skip


def _is_whole_passage(gold: Gold, by_name: Mapping[str, Contents]) -> bool:
    """Return whether a gold span is a whole passage, which no highlighted sentence can contain."""
    passages = by_name[gold.document].passages
    return (gold.start, gold.end) in {(p.paragraph.start, p.paragraph.end) for p in passages}
