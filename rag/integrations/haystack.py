"""A Haystack component: an answer's quotes as documents, none when nothing answers."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rag.answers import Answer
from rag.async_library import AsyncLibrary
from rag.default_library import open_existing
from rag.errors import QuestionError, SourceError
from rag.integrations.extras import requires
from rag.integrations.quotes import metadata, passages_of
from rag.library import Library

with requires("haystack", extra="haystack"):
    from haystack import Document, component, default_from_dict, default_to_dict


@component
class QuothRetriever:
    """Retrieve a library's quotes, with the metadata of `rag.integrations.quotes.metadata`.

    This is a `TextRetriever` in Haystack's terms; `top_k` is `k` elsewhere in Quoth. A pipeline
    that is saved to a file stores the library's folder, and opens the library when it is loaded.
    """

    def __init__(
        self,
        library: Library,
        *,
        top_k: int = 5,
        where: Sequence[str] = (),
        nearest_misses: bool = False,
    ) -> None:
        """Retrieve from an open library, which the caller closes.

        `where` is as in `Library.ask`. With `nearest_misses`, a question that nothing answers gets
        these instead of no documents.
        """
        self.library: Library = library
        self.top_k: int = top_k
        self.where: list[str] = list(where)
        self.nearest_misses: bool = nearest_misses
        self._opened_here = False

    @component.output_types(documents=list[Document], answered=bool, state=str, confidence=float)
    def run(
        self,
        query: str,
        filters: dict[str, Any] | None = None,
        top_k: int | None = None,
        where: list[str] | None = None,
    ) -> dict[str, Any]:
        """Return the documents, whether the question is answered, and with which confidence.

        Raises QuestionError for `filters`, which Quoth does not support, and the errors of
        `Library.ask`.
        """
        return self._output(self.library.ask(query, **self._options(filters, top_k, where)))

    @component.output_types(documents=list[Document], answered=bool, state=str, confidence=float)
    async def run_async(
        self,
        query: str,
        filters: dict[str, Any] | None = None,
        top_k: int | None = None,
        where: list[str] | None = None,
    ) -> dict[str, Any]:
        """Do the same as `run`, in a thread."""
        options = self._options(filters, top_k, where)
        return self._output(await AsyncLibrary(self.library).ask(query, **options))

    def _options(
        self, filters: dict[str, Any] | None, top_k: int | None, where: list[str] | None
    ) -> dict[str, Any]:
        if filters:
            raise QuestionError(
                "Quoth does not support filters. Select documents with where=[...] instead."
            )
        return {
            "k": self.top_k if top_k is None else top_k,
            "where": self.where if where is None else where,
        }

    def _output(self, answer: Answer) -> dict[str, Any]:
        documents = [
            Document(
                id=passage.citation.id,
                content=passage.text,
                meta=metadata(answer, passage),
                score=passage.score,
            )
            for passage in passages_of(answer, nearest_misses=self.nearest_misses)
        ]
        return {
            "documents": documents,
            "answered": answer.answered,
            "state": answer.state,
            "confidence": answer.confidence,
        }

    def to_dict(self) -> dict[str, Any]:
        """Return the arguments of `from_dict`. Raises SourceError for a library in memory."""
        if not self.library.folder:
            raise SourceError("A library in memory cannot be saved. Open one in a folder.")
        serialized: dict[str, Any] = default_to_dict(
            self,
            library=self.library.folder,
            top_k=self.top_k,
            where=self.where,
            nearest_misses=self.nearest_misses,
        )
        return serialized

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "QuothRetriever":
        """Make a retriever from what `to_dict` returned.

        Raises SourceError when the library no longer exists.
        """
        options = dict(data["init_parameters"])
        options["library"] = open_existing(Path(options["library"]))
        retriever: QuothRetriever = default_from_dict(cls, {**data, "init_parameters": options})
        retriever._opened_here = True
        return retriever

    def close(self) -> None:
        """Close the library if `from_dict` opened it; the pipeline calls this."""
        if self._opened_here:
            self.library.close()
