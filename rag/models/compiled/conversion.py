"""Conversion of a sentence-transformers model for a runtime. Importing this module loads torch.

`rag.models.compiled.conversion_process` runs it in a process of its own.
"""

import os
import warnings
from dataclasses import replace
from pathlib import Path

import numpy as np

from rag.errors import UncompilableError
from rag.models.compiled.embedder import (
    COMMON,
    CROSS,
    HEAD,
    TABLE,
    TOKENIZER,
    Fidelity,
    Manifest,
)
from rag.models.compiled.fidelity import CheckOutputs
from rag.models.compiled.runtimes import Compiler, Example
from rag.models.cross_encoder_weights import head_of, shipped_digest, trained
from rag.models.sentence_transformers import SentenceTransformerEmbedder
from rag.models.torch_backend import TokensOnly
from rag.models.word_vectors import common_directions, save_half_precision
from vector_store.indexes.snapshots import file_digest

_USUAL_LIMIT = 512


def convert(folder: Path, reference: SentenceTransformerEmbedder, kind: Compiler) -> CheckOutputs:
    """Write a model's compiled form into an existing folder; return what the model computes.

    Raises UncompilableError for a kind of model that is not compiled, ModelError when the model
    cannot be loaded, OSError, and whatever exporters raise.
    """
    if not reference.averages_tokens:
        raise UncompilableError("its vector is not the mean of its tokens' vectors")
    table = reference.input_embeddings()
    if not len(table):
        raise UncompilableError("it has no table of input embeddings")
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    # First what takes memory for a moment: what torch and exporters take, they keep.
    source = replace(reference.source, runtime=kind.name())
    (folder / TOKENIZER).write_text(reference.tokenizer_json, encoding="utf-8")
    save_half_precision(table, folder / TABLE)
    np.save(folder / COMMON, common_directions(table))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # exporters warn of their own insides
        example = Example(table.shape[1], reference.longest or _USUAL_LIMIT)
        kind.convert(TokensOnly(reference.transformer()).eval(), example, folder)
        if (weights := reference.cross_weights) is not None:
            (folder / CROSS).mkdir()
            joint = trained(reference.transformer(), weights)
            kind.convert(TokensOnly(joint).eval(), example, folder / CROSS)
            head_of(weights).save(folder / HEAD)
    Manifest(
        source=source,
        query_prompt=reference.query_prompt,
        document_prompt=reference.document_prompt,
        longest=reference.longest,
        max_tokens=reference.max_tokens,
        unknown=reference.tokenizer.unknown,
        languages=tuple(sorted(reference.languages)),
        fidelity=Fidelity(0, 0.0, 0.0, 0.0),  # not measured yet
        cross_encoder=shipped_digest(reference.name),
        files={
            path.relative_to(folder).as_posix(): file_digest(path)
            for path in folder.rglob("*")
            if path.is_file()
        },
    ).write(folder)
    return CheckOutputs.of_reference(reference)
