"""A LlamaIndex retriever: an answer's quotes as scored nodes, none when nothing answers."""

from collections.abc import Sequence
from typing import Any

from rag.answers import Answer, CitedPassage
from rag.async_library import AsyncLibrary
from rag.integrations.extras import requires
from rag.integrations.quotes import metadata, passages_of
from rag.library import Library

with requires("llama_index", extra="llamaindex"):
    from llama_index.core.retrievers import BaseRetriever
    from llama_index.core.schema import NodeWithScore, QueryBundle, TextNode

_FOR_THE_MODEL = ("cited", "title")
"""The metadata that a language model sees; offsets and digests are useless to it."""


class QuothRetriever(BaseRetriever):
    """Retrieve a library's quotes, with the metadata of `rag.integrations.quotes.metadata`.

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
        """Retrieve from an open library, which the caller closes.

        `k` and `where` are as in `Library.ask`. With `nearest_misses`, a question that nothing
        answers gets these instead of no nodes. `options` are passed to `BaseRetriever`.
        """
        super().__init__(**options)
        self._library, self._k, self._where = library, k, where
        self._nearest_misses = nearest_misses

    def _retrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
        """Retrieve nodes. Raises the errors of `Library.ask`."""
        question = query_bundle.query_str
        return self._nodes(self._library.ask(question, k=self._k, where=self._where))

    async def _aretrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
        library, question = AsyncLibrary(self._library), query_bundle.query_str
        return self._nodes(await library.ask(question, k=self._k, where=self._where))

    def _nodes(self, answer: Answer) -> list[NodeWithScore]:
        passages = passages_of(answer, nearest_misses=self._nearest_misses)
        return [_node(answer, passage) for passage in passages]


def _node(answer: Answer, passage: CitedPassage) -> NodeWithScore:
    fields = metadata(answer, passage)
    hidden = [name for name in fields if name not in _FOR_THE_MODEL]
    node = TextNode(
        id_=passage.citation.id,
        text=passage.text,
        start_char_idx=passage.citation.start,
        end_char_idx=passage.citation.end,
        metadata=fields,
        excluded_llm_metadata_keys=hidden,
        excluded_embed_metadata_keys=hidden,
    )
    return NodeWithScore(node=node, score=passage.score)
