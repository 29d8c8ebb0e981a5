"""What the environment decides. No other module reads it."""

import os
from pathlib import Path

import platformdirs


def library_folder() -> Path:
    """Return where the library is kept: QUOTH_LIBRARY, else the user's data folder."""
    named = os.environ.get("QUOTH_LIBRARY")
    return Path(named) if named else _data_folder() / "library"


def library_is_named() -> bool:
    """Tell whether QUOTH_LIBRARY names a library."""
    return bool(os.environ.get("QUOTH_LIBRARY"))


def seeds_library_folder() -> Path:
    """Return where the index of the seed documents is kept, apart from the user's own."""
    return _data_folder() / "seeds"


def _data_folder() -> Path:
    return Path(platformdirs.user_data_dir("quoth", appauthor=False))


def compiled_models_folder() -> Path:
    """Return where models compiled for this machine are kept: made again when removed."""
    named = os.environ.get("QUOTH_CACHE")
    folder = Path(named) if named else Path(platformdirs.user_cache_dir("quoth", appauthor=False))
    return folder / "models"
