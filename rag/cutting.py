"""A document cut to what is embedded, and its vectors put together again.

A paragraph is embedded in windows, each with the headings it stands under. Its sentences are
spans of those windows: each is placed in the window that shows most of it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from rag.embedders import Embedder
from rag.languages import language_of_text
from rag.readers import Reading
from rag.sentences import sentences as sentences_of
from rag.windows import Span, windows
from vector_store.analysis import searchable
from vector_store.records import EmbeddedParagraph, Sentences, Vectors, Window


@dataclass(frozen=True, slots=True)
class PlacedSentence:
    """A sentence of a paragraph, and the window that shows most of it."""

    span: Window
    window: int
    """Which of the paragraph's windows."""
    within: Span
    """Where it stands in the text embedded for that window."""


@dataclass(frozen=True, slots=True)
class Cut:
    """A document's paragraphs cut into windows, and the text that stands for each window."""

    reading: Reading
    windows: tuple[tuple[Window, ...], ...]
    sentences: tuple[tuple[PlacedSentence, ...], ...]
    texts: tuple[str, ...]

    def spans(self) -> list[list[Span]]:
        """Return the spans of sentences within each of `texts`, in order."""
        found: list[list[Span]] = [[] for _ in self.texts]
        first = 0
        for cuts, sentences in zip(self.windows, self.sentences, strict=True):
            for sentence in sentences:
                found[first + sentence.window].append(sentence.within)
            first += len(cuts)
        return found


def cut(reading: Reading, embedder: Embedder) -> Cut:
    """Cut a document's paragraphs into windows that fit the model, with their headings.

    Its language is found out, unless the reader knew it.
    """
    document = reading.document
    if not document.language:
        document = replace(document, language=language_of_text(document.text))
        reading = replace(reading, document=document)
    text = document.text
    quotes = [text[p.start : p.end] for p in reading.paragraphs]
    contexts = {p.headings: _context(p.headings, embedder) for p in reading.paragraphs}
    spans = embedder.token_spans(quotes)
    cuts: list[tuple[Window, ...]] = []
    sentences: list[tuple[PlacedSentence, ...]] = []
    texts: list[str] = []
    for paragraph, quote, tokens in zip(reading.paragraphs, quotes, spans, strict=True):
        context, used = contexts[paragraph.headings]
        found = windows(len(quote), tokens, size=embedder.max_tokens - used)
        cuts.append(found)
        texts.extend(searchable(context, quote[w.start : w.end]) for w in found)
        before = len(searchable(context, ""))
        sentences.append(_placed(quote, document.language, found, before=before))
    return Cut(reading, tuple(cuts), tuple(sentences), tuple(texts))


def _placed(
    quote: str, language: str, cuts: Sequence[Window], *, before: int
) -> tuple[PlacedSentence, ...]:
    """Place each sentence in the window that shows most of it, behind `before` of context."""
    found = []
    for start, end in sentences_of(quote, language):
        shown = [min(end, w.end) - max(start, w.start) for w in cuts]
        best = max(range(len(shown)), key=shown.__getitem__)
        if shown[best] <= 0:  # no token of the model stands in it
            continue
        window = cuts[best]
        first, last = max(start, window.start), min(end, window.end)
        within = (before + first - window.start, before + last - window.start)
        found.append(PlacedSentence(Window(start, end), best, within))
    return tuple(found)


def _context(headings: tuple[str, ...], embedder: Embedder) -> tuple[tuple[str, ...], int]:
    """Return the innermost headings that fit in a quarter of a window, and their tokens."""
    kept: list[str] = []
    used = 0
    for heading, tokens in zip(
        reversed(headings), embedder.token_spans(headings[::-1]), strict=True
    ):
        if used + len(tokens) > embedder.max_tokens // 4:
            break
        kept.insert(0, heading)
        used += len(tokens)
    return tuple(kept), used


def put_together(
    prepared: Cut, vectors: Vectors, parts: Sequence[Vectors]
) -> list[EmbeddedParagraph]:
    """Give each paragraph of a document its windows' vectors and its sentences'."""
    found = []
    first = 0
    for paragraph, cuts, placed in zip(
        prepared.reading.paragraphs, prepared.windows, prepared.sentences, strict=True
    ):
        own = vectors[first : first + len(cuts)]
        rows = [iter(part) for part in parts[first : first + len(cuts)]]
        of_sentences = [(sentence.span, next(rows[sentence.window])) for sentence in placed]
        # What the model has no token for can answer nothing; a passage has a sentence all the same.
        kept = [(span, vector) for span, vector in of_sentences if vector.any()] or [
            (Window(0, paragraph.end - paragraph.start), own[0])
        ]
        sentences = Sentences(
            tuple(span for span, _ in kept), np.stack([vector for _, vector in kept])
        )
        found.append(EmbeddedParagraph(paragraph, cuts, own, sentences))
        first += len(cuts)
    return found
