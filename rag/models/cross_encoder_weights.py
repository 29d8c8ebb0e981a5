"""A cross-encoder's weights: its differences from a bundled embedding model, and its head.

They are in the files of `SHIPPED`, written by: python -m evaluation.training.cross_encoder. A
matrix is stored as its difference from the embedding model's, in 8 bits with a scale per row. The
differences are small, so this loses less than 16-bit arithmetic.
"""

import copy
from collections.abc import Mapping
from dataclasses import dataclass, fields
from importlib.resources import as_file, files
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from rag.errors import ModelError
from rag.models.registry import MULTILINGUAL, SMALL
from vector_store.indexes.snapshots import file_digest

if TYPE_CHECKING:
    import torch

_LAYERS, _HEAD, _SCALE = "layers.", "head.", ".scale"
_STEPS = 127

Tensors = dict[str, NDArray[Any]]
Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class WeightsFile:
    """A file of weights in this package."""

    name: str
    sha256: str


SHIPPED: dict[str, WeightsFile] = {
    SMALL: WeightsFile(
        "cross_encoder_english.safetensors",
        "cf93e4ddee4705ce8983aba9e1d74be09d88acb9889712526bcb2fbd04788e4f",
    ),
    MULTILINGUAL: WeightsFile(
        "cross_encoder_multilingual.safetensors",
        "de040efc3a45036f49365adc495d5596445804ce5be9e099d11a4d429dcf845b",
    ),
}
"""The cross-encoders that come with Quoth, by the bundled model that each was trained from."""


@dataclass(frozen=True, slots=True, eq=False)
class Head:
    """The layers from the vectors of a pair's tokens, of h dimensions, to what they say."""

    dense: Floats
    """Shape (h, 2h)."""
    dense_bias: Floats
    """Shape (h,)."""
    out: Floats
    """Shape (2, h): of relevance among rivals, and of whether the excerpt answers."""
    out_bias: Floats
    """Shape (2,)."""
    span: Floats
    """Shape (2, h): of an answer's first and last token."""
    second: Floats
    """Shape (h,): what is added to the input embeddings of the second text's tokens."""

    def logits(self, states: Floats, mask: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return the logits of relevance and of answering, shape (pairs, 2).

        out · tanh(dense · [first token, mean of all] + bias) + bias, from states, shape (pairs,
        tokens, h), and mask, shape (pairs, tokens).
        """
        weights = mask / mask.sum(axis=1, keepdims=True)
        mean = np.einsum("pth,pt->ph", states, weights)
        pooled = np.concatenate([states[:, 0], mean], axis=1)
        hidden = np.tanh(pooled @ self.dense.T + self.dense_bias)
        logits: NDArray[np.float64] = (hidden @ self.out.T + self.out_bias).astype(np.float64)
        return logits

    def span_logits(self, states: Floats) -> NDArray[np.float64]:
        """Return each token's logit as an answer's first and last, shape (pairs, tokens, 2)."""
        logits: NDArray[np.float64] = (states @ self.span.T).astype(np.float64)
        return logits

    def save(self, path: Path) -> None:
        """Write it to a file that `load` reads."""
        from safetensors.numpy import save_file

        save_file({f.name: getattr(self, f.name) for f in fields(self)}, path)

    @classmethod
    def load(cls, path: Path) -> "Head":
        """Read what `save` wrote. Raises ModelError when it cannot be read."""
        return cls(**tensors(path))


def shipped_digest(model: str) -> str:
    """Return the SHA-256 of a model's cross-encoder; an empty string if it has none."""
    return SHIPPED[model].sha256 if model in SHIPPED else ""


def shipped(model: str) -> Tensors | None:
    """Return the weights of a model's cross-encoder, or None if it has none.

    Raises ModelError when their file was altered.
    """
    if model not in SHIPPED:
        return None
    weights_file = SHIPPED[model]
    with as_file(files("rag.models").joinpath(weights_file.name)) as path:
        try:
            if file_digest(path) != weights_file.sha256:
                raise ModelError(f"{path} was altered. Install Quoth again.")
            return tensors(path)
        except OSError as error:
            raise ModelError(f"{path} cannot be read ({error}). Install Quoth again.") from error


def tensors(path: Path) -> Tensors:
    """Read a file of tensors. Raises ModelError when it cannot be read."""
    from safetensors import SafetensorError
    from safetensors.numpy import load_file

    try:
        loaded: Tensors = load_file(path)
    except (OSError, SafetensorError) as error:
        raise ModelError(f"The weights in {path} cannot be read ({error}).") from error
    return loaded


def head_of(weights: Tensors) -> Head:
    """Return the head."""
    own = {f.name: weights[_HEAD + f.name].astype(np.float32) for f in fields(Head)}
    return Head(**own)


def trained(model: "torch.nn.Module", weights: Tensors) -> "torch.nn.Module":
    """Return a copy of the embedding model's transformer with the layers that were trained."""
    import torch

    changed = copy.deepcopy(model)
    state = changed.state_dict()  # shares its tensors with the model
    for name, difference in weights.items():
        if not name.startswith(_LAYERS) or name.endswith(_SCALE):
            continue
        wide = difference.astype(np.float32)
        if name + _SCALE in weights:
            wide = wide * weights[name + _SCALE].astype(np.float32)[:, None]
        state[name.removeprefix(_LAYERS)] += torch.from_numpy(wide)
    return changed.eval()


def write(
    path: Path,
    before: Mapping[str, "torch.Tensor"],
    after: Mapping[str, "torch.Tensor"],
    head: Head,
) -> None:
    """Write what training changed, of a transformer's state before and after, and its head."""
    from safetensors.numpy import save_file

    saved: Tensors = {}
    for name, tensor in after.items():
        difference = (tensor.float() - before[name].float()).numpy()
        if not difference.any():
            continue
        if difference.ndim == 1:
            saved[_LAYERS + name] = difference
            continue
        scale = np.abs(difference).max(axis=1) / _STEPS
        scale[scale == 0] = 1
        saved[_LAYERS + name] = np.rint(difference / scale[:, None]).astype(np.int8)
        saved[_LAYERS + name + _SCALE] = scale
    for f in fields(Head):
        value = getattr(head, f.name)
        saved[_HEAD + f.name] = value.astype(np.float16) if value.ndim > 1 else value
    save_file(saved, path)
