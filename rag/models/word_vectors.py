"""Input embeddings: the table with a row per token, and vectors of single words made from it.

The table of a multilingual model is four fifths of its weights. A text needs few of its rows, so
tables are read a few rows at a time, from wherever they are stored.

Words with the same meaning may share no letters ("spouse", "wife"), but have similar input
embeddings, and looking them up does not run the model. What all words have in common is removed
first: the mean and the strongest directions (Mu and Viswanath, "All-but-the-Top", 2018).
"""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from vector_store.records import Vectors

_COMMON_DIRECTIONS = 3  # about a hundredth of the dimensions, as the paper recommends
_SAMPLE = 20_000  # rows, enough for the largest vocabulary
_MOST_CACHED = 20_000
_FIRST_CAPACITY = 4_096
_ROWS_AT_ONCE = 8_192
_WORDS_AT_ONCE = 1_024


class EmbeddingTable(Protocol):
    """Rows of one vector per token: an array, a memory-mapped file, or packed weights."""

    @property
    def shape(self) -> tuple[int, ...]:
        """The size of the vocabulary, and the dimensions."""

    def __len__(self) -> int:
        """Return the size of the vocabulary; 0 for a model without a table."""

    def __getitem__(self, rows: Any, /) -> Any:
        """Return a copy of some rows, shape (*rows.shape, dimensions), or of a slice of them."""


def row_groups(table: EmbeddingTable) -> Iterator[NDArray[np.float32]]:
    """Yield all rows in order, a few thousand at a time."""
    for first in range(0, len(table), _ROWS_AT_ONCE):
        yield np.asarray(table[first : first + _ROWS_AT_ONCE], np.float32)


def _column_means(table: EmbeddingTable) -> NDArray[np.float32]:
    """Return the mean of all rows, shape (dimensions,)."""
    total = np.zeros((1, table.shape[1]), np.float32)
    for rows in row_groups(table):  # added in order, as `mean` adds a whole array
        total = np.concatenate([total, rows]).sum(axis=0, keepdims=True)
    means: NDArray[np.float32] = total[0] / np.float32(len(table))
    return means


def save_half_precision(table: EmbeddingTable, path: Path) -> None:
    """Write a table as a `.npy` file of 16-bit floats. Raises OSError."""
    with path.open("wb") as file:
        header = {"descr": "<f2", "fortran_order": False, "shape": tuple(table.shape)}
        np.lib.format.write_array_header_1_0(file, header)
        for rows in row_groups(table):
            file.write(rows.astype("<f2").tobytes())


def common_directions(table: EmbeddingTable) -> NDArray[np.float32]:
    """Return the mean of all input embeddings and their three strongest directions.

    The shape is (4, dimensions).
    """
    if not len(table):
        return np.zeros((1 + _COMMON_DIRECTIONS, table.shape[1]), np.float32)
    mean = _column_means(table)
    sample = table[:: max(1, len(table) // _SAMPLE)] - mean
    _, directions = np.linalg.eigh(sample.T @ sample)
    shared: NDArray[np.float32] = np.vstack([mean, directions[:, -_COMMON_DIRECTIONS:].T])
    return shared


class WordTable:
    """Vectors of words; that of a word with several tokens is their mean."""

    def __init__(
        self,
        table: EmbeddingTable,
        common: NDArray[np.float32],
        token_ids: Callable[[Sequence[str]], Sequence[Sequence[int]]],
    ) -> None:
        """Use a model's input embeddings, their `common_directions`, and its tokenizer.

        `token_ids` returns the ids of each word's tokens. With an empty table, every word is
        unknown.
        """
        self._table = table
        self._mean, self._directions = common[0], common[1:]
        self._token_ids = token_ids
        self._positions: dict[str, int] = {}
        self._cached = np.empty((_FIRST_CAPACITY, table.shape[1]), np.float32)

    def vectors(self, words: Sequence[str]) -> Vectors:
        """Return vectors of shape (len(words), dimensions), of length 1, or 0 for no token."""
        if len(self._positions) > _MOST_CACHED:
            self._positions.clear()
            self._cached = np.empty((_FIRST_CAPACITY, self._table.shape[1]), np.float32)
        new = [word for word in dict.fromkeys(words) if word not in self._positions]
        for first in range(0, len(new), _WORDS_AT_ONCE):
            self._cache(new[first : first + _WORDS_AT_ONCE])
        vectors: Vectors = self._cached[[self._positions[word] for word in words]]
        return vectors

    def _cache(self, words: Sequence[str]) -> None:
        """Cache words that are not cached yet."""
        first = len(self._positions)
        while first + len(words) > len(self._cached):
            self._cached = np.concatenate([self._cached, np.empty_like(self._cached)])
        self._cached[first : first + len(words)] = 0
        if len(self._table):
            tokens = self._token_ids(words)
            known = [i for i, ids in enumerate(tokens) if ids]
            for i, mean in zip(known, self._means([tokens[i] for i in known]), strict=True):
                self._cached[first + i] = self._normalized(mean)
        self._positions.update(zip(words, range(first, first + len(words)), strict=True))

    def _means(self, tokens: Sequence[Sequence[int]]) -> Sequence[NDArray[np.float32]]:
        """Return the mean row of each word's tokens; every word has at least one."""
        if not tokens:
            return ()
        counts = np.array(list(map(len, tokens)))
        rows = np.asarray(self._table[np.concatenate(tokens)], np.float32)
        sums = np.add.reduceat(rows, np.cumsum(counts) - counts, axis=0)
        return list(sums / counts[:, None].astype(np.float32))

    def _normalized(self, mean: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return a mean without what all words share, at length 1 unless it is 0."""
        vector = mean - self._mean
        vector -= (self._directions @ vector) @ self._directions
        length = np.sqrt(vector.dot(vector))
        normalized: NDArray[np.float32] = vector / length if length else vector
        return normalized
