"""The cache of compiled models, in the user's cache folder.

Each is in a folder named by the digest of the model's files and the runtime's version.
"""

import contextlib
import logging
import secrets
import shutil
import time
from pathlib import Path

from rag.config import compiled_models_folder
from rag.errors import NotCompiledError, UncompilableError
from rag.models.compiled.compile import compile_into
from rag.models.compiled.embedder import CompiledEmbedder, DamagedModelError
from rag.models.compiled.runtimes import compiler
from rag.models.registry import model_digest
from rag.models.sentence_transformers import SentenceTransformerEmbedder

_log = logging.getLogger("quoth")

FORMAT = 6
_DIGITS = 20
"""Digits of a model's digest in its folder's name."""
_REMEMBERED_SECONDS = 24 * 3_600
"""How long a model that could not be compiled is not tried again, in seconds."""


def compiled(reference: SentenceTransformerEmbedder) -> CompiledEmbedder:
    """Return a model's compiled form, from the cache or newly compiled.

    Raises NotCompiledError when the model or this machine does not support it, ModelError when the
    model itself cannot be loaded.
    """
    kind = compiler()
    version, digest = kind.version(), _digest(reference)
    folder = compiled_models_folder() / f"{digest[:_DIGITS]}-{FORMAT}-{version}"
    refused = folder.with_name(f"{folder.name}.refused")
    if refused.is_file() and time.time() - refused.stat().st_mtime < _REMEMBERED_SECONDS:
        raise NotCompiledError(refused.read_text(encoding="utf-8"))
    if folder.is_dir():
        try:
            return CompiledEmbedder(folder, kind, reference.name)
        except DamagedModelError as error:
            _log.warning("The compiled model was not usable (%s); compiling it again.", error)
            _remove(folder)
    _log.warning("Preparing %s for this machine, once; it takes some seconds.", reference.name)
    try:
        compile_into(folder, reference, kind)
        embedder = CompiledEmbedder(folder, kind, reference.name)
    except UncompilableError as error:
        with contextlib.suppress(OSError):
            refused.write_text(str(error), encoding="utf-8")
        raise
    except DamagedModelError as error:
        raise NotCompiledError(f"its compiled form disappeared ({error})") from error
    _drop_others(folder, digest[:_DIGITS])
    return embedder


def _digest(reference: SentenceTransformerEmbedder) -> str:
    digest = model_digest(reference.name)
    if digest is None:
        reference.warm_up()  # downloads it from the hub
        digest = model_digest(reference.name)
    return digest or reference.source.fingerprint


def _remove(folder: Path) -> None:
    """Rename a folder and delete it, so that another process can compile meanwhile."""
    aside = folder.with_name(f"tmp-{secrets.token_hex(8)}")
    with contextlib.suppress(OSError):
        folder.rename(aside)
    shutil.rmtree(aside, ignore_errors=True)


def _drop_others(current: Path, digest: str) -> None:
    """Delete what other versions compiled of the same model, and what a dead process left."""
    long_ago = time.time() - _REMEMBERED_SECONDS
    with contextlib.suppress(OSError):
        for other in current.parent.iterdir():
            is_superseded = other.name.startswith(f"{digest}-") and other != current
            is_abandoned = other.name.startswith("tmp-") and other.stat().st_mtime < long_ago
            if other.is_dir() and (is_superseded or is_abandoned):
                _remove(other)
