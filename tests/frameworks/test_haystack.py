"""What is Haystack's own: pipelines, and writing them to a file."""

import asyncio
from pathlib import Path

import pytest
from tests_support import QOM, SEEDS

from rag import Library, QuestionError, SourceError

pytest.importorskip("haystack", reason="run python -m tests.frameworks")

from haystack import Pipeline
from haystack.components.builders import PromptBuilder
from haystack.components.retrievers import MultiQueryTextRetriever

from rag.integrations.haystack import QuothRetriever

QUESTION = "What do Iranian media based in Qom feature?"
UNANSWERED = "How long is the Danube?"


def pipeline_of(library: Library) -> Pipeline:
    pipeline = Pipeline()
    pipeline.add_component("quoth", QuothRetriever(library, top_k=2, where=["004_*"]))
    template = "{% for d in documents %}{{ d.meta.cited }}: {{ d.content }}\n{% endfor %}"
    pipeline.add_component("prompt", PromptBuilder(template, required_variables=["documents"]))
    pipeline.connect("quoth.documents", "prompt.documents")
    return pipeline


def test_a_pipeline_hands_on_the_quotes(seeds_library: Library) -> None:
    first, second = seeds_library.ask(QUESTION, k=2, where=["004_*"]).passages
    found = pipeline_of(seeds_library).run({"quoth": {"query": QUESTION}})
    assert found["prompt"]["prompt"] == (
        f"{first.citation}: {first.text}\n{second.citation}: {second.text}\n"
    )
    assert found["quoth"]["answered"] is True
    assert found["quoth"]["confidence"] == first.score


def test_a_written_pipeline_opens_the_library_again(tmp_path: Path) -> None:
    with Library.open(tmp_path / "library", model="hashing") as library:
        library.add([SEEDS / QOM])
        pipeline = pipeline_of(library)
        written = pipeline.dumps()
        expected = pipeline.run({"quoth": {"query": QUESTION}})
    read = Pipeline.loads(written, allowed_modules=["rag.integrations.haystack"])
    try:
        assert read.run({"quoth": {"query": QUESTION}}) == expected
        assert read.dumps() == written
    finally:
        read.close()


def test_a_library_in_memory_cannot_be_written() -> None:
    with (
        Library.in_memory(model="hashing") as library,
        pytest.raises(SourceError, match="in memory cannot be written"),
    ):
        QuothRetriever(library).to_dict()


def test_it_is_a_text_retriever_to_others(seeds_library: Library) -> None:
    several = MultiQueryTextRetriever(retriever=QuothRetriever(seeds_library, top_k=1))
    [found] = several.run(queries=[QUESTION, UNANSWERED])["documents"]
    assert found.content == seeds_library.ask(QUESTION, k=1).passages[0].text


def test_filters_are_refused(seeds_library: Library) -> None:
    with pytest.raises(QuestionError, match="Name documents by where"):
        QuothRetriever(seeds_library).run(QUESTION, filters={"field": "meta.page"})


def test_asked_asynchronously_it_gives_the_same(seeds_library: Library) -> None:
    retriever = QuothRetriever(seeds_library)
    found = asyncio.run(retriever.run_async(QUESTION, top_k=1, where=["004_*"]))
    assert found == retriever.run(QUESTION, top_k=1, where=["004_*"])
    assert len(found["documents"]) == 1
