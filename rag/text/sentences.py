"""Sentence segmentation by Wikimedia's sentencex."""

import sentencex

from rag.text.encodings import encodable
from rag.text.windows import Span


def sentences(text: str, language: str = "") -> list[Span]:
    """Return the span of each sentence, in order, without the white space around it.

    `language` is an ISO 639-1 code, or empty if unknown.
    """
    safe = encodable(text)  # sentencex refuses lone surrogates
    spans = []
    for boundary in sentencex.get_sentence_boundaries(language or "en", safe):
        start, end = boundary["start_index"], boundary["end_index"]
        sentence = safe[start:end]
        start += len(sentence) - len(sentence.lstrip())
        if stripped := sentence.strip():
            spans.append((start, start + len(stripped)))
    return spans
