"""The lexical index: BM25 over the passages' terms, by tantivy.

tantivy splits on spaces only; the terms come from `vector_store.analysis`, for documents and
questions alike. Scores are BM25 with k1 = 1.2 and b = 0.75 (Robertson and Zaragoza, "The
Probabilistic Relevance Framework", 2009), tantivy's fixed constants.
"""

import contextlib
import json
import math
import shutil
import tempfile
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path

import tantivy

from vector_store.analysis import analyzer
from vector_store.analysis.analyzer import Forms
from vector_store.errors import StoreUnwritableError
from vector_store.indexes.temp_folders import PrivateFolder
from vector_store.records import Indexable, Match

_WRITER_BYTES = 64 * 1024 * 1024
_ANALYZER = "terms"


def _schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    builder.add_unsigned_field("id", stored=False, indexed=True, fast=True)
    builder.add_unsigned_field("document", stored=False, indexed=True, fast=False)
    builder.add_text_field("terms", stored=False, tokenizer_name=_ANALYZER, index_option="freq")
    return builder.build()


def _prepared(index: tantivy.Index) -> tantivy.Index:
    whitespace = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace()).build()
    index.register_tokenizer(_ANALYZER, whitespace)
    return index


class LexicalIndex:
    """BM25 search as of one moment; `updated` returns the index of the next.

    A searcher sees the index as it was when it was made, so a search needs no lock.
    """

    def __init__(self, index: tantivy.Index, folder: PrivateFolder | Path) -> None:
        """Search `index`, whose files lie in `folder`: ours to change only if private."""
        index.reload()
        self._index = index
        self._folder = folder
        self._searcher = index.searcher()

    @classmethod
    def build(cls, passages: Iterable[Indexable]) -> "LexicalIndex":
        """Index passages afresh. Raises StoreUnwritableError when the disk is full."""
        with _in_temporary_folder():
            folder = PrivateFolder()
            index = _prepared(tantivy.Index(_schema(), path=str(folder.path)))
            _change(index, passages, ())
        return cls(index, folder)

    @classmethod
    def read(cls, folder: Path) -> "LexicalIndex":
        """Open a snapshot's files where they lie, or a copy where the folder is read-only.

        Raises ValueError when tantivy cannot open them.
        """
        try:
            return cls(_prepared(tantivy.Index.open(str(folder))), folder)
        except (OSError, ValueError):
            pass  # tantivy takes a lock even to read, which a read-only folder refuses
        private = PrivateFolder()
        try:
            _copy(folder, private.path)
            return cls(_prepared(tantivy.Index.open(str(private.path))), private)
        except (OSError, ValueError) as error:
            raise ValueError("tantivy cannot open the lexical index") from error

    def write(self, folder: Path) -> None:
        """Copy the index's files into a new folder."""
        folder.mkdir()
        _copy(self._path, folder)

    def updated(self, passages: Iterable[Indexable], removed: Collection[int]) -> "LexicalIndex":
        """Return an index with `removed` passages gone and `passages` added.

        Removed passages still weigh in the document frequencies until the index is rebuilt.
        """
        if isinstance(self._folder, PrivateFolder):
            with _in_temporary_folder():
                _change(self._index, passages, removed)
            return LexicalIndex(self._index, self._folder)
        folder = PrivateFolder()
        _copy(self._path, folder.path)
        index = _prepared(tantivy.Index.open(str(folder.path)))
        with _in_temporary_folder():
            _change(index, passages, removed)
        return LexicalIndex(index, folder)

    @property
    def _path(self) -> Path:
        return self._folder.path if isinstance(self._folder, PrivateFolder) else self._folder

    def __len__(self) -> int:
        """Return how many passages a search can find."""
        return int(self._searcher.num_docs)

    def search(
        self, words: Collection[Forms], limit: int, documents: Collection[int] | None = None
    ) -> list[Match]:
        """Return the `limit` passages with the highest BM25 for `words`, best first.

        A passage needs one term of one word to be found; of a word's terms the one that scores
        highest counts. Ties go by passage id. With `documents`, only their passages are searched;
        a term weighs what it does in all.
        """
        if not words or not self._searcher.num_docs:
            return []
        query = tantivy.Query.boolean_query(
            [(tantivy.Occur.Should, self._word_query(forms)) for forms in words]
        )
        if documents is not None:
            schema = self._index.schema
            inside = tantivy.Query.term_set_query(schema, "document", list(documents))
            query = tantivy.Query.boolean_query(
                [
                    (tantivy.Occur.Must, query),
                    (tantivy.Occur.Must, tantivy.Query.const_score_query(inside, 0.0)),
                ]
            )
        # tantivy sets aside room for as many as are asked for.
        most = min(limit, self._searcher.num_docs)
        hits = self._searcher.search(query, most).hits
        ids = self._ids([address for _, address in hits])
        matches = [Match(i, float(score)) for i, (score, _) in zip(ids, hits, strict=True)]
        return sorted(matches, key=lambda match: (-match.score, match.passage_id))

    def holding(
        self, words: Collection[Forms], documents: Collection[int] | None = None
    ) -> list[int]:
        """Return the ids of all passages that hold each of `words` in any form, ascending."""
        if not words or not self._searcher.num_docs:
            return []
        parts = [self._word_query(forms) for forms in words]
        if documents is not None:
            schema = self._index.schema
            parts.append(tantivy.Query.term_set_query(schema, "document", list(documents)))
        query = tantivy.Query.boolean_query([(tantivy.Occur.Must, part) for part in parts])
        # The first search only counts: room is set aside for as many as are asked for.
        counted = self._searcher.search(query, 1)
        most = int(counted.count or 0)  # type: ignore[attr-defined]  # its stub lacks it
        if not most:
            return []
        order = tantivy.Order.Asc
        result = self._searcher.search(query, most, False, order_by_field="id", order=order)
        return [int(key) for key, _ in result.hits]

    def terms(self, prefix: str, limit: int) -> dict[str, int]:
        """Return the terms that begin with `prefix`, the most frequent first, with their counts.

        Removed passages still count until the index is rebuilt.
        """
        counts = self._searcher.terms_with_prefix("terms", prefix, None, limit)
        return {str(term): int(count) for term, count in counts}

    def _word_query(self, forms: Forms) -> tantivy.Query:
        schema = self._index.schema
        queries = [tantivy.Query.term_query(schema, "terms", term, "freq") for term in forms]
        return queries[0] if len(queries) == 1 else tantivy.Query.disjunction_max_query(queries)

    def _ids(self, addresses: list[tantivy.DocAddress]) -> list[int]:
        values = self._searcher.fast_field_values("id", addresses) if addresses else []
        return [int(value) for value in values if value is not None]

    def idf(self, forms: Forms) -> float:
        """Return BM25's inverse document frequency, ln(1 + (N - n + 0.5) / (n + 0.5)).

        N passages are indexed, n of them hold the word's commonest term.
        """
        holding = max(self._searcher.doc_freq("terms", term) for term in forms)
        others = max(0, self._searcher.num_docs - holding)
        return math.log(1 + (others + 0.5) / (holding + 0.5))


@contextlib.contextmanager
def _in_temporary_folder() -> Iterator[None]:
    """Say that the temporary folder cannot be written, where that is what went wrong."""
    try:
        yield
    except (OSError, ValueError) as error:  # tantivy reports a full disk as ValueError
        if isinstance(error, UnicodeDecodeError | json.JSONDecodeError):
            raise  # of what was to be indexed
        raise StoreUnwritableError(
            f"The words cannot be indexed in the temporary folder {tempfile.gettempdir()} "
            f"({error}). What was indexed is kept; make room there, or name another folder by "
            "TMPDIR."
        ) from error


def _change(index: tantivy.Index, passages: Iterable[Indexable], removed: Collection[int]) -> None:
    # One thread keeps the order of passages within the index the order they came in.
    writer = index.writer(heap_size=_WRITER_BYTES, num_threads=1)
    for passage_id in removed:
        # tantivy 0.27's delete_documents_by_term deletes nothing from a number field, silently.
        query = tantivy.Query.term_query(index.schema, "id", passage_id)
        writer.delete_documents_by_query(query)
    for passage in passages:
        document = tantivy.Document()
        document.add_unsigned("id", passage.passage)
        document.add_unsigned("document", passage.document)
        languages = analyzer.spoken(passage.language)
        document.add_text("terms", " ".join(analyzer.terms(passage.text, languages)))
        writer.add_document(document)
    writer.commit()
    writer.wait_merging_threads()


def _copy(source: Path, target: Path) -> None:
    for path in source.iterdir():
        if path.suffix != ".lock":
            shutil.copyfile(path, target / path.name)
