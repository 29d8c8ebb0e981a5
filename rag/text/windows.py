"""Paragraph to windows: what is embedded, so that no text lies beyond a model's token limit."""

from collections.abc import Sequence

from vector_store.records import Window

Span = tuple[int, int]
"""Where a token stands in its text: code points, half-open."""

OVERLAP = 0.25
"""Share of a window that the next repeats, so that what one cuts stands whole in another."""


def windows(length: int, tokens: Sequence[Span], *, size: int) -> tuple[Window, ...]:
    """Cover a text of `length` code points by windows of at most `size` tokens.

    A text within `size` tokens is one window, the whole of it. Otherwise each window holds
    `size` tokens and starts on a token; the last ends with the text.

    Raises ValueError unless `size` is positive.
    """
    if size < 1:
        raise ValueError(f"a window must hold at least one token, not {size}")
    if len(tokens) <= size:
        return (Window(0, length),)
    stride = max(1, round(size * (1 - OVERLAP)))
    firsts = [*range(0, len(tokens) - size, stride), len(tokens) - size]
    return tuple(Window(tokens[f][0], tokens[f + size - 1][1]) for f in firsts)
