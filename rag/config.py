"""Settings read from environment variables. No other module reads them."""

import math
import os
from pathlib import Path

import platformdirs

from rag.errors import SettingError

ANSWER_SECONDS = 5.0
"""The default time limit of a question on a server: fifty times what one takes over 5,000 passages.
After ten seconds people turn to something else (Nielsen, "Response Times: The 3 Important Limits",
1993)."""


def library_folder() -> Path:
    """Return the library's folder: QUOTH_LIBRARY, else one in the user's data folder."""
    value = os.environ.get("QUOTH_LIBRARY")
    return Path(value) if value else _data_folder() / "library"


def library_is_named() -> bool:
    """Tell whether QUOTH_LIBRARY names a library."""
    return bool(os.environ.get("QUOTH_LIBRARY"))


def seeds_library_folder() -> Path:
    """Return the folder of the seed documents' library, separate from the user's own."""
    return _data_folder() / "seeds"


def _data_folder() -> Path:
    return Path(platformdirs.user_data_dir("quoth", appauthor=False))


def compiled_models_folder() -> Path:
    """Return the cache of models compiled for this machine; it can be deleted at any time."""
    value = os.environ.get("QUOTH_CACHE")
    folder = Path(value) if value else Path(platformdirs.user_cache_dir("quoth", appauthor=False))
    return folder / "models"


def answer_seconds() -> float:
    """Return the time limit of a question on a server, in seconds: QUOTH_ANSWER_SECONDS, else 5.

    Raises SettingError for a value that is not a positive number.
    """
    value = os.environ.get("QUOTH_ANSWER_SECONDS", str(ANSWER_SECONDS))
    try:
        seconds = float(value)
    except ValueError:
        seconds = math.nan
    if not 0 < seconds < math.inf:
        raise SettingError(
            f"QUOTH_ANSWER_SECONDS is {value!r}. Set it to a number of seconds above 0, such as 5."
        )
    return seconds
