"""The LangChain retriever, by LangChain's own standard tests."""

from typing import Any

import pytest

from rag import Library

pytest.importorskip("langchain_tests", reason="run python -m tests.frameworks")

from langchain_core.documents import Document
from langchain_tests.integration_tests import RetrieversIntegrationTests

from rag.integrations.langchain import QuothRetriever

QUESTION = "Which university offers scholarships?"


@pytest.mark.anyio
class TestStandard(RetrieversIntegrationTests):
    """What LangChain asks of every retriever."""

    @pytest.fixture(autouse=True)
    def _library(self, seeds_library: Library) -> None:
        self.library = seeds_library

    @property
    def retriever_constructor(self) -> type[QuothRetriever]:
        return QuothRetriever

    @property
    def retriever_constructor_params(self) -> dict[str, Any]:
        return {"library": self.library}

    @property
    def retriever_query_example(self) -> str:
        return QUESTION


@pytest.mark.anyio
async def test_asked_asynchronously_it_gives_the_same(seeds_library: Library) -> None:
    retriever = QuothRetriever(library=seeds_library)
    at_once = await retriever.abatch([QUESTION, "How long is the Danube?"])
    assert at_once == [retriever.invoke(QUESTION), []]
    assert await retriever.ainvoke(QUESTION, k=1) == at_once[0][:1]


def test_k_and_where_can_be_said_for_one_question(seeds_library: Library) -> None:
    retriever = QuothRetriever(library=seeds_library, k=3, nearest_misses=True)
    [found] = retriever.invoke(QUESTION, k=1, where=["000_*"])
    assert isinstance(found, Document)
    assert found.metadata["document"].startswith("000_")
    assert found.id == found.metadata["id"]
    assert seeds_library.passage(found.id).passage.text == found.page_content


def test_k_must_be_a_number_from_one(seeds_library: Library) -> None:
    with pytest.raises(ValueError, match="greater than or equal to 1"):
        QuothRetriever(library=seeds_library, k=0)
