"""Chunking of a document for embedding, and assembly of the vectors.

A paragraph is embedded in windows, each after the headings above the paragraph. Each sentence is
placed in the window that covers most of it. A document is chunked a few paragraphs at a time, so
that all of a large one's tokens are never in memory.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from rag.indexing.readers import Reading
from rag.models.base import Embedder
from rag.text.languages import language_of_text
from rag.text.sentences import sentences as sentences_of
from rag.text.windows import Span, windows
from vector_store.analysis.analyzer import searchable
from vector_store.records import (
    EmbeddedParagraph,
    Paragraph,
    Sentences,
    Vectors,
    Window,
    context_of,
)

_PART = 1 << 16
"""Characters chunked at once, up to the end of their last paragraph: some 80 windows."""
_MOST_PARAGRAPHS = 512
"""Paragraphs chunked at once, however short they are."""


@dataclass(frozen=True, slots=True)
class PlacedSentence:
    """A sentence of a paragraph, and the window that covers most of it."""

    span: Window
    window: int
    """The index of the window in its paragraph."""
    within: Span
    """Its span in the text embedded for that window."""


@dataclass(frozen=True, slots=True)
class Cut:
    """Paragraphs of a document with their windows, and the text to embed for each window."""

    paragraphs: tuple[Paragraph, ...]
    windows: tuple[tuple[Window, ...], ...]
    sentences: tuple[tuple[PlacedSentence, ...], ...]
    texts: tuple[str, ...]

    def spans(self) -> list[list[Span]]:
        """Return the spans of sentences within each of `texts`, in order."""
        spans: list[list[Span]] = [[] for _ in self.texts]
        first = 0
        for cuts, sentences in zip(self.windows, self.sentences, strict=True):
            for sentence in sentences:
                spans[first + sentence.window].append(sentence.within)
            first += len(cuts)
        return spans


def in_its_language(reading: Reading) -> Reading:
    """Return a reading with its document's language, detected if it is not set."""
    document = reading.document
    if document.language:
        return reading
    return replace(reading, document=replace(document, language=language_of_text(document.text)))


def cut(reading: Reading, embedder: Embedder) -> Iterator[Cut]:
    """Split a document's paragraphs into windows that fit the model, with their headings.

    Yields some paragraphs at a time, in order; one empty `Cut` for a document without paragraphs.
    """
    for paragraphs in _parts(reading.paragraphs):
        yield _cut(reading, paragraphs, embedder)


def _parts(paragraphs: Sequence[Paragraph]) -> Iterator[tuple[Paragraph, ...]]:
    first = letters = 0
    for position, paragraph in enumerate(paragraphs):
        letters += paragraph.end - paragraph.start
        if letters >= _PART or position - first >= _MOST_PARAGRAPHS:
            yield tuple(paragraphs[first : position + 1])
            first, letters = position + 1, 0
    if first < len(paragraphs) or not paragraphs:
        yield tuple(paragraphs[first:])


def _cut(reading: Reading, paragraphs: tuple[Paragraph, ...], embedder: Embedder) -> Cut:
    text, language = reading.document.text, reading.document.language
    fields = reading.document.fields
    around = [context_of(fields, p.headings, p.columns) for p in paragraphs]
    contexts = {lines: _fitting(lines, embedder) for lines in dict.fromkeys(around)}
    quotes = [text[p.start : p.end] for p in paragraphs]
    cuts: list[tuple[Window, ...]] = []
    sentences: list[tuple[PlacedSentence, ...]] = []
    texts: list[str] = []
    for lines, quote, tokens in zip(around, quotes, embedder.token_spans(quotes), strict=True):
        context, used = contexts[lines]
        within = windows(len(quote), tokens, size=embedder.max_tokens - used)
        cuts.append(within)
        texts.extend(searchable(context, quote[w.start : w.end]) for w in within)
        before = len(searchable(context, ""))
        sentences.append(_placed(quote, language, within, before=before))
    return Cut(paragraphs, tuple(cuts), tuple(sentences), tuple(texts))


def _placed(
    quote: str, language: str, cuts: Sequence[Window], *, before: int
) -> tuple[PlacedSentence, ...]:
    """Place each sentence in the window that covers most of it, after `before` of context."""
    placed = []
    starts, ends = [w.start for w in cuts], [w.end for w in cuts]
    for start, end in sentences_of(quote, language):
        # Windows ascend, so those that cover any of it are adjacent.
        touching = range(bisect_right(ends, start), bisect_left(starts, end))
        if not touching:  # it has no token of the model
            continue
        best = max(touching, key=lambda i: min(end, ends[i]) - max(start, starts[i]))
        first, last = max(start, starts[best]), min(end, ends[best])
        within = (before + first - starts[best], before + last - starts[best])
        placed.append(PlacedSentence(Window(start, end), best, within))
    return tuple(placed)


def _fitting(context: tuple[str, ...], embedder: Embedder) -> tuple[tuple[str, ...], int]:
    """Return the innermost lines that fit in a quarter of a window, and their tokens."""
    fitting: list[str] = []
    used = 0
    for line, tokens in zip(reversed(context), embedder.token_spans(context[::-1]), strict=True):
        if used + len(tokens) > embedder.max_tokens // 4:
            break
        fitting.insert(0, line)
        used += len(tokens)
    return tuple(fitting), used


def put_together(
    prepared: Cut, vectors: Vectors, parts: Sequence[Vectors]
) -> Iterator[EmbeddedParagraph]:
    """Yield each paragraph with the vectors of its windows and sentences."""
    first = 0
    for paragraph, cuts, placed in zip(
        prepared.paragraphs, prepared.windows, prepared.sentences, strict=True
    ):
        own = vectors[first : first + len(cuts)]
        rows = [iter(part) for part in parts[first : first + len(cuts)]]
        of_sentences = [(sentence.span, next(rows[sentence.window])) for sentence in placed]
        # A sentence without tokens cannot answer anything, but a passage needs at least one.
        embedded = [(span, vector) for span, vector in of_sentences if vector.any()] or [
            (Window(0, paragraph.end - paragraph.start), own[0])
        ]
        sentences = Sentences(
            tuple(span for span, _ in embedded), np.stack([vector for _, vector in embedded])
        )
        yield EmbeddedParagraph(paragraph, cuts, own, sentences)
        first += len(cuts)
