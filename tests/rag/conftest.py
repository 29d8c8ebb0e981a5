"""A small real model."""

from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def tiny_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a real sentence-transformers model: one layer, random weights, prompts of its own."""
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Pooling, Transformer
    from transformers import BertConfig, BertModel, BertTokenizerFast

    torch.manual_seed(0)
    folder = tmp_path_factory.mktemp("tiny")
    letters = [chr(c) for c in range(ord("a"), ord("z") + 1)]
    vocabulary = [
        "[PAD]",
        "[UNK]",
        "[CLS]",
        "[SEP]",
        "[MASK]",
        *letters,
        *(f"##{x}" for x in letters),
    ]
    vocabulary.append(":")
    config = BertConfig(
        vocab_size=len(vocabulary),
        hidden_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=16,
        max_position_embeddings=64,
    )
    BertModel(config).save_pretrained(folder / "bert")
    BertTokenizerFast(vocab={token: i for i, token in enumerate(vocabulary)}).save_pretrained(
        folder / "bert"
    )
    transformer = Transformer(str(folder / "bert"), max_seq_length=40)
    prompts = {"query": "ask: ", "document": "text: "}
    model = SentenceTransformer(modules=[transformer, Pooling(16)], prompts=prompts, device="cpu")
    model.save(str(folder / "model"))
    return folder / "model"
