"""From a sentence-transformers model to its compiled form, checked against the original.

Only a model whose vector is the mean of its tokens' is compiled, as nearly all small models are.
The compiled form is kept only if its vectors are nearly the same.
"""

import secrets
import shutil
import sys
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np

from rag.errors import UncompilableError
from rag.models.compiled.conversion_process import convert_in_process, translated_errors
from rag.models.compiled.embedder import CompiledEmbedder
from rag.models.compiled.fidelity import CheckOutputs, fidelity as fidelity_of
from rag.models.compiled.runtimes import Compiler
from rag.models.registry import is_packed
from rag.models.sentence_transformers import SentenceTransformerEmbedder
from rag.models.similarity_scale import similarity_scale

_LEAST_MEAN = 0.9995
_LEAST_EVER = 0.998
_LEAST_TOP10 = 0.97
"""What 16-bit arithmetic keeps with room to spare, and 8-bit does not."""
_MOST_APART = 0.3
"""Of the cross-encoder's logits, which spread over some 15."""


def compile_into(folder: Path, reference: SentenceTransformerEmbedder, kind: Compiler) -> None:
    """Compile a model into a new folder, all of it or nothing.

    The conversion runs in a process of its own, so that its memory is returned to the system. If
    this process has loaded torch already, only a packed model is worth another one.

    Raises UncompilableError when the model is of a kind that is not compiled, or comes out
    different, NotCompiledError when the disk refuses, ModelError when it cannot be loaded.
    """
    temporary = folder.with_name(f"tmp-{secrets.token_hex(8)}")
    try:
        with translated_errors(temporary):
            temporary.mkdir(parents=True)
            if "torch" in sys.modules and not is_packed(reference.name):
                from rag.models.compiled.conversion import convert

                expected = convert(temporary, reference, kind)
                reference.unload()
            else:
                expected = convert_in_process(temporary, reference.name, kind)
            _check(temporary, expected, kind, reference.name)
            _put_in_place(temporary, folder)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _put_in_place(temporary: Path, folder: Path) -> None:
    """Rename a folder, unless another process was first. Raises OSError."""
    try:
        temporary.rename(folder)
    except OSError:
        if not folder.is_dir():
            raise


def _check(folder: Path, expected: CheckOutputs, kind: Compiler, name: str) -> None:
    """Compare the compiled model with the reference, and complete its manifest.

    Raises UncompilableError when the two are too far apart.
    """
    compiled = CompiledEmbedder(folder, kind, name)
    outputs = CheckOutputs.of(compiled)
    fidelity = fidelity_of(outputs, expected)
    is_faithful = (
        fidelity.cosine_mean >= _LEAST_MEAN
        and fidelity.cosine_min >= _LEAST_EVER
        and fidelity.top10 >= _LEAST_TOP10
    )
    if not is_faithful:  # or if a vector is not a number
        raise UncompilableError(
            f"compiled, it gives other vectors (cosine {fidelity.cosine_mean:.4f}, at least "
            f"{fidelity.cosine_min:.4f}; {fidelity.top10:.0%} of the nearest texts the same)"
        )
    if outputs.logits.size:
        difference = float(np.abs(outputs.logits - expected.logits).max())
        if not difference <= _MOST_APART:  # or if it is not a number
            raise UncompilableError(f"compiled, its cross-encoder is off by up to {difference:.2f}")
    scale = similarity_scale(compiled.embed_query, compiled.embed_documents)
    source = replace(compiled.source, **asdict(scale))
    replace(compiled.manifest, source=source, fidelity=fidelity).write(folder)
