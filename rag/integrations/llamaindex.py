"""A LlamaIndex retriever: an answer's quotes as scored nodes, none when nothing answers."""

from collections.abc import Sequence
from typing import Any

from rag.answers import Answer, CitedPassage
from rag.async_library import AsyncLibrary
from rag.integrations.extras import needed
from rag.integrations.quotes import given, metadata
from rag.library import Library

with needed("llama_index", extra="llamaindex"):
    from llama_index.core.retrievers import BaseRetriever
    from llama_index.core.schema import NodeWithScore, QueryBundle, TextNode

_FOR_THE_MODEL = ("cited", "title")
"""What a language model is shown of a quote's metadata; its offsets and digests tell it nothing."""


class QuothRetriever(BaseRetriever):
    """Retrieve what a library quotes; `rag.integrations.quotes.metadata` says what comes along.

    >>> QuothRetriever(library, k=3).retrieve("Who teaches Arabic?")     # doctest: +SKIP
    """

    def __init__(
        self,
        library: Library,
        *,
        k: int = 5,
        where: str | Sequence[str] = (),
        nearest_misses: bool = False,
        **options: Any,
    ) -> None:
        """Ask `library`, which whoever opened it closes; `options` go to the framework's own class.

        `where` and `k` as in `Library.ask`; `nearest_misses` says whether a question that nothing
        answers gets those rather than nothing.
        """
        super().__init__(**options)
        self._library, self._k, self._where = library, k, where
        self._nearest_misses = nearest_misses

    def _retrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
        """Raise as `Library.ask` does."""
        question = query_bundle.query_str
        return self._nodes(self._library.ask(question, k=self._k, where=self._where))

    async def _aretrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
        library, question = AsyncLibrary(self._library), query_bundle.query_str
        return self._nodes(await library.ask(question, k=self._k, where=self._where))

    def _nodes(self, answer: Answer) -> list[NodeWithScore]:
        return [_node(answer, one) for one in given(answer, nearest_misses=self._nearest_misses)]


def _node(answer: Answer, passage: CitedPassage) -> NodeWithScore:
    told = metadata(answer, passage)
    hidden = [name for name in told if name not in _FOR_THE_MODEL]
    node = TextNode(
        id_=passage.citation.id,
        text=passage.text,
        start_char_idx=passage.citation.start,
        end_char_idx=passage.citation.end,
        metadata=told,
        excluded_llm_metadata_keys=hidden,
        excluded_embed_metadata_keys=hidden,
    )
    return NodeWithScore(node=node, score=passage.score)
