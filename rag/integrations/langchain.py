"""A LangChain retriever: an answer's quotes as documents, none when nothing answers."""

from collections.abc import Sequence
from typing import Any, ClassVar

from rag.answers import Answer
from rag.async_library import AsyncLibrary
from rag.integrations.extras import needed
from rag.integrations.quotes import given, metadata
from rag.library import Library

with needed("langchain_core", extra="langchain"):
    from langchain_core.callbacks import (
        AsyncCallbackManagerForRetrieverRun,
        CallbackManagerForRetrieverRun,
    )
    from langchain_core.documents import Document
    from langchain_core.retrievers import BaseRetriever
    from pydantic import ConfigDict, Field


class QuothRetriever(BaseRetriever):
    """Retrieve what a library quotes; `rag.integrations.quotes.metadata` says what comes along.

        >>> retriever = QuothRetriever(library=library, k=3)             # doctest: +SKIP
        >>> retriever.invoke("Who teaches Arabic?", where=["*.md"])      # doctest: +SKIP

    `k` and `where` can be given for one question too. Raises as `Library.ask` does.
    """

    model_config: ClassVar[ConfigDict] = ConfigDict(arbitrary_types_allowed=True)

    library: Library
    """An open library; whoever opened it closes it."""
    k: int = Field(default=5, ge=1)
    where: Sequence[str] = ()
    """Patterns; only documents that match one are searched. See `Library.search`."""
    nearest_misses: bool = False
    """Whether a question that nothing answers gets the nearest misses rather than nothing."""

    def _get_relevant_documents(
        self,
        query: str,
        *,
        run_manager: CallbackManagerForRetrieverRun,
        k: int | None = None,
        where: Sequence[str] | None = None,
    ) -> list[Document]:
        return self._documents(self.library.ask(query, **self._asked(k, where)))

    async def _aget_relevant_documents(
        self,
        query: str,
        *,
        run_manager: AsyncCallbackManagerForRetrieverRun,
        k: int | None = None,
        where: Sequence[str] | None = None,
    ) -> list[Document]:
        asked = self._asked(k, where)
        return self._documents(await AsyncLibrary(self.library).ask(query, **asked))

    def _asked(self, k: int | None, where: Sequence[str] | None) -> dict[str, Any]:
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
            for passage in given(answer, nearest_misses=self.nearest_misses)
        ]
