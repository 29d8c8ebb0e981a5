"""From a sentence-transformers model to its compiled form, checked against what it was made of.

Only a model whose vector is the mean of its tokens' is compiled, as nearly all small ones are.
The compiled form is kept only if its vectors are as good as the same.
"""

import os
import secrets
import shutil
import warnings
from dataclasses import asdict, replace
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from rag.errors import ModelError, NotCompiledError, UncompilableError
from rag.models.base import Embedder
from rag.models.compiled.embedder import (
    COMMON,
    CROSS,
    HEAD,
    TABLE,
    TOKENIZER,
    CompiledEmbedder,
    Fidelity,
    Manifest,
)
from rag.models.compiled.runtimes import Compiler, Example
from rag.models.cross_encoder import CrossEncoder
from rag.models.cross_encoder_weights import DIGEST, head_of, trained
from rag.models.sentence_transformers import SentenceTransformerEmbedder
from rag.models.similarity_scale import PAIRS, similarity_scale
from rag.models.word_vectors import common_directions
from rag.text.sentences import sentences
from vector_store.indexes.snapshots import file_digest

if TYPE_CHECKING:
    import torch

_USUAL_LIMIT = 512
_LEAST_MEAN = 0.9995
_LEAST_EVER = 0.998
_LEAST_TOP10 = 0.97
"""What 16-bit arithmetic keeps with room to spare, and 8-bit does not."""
_MOST_APART = 0.3
"""Of the cross-encoder's logits, which spread over some 15."""


def _put_in_place(made: Path, folder: Path) -> None:
    """Rename a folder, unless another process was first. Raises OSError."""
    try:
        made.rename(folder)
    except OSError:
        if not folder.is_dir():
            raise


def compile_into(folder: Path, reference: SentenceTransformerEmbedder, kind: Compiler) -> None:
    """Compile a model into a new folder, all of it or nothing.

    Raises UncompilableError when the model is of a kind that is not compiled, or does not come out
    as it was, NotCompiledError when the disk refuses, ModelError when it cannot be loaded.
    """
    if not reference.averages_tokens:
        raise UncompilableError("its vector is not the mean of its tokens' vectors")
    temporary = folder.with_name(f"tmp-{secrets.token_hex(8)}")
    try:
        temporary.mkdir(parents=True)
        _write(temporary, reference, kind)
        _settle(temporary, reference, kind)
        _put_in_place(temporary, folder)
    except ModelError:
        raise
    except OSError as error:
        reason = error.strerror or str(error)
        raise NotCompiledError(f"it cannot be kept in {folder.parent}: {reason}") from error
    except Exception as error:  # exporters and runtimes raise anything over what they do not know
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        raise UncompilableError(f"it cannot be converted ({reason})") from error
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _write(folder: Path, reference: SentenceTransformerEmbedder, kind: Compiler) -> None:
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    table = reference.input_embeddings()
    if not len(table):
        raise UncompilableError("it has no table of input embeddings")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # exporters warn of their own insides
        example = Example(table.shape[1], reference.longest or _USUAL_LIMIT)
        kind.convert(_tokens_only(reference.transformer()), example, folder)
        if (weights := reference.cross_weights) is not None:
            (folder / CROSS).mkdir()
            joint = trained(reference.transformer(), weights)
            kind.convert(_tokens_only(joint), example, folder / CROSS)
            head_of(weights).save(folder / HEAD)
    (folder / TOKENIZER).write_text(reference.tokenizer.json, encoding="utf-8")
    np.save(folder / TABLE, table.astype(np.float16))
    np.save(folder / COMMON, common_directions(table))
    source = replace(reference.source, runtime=kind.name())
    Manifest(
        source,
        reference.query_prompt,
        reference.document_prompt,
        reference.longest,
        reference.max_tokens,
        reference.tokenizer.unknown,
        tuple(sorted(reference.languages)),
        Fidelity(0, 0.0, 0.0, 0.0),
        "" if weights is None else DIGEST,
        {
            path.relative_to(folder).as_posix(): file_digest(path)
            for path in folder.rglob("*")
            if path.is_file()
        },
    ).write(folder)


def _settle(folder: Path, reference: SentenceTransformerEmbedder, kind: Compiler) -> None:
    """Compare the two, and write down how near they are and the scale of the compiled one."""
    made = CompiledEmbedder(folder, kind, reference.name)
    fidelity = compared(made, reference)
    alike = (
        fidelity.cosine_mean >= _LEAST_MEAN
        and fidelity.cosine_min >= _LEAST_EVER
        and fidelity.top10 >= _LEAST_TOP10
    )
    if not alike:  # nor where a vector is no number
        raise UncompilableError(
            f"compiled, it gives other vectors (cosine {fidelity.cosine_mean:.4f}, at least "
            f"{fidelity.cosine_min:.4f}; {fidelity.top10:.0%} of the nearest texts the same)"
        )
    if made.cross_encoder and reference.cross_encoder:
        apart = _most_apart(made.cross_encoder, reference.cross_encoder)
        if not apart <= _MOST_APART:  # nor where it is no number
            raise UncompilableError(f"compiled, its cross-encoder is off by up to {apart:.2f}")
    scale = similarity_scale(made.embed_query, made.embed_documents)
    source = replace(made.source, **asdict(scale))
    replace(made.manifest, source=source, fidelity=fidelity).write(folder)


def _most_apart(made: CrossEncoder, reference: CrossEncoder) -> float:
    """Return how far two differ at most, on questions with what answers them and what does not."""
    answers = [answer for _, answer in PAIRS]
    apart = [
        made.logits(question, texts) - reference.logits(question, texts)
        for number, (question, _) in enumerate(PAIRS)
        for texts in [[answers[number], answers[number - 1]]]
    ]
    return float(np.max(np.abs(apart)))


def compared(made: Embedder, reference: Embedder) -> Fidelity:
    """Compare two embedders on the sentences of the seed documents, and on questions."""
    texts = [text for pair in PAIRS for text in pair] + _sample()
    questions = np.stack([made.embed_query(q) for q, _ in PAIRS])
    of_reference = np.stack([reference.embed_query(q) for q, _ in PAIRS])
    ours, theirs = made.embed_documents(texts), reference.embed_documents(texts)
    cosines = np.concatenate([(ours * theirs).sum(axis=1), (questions * of_reference).sum(axis=1)])
    same = [
        len(set(a) & set(b)) / 10 for a, b in zip(_nearest(ours), _nearest(theirs), strict=True)
    ]
    return Fidelity(
        len(texts),
        round(float(cosines.mean()), 6),
        round(float(cosines.min()), 6),
        round(float(np.mean(same)), 4),
    )


def _nearest(vectors: np.ndarray) -> np.ndarray:
    similar = vectors @ vectors.T
    np.fill_diagonal(similar, -np.inf)
    return np.argsort(-similar, axis=1)[:, :10]


def _sample() -> list[str]:
    found = []
    for entry in sorted(files("seeds").iterdir(), key=lambda one: one.name):
        if entry.name.endswith(".txt"):
            text = entry.read_text(encoding="utf-8")
            found += [text[start:end] for start, end in sentences(text)]
            found += text.split("\n\n")  # whole paragraphs, and windows as long as can be
    return [text for text in found if text.strip()]


def _tokens_only(model: "torch.nn.Module") -> "torch.nn.Module":
    """Return a transformer as a function of tokens' input embeddings and mask to their vectors.

    The table of input embeddings, most of a multilingual model, stays out: a text needs few of
    its rows, and they are looked up where they lie.
    """
    import torch

    class TokensOnly(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.inner = model

        def forward(self, embeddings: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
            found = self.inner(inputs_embeds=embeddings, attention_mask=attention_mask)
            states: torch.Tensor = found.last_hidden_state
            return states

    return TokensOnly().eval()
