"""The Content-Disposition of files that are sent, by RFC 6266."""

import unicodedata
from urllib.parse import quote


def attachment(name: str) -> dict[str, str]:
    """Return the header of a file to save under a name."""
    return _header("attachment", name)


def displayed(name: str) -> dict[str, str]:
    """Return the header of a file to show in the browser."""
    return _header("inline", name)


def _header(kind: str, name: str) -> dict[str, str]:
    """Return the header, with the name in ASCII for programs that do not know `filename*`."""
    clean = "".join("_" if _is_unfit(letter) else letter for letter in name)
    plain = unicodedata.normalize("NFKD", clean).encode("ascii", "ignore").decode("ascii")
    plain = plain.replace('"', "_").replace("\\", "_").replace("%", "_").strip()
    encoded = quote(clean.encode("utf-8", "replace"), safe="")
    value = f"{kind}; filename=\"{plain}\"; filename*=UTF-8''{encoded}"
    return {"content-disposition": value}


def _is_unfit(letter: str) -> bool:
    """Tell whether a letter has no place in a file's name: a control, a slash, half a character."""
    return letter in "/\\" or unicodedata.category(letter) in ("Cc", "Cs", "Zl", "Zp")
