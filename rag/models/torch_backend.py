"""Loading and digesting of models in torch. Importing this module loads sentence-transformers."""

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import torch
from numpy.typing import NDArray
from safetensors import SafetensorError
from sentence_transformers import SentenceTransformer
from transformers.utils import logging as transformers_logging

from rag.errors import ModelError
from rag.models.bundled_e5 import PROMPTS as E5_PROMPTS
from rag.models.word_vectors import EmbeddingTable, row_groups

_E5 = re.compile(r"(^|/)(multilingual-)?e5-(small|base|large)(-v2)?$")


def load(location: str, table: EmbeddingTable | None = None) -> SentenceTransformer:
    """Load a model from a folder or the hub, with `table` as its input embeddings if given.

    Raises ModelError.
    """
    transformers_logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    try:
        model = SentenceTransformer(location, device="cpu")
    except (OSError, ValueError, KeyError, RuntimeError, SafetensorError) as error:
        raise ModelError(
            f"The model {location!r} cannot be loaded. Name a folder with a sentence-transformers "
            f"model, or a model on the hub (which needs a network), or leave out --model. "
            f"The reason: {str(error).splitlines()[0]}"
        ) from error
    if table is not None:
        transformer: Any = model[0].auto_model
        transformer.set_input_embeddings(TableLookup(table))
    if _E5.search(location) and not any((model.prompts or {}).values()):
        model.prompts = dict(E5_PROMPTS)  # documented only on the hub's page of the model
    return model


class TableLookup(torch.nn.Module):
    """A layer of input embeddings whose table is not in torch's memory."""

    def __init__(self, table: EmbeddingTable) -> None:
        """Look rows up in `table`."""
        super().__init__()
        self.table = table

    def forward(self, token_ids: torch.Tensor) -> torch.Tensor:
        """Return the tokens' rows, shape (*token_ids.shape, dimensions)."""
        return torch.from_numpy(self.table[token_ids.numpy()])


class TokensOnly(torch.nn.Module):
    """A transformer as a function of its tokens' input embeddings and their mask.

    The table of input embeddings stays out of what is exported.
    """

    def __init__(self, transformer: torch.nn.Module) -> None:
        """Run `transformer`."""
        super().__init__()
        self.inner = transformer

    def forward(self, embeddings: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
        """Return the tokens' vectors, shape (texts, tokens, dimensions)."""
        output = self.inner(inputs_embeds=embeddings, attention_mask=attention_mask)
        states: torch.Tensor = output.last_hidden_state
        return states


def fingerprint(model: SentenceTransformer, vocabulary: Mapping[str, int]) -> str:
    """Return a SHA-256 of all that determines the vectors.

    That is the weights, the kinds of layers, the length limit, the prompts and the vocabulary.
    """
    digest = hashlib.sha256()
    for name, parts in sorted(_weights(model), key=lambda weight: weight[0]):
        digest.update(name.encode())
        for part in parts:
            digest.update(part.data)
    layers = [type(module).__name__ for module in model]
    tokens = sorted(vocabulary.items())
    digest.update(repr((layers, model.max_seq_length, model.prompts, tokens)).encode())
    return digest.hexdigest()


def _weights(model: SentenceTransformer) -> Iterator[tuple[str, Iterable[NDArray[Any]]]]:
    """Yield the name of each tensor with its contents, a large one's in parts."""
    for name, tensor in model.state_dict().items():
        yield name, [tensor.detach().cpu().contiguous().flatten().view(torch.uint8).numpy()]
    for name, module in model.named_modules():
        if isinstance(module, TableLookup):
            yield f"{name}.weight", row_groups(module.table)
