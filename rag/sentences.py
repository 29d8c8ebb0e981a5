"""Sentences of a passage, with their places, by Wikimedia's sentencex."""

import re

import sentencex

from rag.windows import Span

_SURROGATES = re.compile("[\ud800-\udfff]")


def sentences(text: str) -> list[Span]:
    """Return the span of each sentence, in order, without the white space around it."""
    # Same length, so the same offsets; sentencex refuses lone surrogates.
    safe = _SURROGATES.sub("\N{REPLACEMENT CHARACTER}", text)
    spans = []
    for boundary in sentencex.get_sentence_boundaries("en", safe):
        start, end = boundary["start_index"], boundary["end_index"]
        sentence = safe[start:end]
        start += len(sentence) - len(sentence.lstrip())
        if stripped := sentence.strip():
            spans.append((start, start + len(stripped)))
    return spans
