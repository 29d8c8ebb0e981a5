"""Hybrid search of other programs, set up as their documentation says, with the same model.

txtai     `Embeddings(hybrid=True, path=...)`, from "Benefits of hybrid search" in its examples
haystack  BM25 and embedding retrievers joined by reciprocal rank fusion, from its "Hybrid
          retrieval" tutorial, without the ranker, which needs a second model

Each builds its own index of the corpus: title, line break, text. pip install 'quoth[peers]'
"""

import atexit
import os
from collections.abc import Callable
from contextlib import ExitStack
from functools import cache
from importlib.util import find_spec
from typing import TYPE_CHECKING

from rag.errors import QuothError
from rag.models.registry import model_folder

if TYPE_CHECKING:
    from evaluation.datasets.beir import Entry
    from evaluation.datasets.corpus import Corpus

PACKAGES = {
    "txtai": ("txtai",),
    "haystack": (
        "haystack",
        "haystack_integrations.components.embedders.sentence_transformers",
    ),
}


def is_installed(name: str) -> bool:
    """Return whether a program's packages are installed."""
    return all(_is_importable(package) for package in PACKAGES[name])


def _is_importable(package: str) -> bool:
    try:
        return find_spec(package) is not None
    except ModuleNotFoundError:  # a parent package is missing
        return False


def check(name: str, model: str) -> None:
    """Raise QuothError unless a program is installed and can run a model."""
    if not is_installed(name):
        raise QuothError(f"{name} is not installed. Install it with: pip install 'quoth[peers]'")
    if model == "hashing":
        raise QuothError(f"{name} cannot run the model 'hashing'. Leave out --system {name}.")


def txtai(corpus: "Corpus") -> Callable[[str, int], list[str]]:
    """Index with txtai. Raises QuothError when it is not installed."""
    check("txtai", corpus.library.embedder.source.model)
    from txtai import Embeddings

    embeddings = Embeddings(hybrid=True, path=_model(corpus))
    embeddings.index((entry.id, _text(entry), None) for entry in corpus.dataset.corpus)
    return lambda text, depth: [str(entry) for entry, _ in embeddings.search(text, depth)]


def haystack(corpus: "Corpus") -> Callable[[str, int], list[str]]:
    """Index with Haystack. Raises QuothError when it is not installed."""
    check("haystack", corpus.library.embedder.source.model)
    os.environ.setdefault("HAYSTACK_TELEMETRY_ENABLED", "False")
    from haystack import Document, Pipeline
    from haystack.components.joiners import DocumentJoiner
    from haystack.components.retrievers.in_memory import (
        InMemoryBM25Retriever,
        InMemoryEmbeddingRetriever,
    )
    from haystack.document_stores.in_memory import InMemoryDocumentStore
    from haystack_integrations.components.embedders.sentence_transformers import (
        SentenceTransformersDocumentEmbedder,
        SentenceTransformersTextEmbedder,
    )

    model, store = _model(corpus), InMemoryDocumentStore()
    embedder = SentenceTransformersDocumentEmbedder(model=model, progress_bar=False)
    embedder.warm_up()
    documents = [Document(id=entry.id, content=_text(entry)) for entry in corpus.dataset.corpus]
    store.write_documents(embedder.run(documents)["documents"])
    pipeline = Pipeline()
    pipeline.add_component(
        "text", SentenceTransformersTextEmbedder(model=model, progress_bar=False)
    )
    pipeline.add_component("dense", InMemoryEmbeddingRetriever(store))
    pipeline.add_component("bm25", InMemoryBM25Retriever(store))
    pipeline.add_component("joiner", DocumentJoiner(join_mode="reciprocal_rank_fusion"))
    pipeline.connect("text", "dense")
    pipeline.connect("dense", "joiner")
    pipeline.connect("bm25", "joiner")

    def rank(text: str, depth: int) -> list[str]:
        limit = {"top_k": depth}
        inputs = {"text": {"text": text}, "bm25": {"query": text, **limit}}
        outputs = pipeline.run({**inputs, "dense": limit, "joiner": limit})
        return [document.id for document in outputs["joiner"]["documents"]]

    return rank


def _model(corpus: "Corpus") -> str:
    return _name_or_folder(corpus.library.embedder.source.model)


@cache
def _name_or_folder(model: str) -> str:
    """Return the name or folder from which the other programs load a model.

    The folder of an unpacked model is deleted when the process ends.
    """
    stack = ExitStack()
    atexit.register(stack.close)
    return stack.enter_context(model_folder(model))


def _text(entry: "Entry") -> str:
    return f"{entry.title}\n{entry.text}" if entry.title else entry.text
