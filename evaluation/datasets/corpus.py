"""A labelled set's passages as a library that can be asked, and by which id each is judged."""

import hashlib
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from evaluation.datasets.beir import Dataset, DatasetError, Entry
from evaluation.datasets.labels import Gold, Label, number_of
from rag import Document, Library
from rag.answers import Citation
from rag.default_library import open_existing
from rag.factories import memory_store
from rag.indexing.batch_embedder import Indexer
from rag.indexing.model_choice import SAMPLE, model_for
from rag.indexing.readers import Reading
from rag.models.base import Embedder
from rag.text.blocks import Block
from rag.text.languages import language_of_text
from rag.text.paragraphs import paragraphs
from vector_store.base import VectorStore
from vector_store.records import Contents, Passage


@dataclass(frozen=True, slots=True, eq=False)
class Corpus:
    """A set and the library that holds its passages.

    A set's entry is a document of one passage, and its id the document's path; in a person's own
    library a passage is judged as `path#pN`, paragraph N of a document.
    """

    dataset: Dataset
    library: Library
    own: bool
    """Whether the library was there before."""

    def id_of(self, passage: Passage) -> str:
        """Return the corpus id of a passage."""
        path, number = passage.document.path, passage.paragraph.number
        return f"{path}#p{number}" if self.own else path

    def id_cited(self, citation: Citation) -> str:
        """Return the corpus id of the passage that a citation leads to."""
        return f"{citation.path}#p{citation.paragraph}" if self.own else citation.path


@contextmanager
def indexed(dataset: Dataset, model: str | None = None) -> Iterator[Corpus]:
    """Index a set's corpus into a library that lasts as long as the context.

    Without a model: the one for the languages of passages spread over the corpus.
    """
    with (
        tempfile.TemporaryDirectory(prefix="quoth-evaluation-") as folder,
        Library.open(folder, model=model or _model_for(dataset)) as library,
    ):
        library.add_readings(readings(dataset.corpus))
        yield Corpus(dataset, library, own=False)


def in_memory(corpus: Iterable[Entry], embedder: Embedder) -> VectorStore:
    """Index a set's passages into a store in memory."""
    store = memory_store()
    with (
        store.writer() as writer,
        Indexer(writer, lambda: embedder, lambda _: None) as indexer,
    ):
        for reading in readings(corpus):
            indexer.add(reading)
        indexer.flush()
    return store


def _model_for(dataset: Dataset) -> str:
    step = max(1, len(dataset.corpus) // SAMPLE)
    return model_for(language_of_text(entry.text) for entry in dataset.corpus[::step])


@contextmanager
def labelled(
    labels: Iterable[Label],
    library_folder: Path | None,
    model: str | None,
    name: str,
    most: int | None = None,
) -> Iterator[Corpus]:
    """Open a person's own library with questions about it, at most so many of each kind.

    Raises SourceError when there is no library, DatasetError when a label names a document that
    it does not hold, or a span that is not where the label says.
    """
    with open_existing(library_folder, model) as library:
        dataset = _dataset(list(labels), library, name)
        yield Corpus(dataset if most is None else dataset.sample(most), library, own=True)


def readings(corpus: Iterable[Entry]) -> Iterator[Reading]:
    """Give each entry as a document that is one passage, its title the heading."""
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
                    f"{label.place}: the library holds no document {gold.document!r}. "
                    "Index it, or name another library with --library DIR."
                )
            held = by_name[gold.document]
            number = number_of(gold, held, label.place)
            qrels.setdefault(label.id, {})[f"{held.document.path}#p{number}"] = 1
    return Dataset(
        name,
        tuple(
            Entry(f"{c.document.path}#p{p.paragraph.number}", " / ".join(p.paragraph.headings),
                  p.text)
            for c in contents
            for p in c.passages
        ),
        {label.id: label.question for label in labels if label.answers},
        qrels,
        {
            label.id: tuple(gold.text for gold in label.answers if not _whole(gold, by_name))
            for label in labels
            if label.answers
        },
        {label.id: label.question for label in labels if not label.answers},
    )  # fmt: skip


def _whole(gold: Gold, by_name: Mapping[str, Contents]) -> bool:
    """Tell whether a gold span is a whole passage, which no highlighted sentence can be held to."""
    passages = by_name[gold.document].passages
    return (gold.start, gold.end) in {(p.paragraph.start, p.paragraph.end) for p in passages}
