"""What is LlamaIndex's own: query engines, and what a model is shown of a node."""

import asyncio

import pytest

from rag import Library

pytest.importorskip("llama_index.core", reason="run python -m tests.frameworks")

from llama_index.core import Settings
from llama_index.core.llms import MockLLM
from llama_index.core.query_engine import RetrieverQueryEngine
from llama_index.core.response_synthesizers import ResponseMode
from llama_index.core.schema import MetadataMode

from rag.integrations.llamaindex import QuothRetriever

QUESTION = "What do Iranian media based in Qom feature?"


def test_a_model_is_shown_the_quote_and_its_citation(seeds_library: Library) -> None:
    [found] = QuothRetriever(seeds_library, k=1).retrieve(QUESTION)
    [passage] = seeds_library.ask(QUESTION, k=1).passages
    shown = found.node.get_content(metadata_mode=MetadataMode.LLM)
    assert shown == (
        f"title: {passage.citation.title}\ncited: {passage.citation}\n\n{passage.text}"
    )
    assert (found.node.start_char_idx, found.node.end_char_idx) == (
        passage.citation.start,
        passage.citation.end,
    )


def test_a_query_engine_has_no_sources_for_what_is_not_there(
    seeds_library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Settings, "_llm", MockLLM())
    retriever = QuothRetriever(seeds_library, k=2)
    engine = RetrieverQueryEngine.from_args(retriever, response_mode=ResponseMode.NO_TEXT)
    assert len(engine.query(QUESTION).source_nodes) == 2
    assert engine.query("How long is the Danube?").source_nodes == []


def test_asked_asynchronously_it_gives_the_same(seeds_library: Library) -> None:
    retriever = QuothRetriever(seeds_library)
    assert asyncio.run(retriever.aretrieve(QUESTION)) == retriever.retrieve(QUESTION)
