"""English counts for messages: "1 document", "2 documents"."""


def plural(count: int, singular: str, several: str = "") -> str:
    """Return the form of a noun that goes with a count; `several` is for irregular plurals."""
    return singular if count == 1 else several or f"{singular}s"


def counted(count: int, singular: str, several: str = "") -> str:
    """Return a count with its noun, as `plural` forms it."""
    return f"{count} {plural(count, singular, several)}"
