"""A Haystack component: an answer's quotes as documents, none when nothing answers."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rag.answers import Answer
from rag.async_library import AsyncLibrary
from rag.default_library import open_existing
from rag.errors import QuestionError, SourceError
from rag.integrations.extras import needed
from rag.integrations.quotes import given, metadata
from rag.library import Library

with needed("haystack", extra="haystack"):
    from haystack import Document, component, default_from_dict, default_to_dict


@component
class QuothRetriever:
    """Retrieve what a library quotes; `rag.integrations.quotes.metadata` says what comes along.

    A `TextRetriever` in Haystack's terms, and `top_k` what is `k` elsewhere. A pipeline that is
    written to a file names the library's folder, and opens it when read.
    """

    def __init__(
        self,
        library: Library,
        *,
        top_k: int = 5,
        where: Sequence[str] = (),
        nearest_misses: bool = False,
    ) -> None:
        """Ask `library`; whoever opened it closes it.

        `where` as in `Library.ask`; `nearest_misses` says whether a question that nothing answers
        gets those rather than nothing.
        """
        self.library: Library = library
        self.top_k: int = top_k
        self.where: list[str] = list(where)
        self.nearest_misses: bool = nearest_misses
        self._opened_here = False

    @component.output_types(documents=list[Document], answered=bool, confidence=float)
    def run(
        self,
        query: str,
        filters: dict[str, Any] | None = None,
        top_k: int | None = None,
        where: list[str] | None = None,
    ) -> dict[str, Any]:
        """Return the documents, whether the question is answered, and how likely.

        Raises QuestionError for `filters`, which Quoth does not have, and as `Library.ask` does.
        """
        return self._found(self.library.ask(query, **self._asked(filters, top_k, where)))

    @component.output_types(documents=list[Document], answered=bool, confidence=float)
    async def run_async(
        self,
        query: str,
        filters: dict[str, Any] | None = None,
        top_k: int | None = None,
        where: list[str] | None = None,
    ) -> dict[str, Any]:
        """Do what `run` does, in a thread."""
        asked = self._asked(filters, top_k, where)
        return self._found(await AsyncLibrary(self.library).ask(query, **asked))

    def _asked(
        self, filters: dict[str, Any] | None, top_k: int | None, where: list[str] | None
    ) -> dict[str, Any]:
        if filters:
            raise QuestionError("Quoth has no such filters. Name documents by where=[...] instead.")
        return {
            "k": self.top_k if top_k is None else top_k,
            "where": self.where if where is None else where,
        }

    def _found(self, answer: Answer) -> dict[str, Any]:
        documents = [
            Document(
                id=passage.citation.id,
                content=passage.text,
                meta=metadata(answer, passage),
                score=passage.score,
            )
            for passage in given(answer, nearest_misses=self.nearest_misses)
        ]
        return {
            "documents": documents,
            "answered": answer.answered,
            "confidence": answer.confidence,
        }

    def to_dict(self) -> dict[str, Any]:
        """Return what `from_dict` makes it from. Raises SourceError for a library in memory."""
        if not self.library.folder:
            raise SourceError("A library in memory cannot be written. Open one in a folder.")
        found: dict[str, Any] = default_to_dict(
            self,
            library=self.library.folder,
            top_k=self.top_k,
            where=self.where,
            nearest_misses=self.nearest_misses,
        )
        return found

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "QuothRetriever":
        """Make one of what `to_dict` returned. Raises SourceError when the library is gone."""
        options = dict(data["init_parameters"])
        options["library"] = open_existing(Path(options["library"]))
        made: QuothRetriever = default_from_dict(cls, {**data, "init_parameters": options})
        made._opened_here = True
        return made

    def close(self) -> None:
        """Close the library if `from_dict` opened it; the pipeline calls this."""
        if self._opened_here:
            self.library.close()
