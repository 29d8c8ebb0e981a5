"""Settings read from environment variables. No other module reads them."""

import math
import os
from pathlib import Path

import platformdirs

from rag.errors import SettingError

ANSWER_SECONDS = 5.0
"""How long a question may take unless a setting says otherwise: fifty times what one does over
5,000 passages. People leave after ten (Nielsen, "Response Times: The 3 Important Limits", 1993)."""


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


def answer_seconds() -> float:
    """Return how long a question may take on a server: QUOTH_ANSWER_SECONDS, else 5.

    Raises SettingError for a value that is not a positive number.
    """
    named = os.environ.get("QUOTH_ANSWER_SECONDS", str(ANSWER_SECONDS))
    try:
        seconds = float(named)
    except ValueError:
        seconds = math.nan
    if not 0 < seconds < math.inf:
        raise SettingError(
            f"QUOTH_ANSWER_SECONDS is {named!r}. Set it to a number of seconds above 0, such as 5."
        )
    return seconds
