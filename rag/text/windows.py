"""Windows of a paragraph, each within an embedding model's token limit."""

from collections.abc import Sequence

from vector_store.records import Window

Span = tuple[int, int]
"""The start and end of a part of a text, in code points, half-open."""

OVERLAP = 0.25
"""Share of a window that the next repeats, so that what one cuts is whole in another."""


def windows(length: int, tokens: Sequence[Span], *, size: int) -> tuple[Window, ...]:
    """Cover a text of `length` code points by windows of at most `size` tokens.

    A text within `size` tokens is one window, the whole of it. Otherwise each window has
    `size` tokens and starts with a token; the last ends with the text.

    Raises ValueError unless `size` is positive.
    """
    if size < 1:
        raise ValueError(f"a window must have at least one token, not {size}")
    if len(tokens) <= size:
        return (Window(0, length),)
    stride = max(1, round(size * (1 - OVERLAP)))
    firsts = [*range(0, len(tokens) - size, stride), len(tokens) - size]
    return tuple(Window(tokens[f][0], tokens[f + size - 1][1]) for f in firsts)
