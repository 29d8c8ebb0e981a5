"""A LangChain retriever: an answer's quotes as documents, none when nothing answers."""

from collections.abc import Sequence
from typing import Any, ClassVar

from rag.answers import Answer
from rag.async_library import AsyncLibrary
from rag.integrations.extras import requires
from rag.integrations.quotes import metadata, passages_of
from rag.library import Library

with requires("langchain_core", extra="langchain"):
    from langchain_core.callbacks import (
        AsyncCallbackManagerForRetrieverRun,
        CallbackManagerForRetrieverRun,
    )
    from langchain_core.documents import Document
    from langchain_core.retrievers import BaseRetriever
    from pydantic import ConfigDict, Field


class QuothRetriever(BaseRetriever):
    """Retrieve a library's quotes, with the metadata of `rag.integrations.quotes.metadata`.

        >>> retriever = QuothRetriever(library=library, k=3)             # doctest: +SKIP
        >>> retriever.invoke("Who teaches Arabic?", where=["*.md"])      # doctest: +SKIP

    `k` and `where` can also be given for a single question. Raises the errors of `Library.ask`.
    """

    model_config: ClassVar[ConfigDict] = ConfigDict(arbitrary_types_allowed=True)

    library: Library
    """An open library, which the caller closes."""
    k: int = Field(default=5, ge=1)
    where: Sequence[str] = ()
    """Patterns; only documents that match one of them are searched. See `Library.search`."""
    nearest_misses: bool = False
    """Whether a question that nothing answers gets the nearest misses instead of no documents."""

    def _get_relevant_documents(
        self,
        query: str,
        *,
        run_manager: CallbackManagerForRetrieverRun,
        k: int | None = None,
        where: Sequence[str] | None = None,
    ) -> list[Document]:
        return self._documents(self.library.ask(query, **self._options(k, where)))

    async def _aget_relevant_documents(
        self,
        query: str,
        *,
        run_manager: AsyncCallbackManagerForRetrieverRun,
        k: int | None = None,
        where: Sequence[str] | None = None,
    ) -> list[Document]:
        options = self._options(k, where)
        return self._documents(await AsyncLibrary(self.library).ask(query, **options))

    def _options(self, k: int | None, where: Sequence[str] | None) -> dict[str, Any]:
        return {
            "k": self.k if k is None else k,
            "where": self.where if where is None else where,
        }

    def _documents(self, answer: Answer) -> list[Document]:
        return [
            Document(
                id=passage.citation.id,
                page_content=passage.text,
                metadata=metadata(answer, passage),
            )
            for passage in passages_of(answer, nearest_misses=self.nearest_misses)
        ]
