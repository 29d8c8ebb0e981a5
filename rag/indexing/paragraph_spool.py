"""Embedded paragraphs in a temporary file, until all of their document is embedded.

A document is stored in one transaction, and a large one's vectors do not fit in memory: those of
24 MiB of text take some 250 MiB.
"""

import struct
import tempfile
from array import array
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import BinaryIO, cast, overload

import numpy as np

from vector_store.errors import StoreUnwritableError
from vector_store.records import EmbeddedParagraph, Paragraph, Sentences, Window

_IN_MEMORY = 8 << 20
"""Bytes of vectors beyond which they are written to disk."""
_HEAD = struct.Struct("<III")
"""The numbers of windows, sentences, and dimensions."""


class SpooledParagraphs(Sequence[EmbeddedParagraph]):
    """The embedded paragraphs of a document, appended in order and then read.

    Vectors are written as 16-bit floats, as in a store. Close it when done.
    """

    def __init__(self, paragraphs: Sequence[Paragraph]) -> None:
        """Make an empty spool for these paragraphs, which are to be appended in order."""
        self._paragraphs = paragraphs
        self._file = cast(BinaryIO, tempfile.SpooledTemporaryFile(_IN_MEMORY))  # noqa: SIM115
        self._starts = array("q")

    def extend(self, embedded: Iterable[EmbeddedParagraph]) -> None:
        """Append paragraphs. Raises StoreUnwritableError when the temporary folder is full."""
        try:
            for paragraph in embedded:
                self._starts.append(self._file.tell())
                self._file.writelines(_pieces(paragraph))
        except OSError as error:
            raise StoreUnwritableError(
                f"Cannot write to the temporary folder {tempfile.gettempdir()} ({error.strerror}). "
                "Free some space, or set TMPDIR to another folder."
            ) from error

    def __len__(self) -> int:
        """Return the number of paragraphs appended."""
        return len(self._starts)

    @overload
    def __getitem__(self, at: int) -> EmbeddedParagraph: ...

    @overload
    def __getitem__(self, at: slice) -> list[EmbeddedParagraph]: ...

    def __getitem__(self, at: int | slice) -> EmbeddedParagraph | list[EmbeddedParagraph]:
        """Read one paragraph, or several."""
        if isinstance(at, slice):
            return [self[position] for position in range(*at.indices(len(self)))]
        self._file.seek(self._starts[at])
        return self._read(self._paragraphs[at])

    def __iter__(self) -> Iterator[EmbeddedParagraph]:
        """Read all paragraphs, in order."""
        self._file.seek(0)
        for paragraph in islice(self._paragraphs, len(self)):
            yield self._read(paragraph)

    def _read(self, paragraph: Paragraph) -> EmbeddedParagraph:
        windows, sentences, dimensions = _HEAD.unpack(self._file.read(_HEAD.size))

        def spans(count: int) -> tuple[Window, ...]:
            pairs = np.frombuffer(self._file.read(8 * count), "<u4").reshape(count, 2)
            return tuple(Window(start, end) for start, end in pairs.tolist())

        def vectors(count: int) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
            halves = np.frombuffer(self._file.read(2 * count * dimensions), "<f2")
            return halves.reshape(count, dimensions).astype(np.float32)

        return EmbeddedParagraph(
            paragraph,
            spans(windows),
            vectors(windows),
            Sentences(spans(sentences), vectors(sentences)),
        )

    def close(self) -> None:
        """Delete the temporary file."""
        self._file.close()


def _pieces(paragraph: EmbeddedParagraph) -> Iterator[bytes]:
    sentences = paragraph.sentences
    yield _HEAD.pack(len(paragraph.windows), len(sentences.spans), paragraph.vectors.shape[1])
    for spans, vectors in (
        (paragraph.windows, paragraph.vectors),
        (sentences.spans, sentences.vectors),
    ):
        yield np.array([(span.start, span.end) for span in spans], "<u4").tobytes()
        yield vectors.astype("<f2").tobytes()
