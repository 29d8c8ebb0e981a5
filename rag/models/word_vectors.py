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
        token_ids: Callable[[str], Sequence[int]],
    ) -> None:
        """Use a model's input embeddings, their `common_directions`, and its tokenizer.

        With an empty table, every word is unknown.
        """
        self._table = table
        self._mean, self._directions = common[0], common[1:]
        self._token_ids = token_ids
        self._positions: dict[str, int] = {}
        self._cached = np.empty((_FIRST_CAPACITY, table.shape[1]), np.float32)
        self._zero = np.zeros(table.shape[1], np.float32)

    def vectors(self, words: Sequence[str]) -> Vectors:
        """Return vectors of shape (len(words), dimensions), of length 1, or 0 for no token."""
        if len(self._positions) > _MOST_CACHED:
            self._positions.clear()
            self._cached = np.empty((_FIRST_CAPACITY, self._table.shape[1]), np.float32)
        for word in words:
            if word not in self._positions:
                self._cache(word)
        vectors: Vectors = self._cached[[self._positions[word] for word in words]]
        return vectors

    def _cache(self, word: str) -> None:
        place = len(self._positions)
        if place == len(self._cached):
            self._cached = np.concatenate([self._cached, np.empty_like(self._cached)])
        ids = self._token_ids(word) if len(self._table) else ()
        vector = self._vector(ids) if ids else self._zero
        length = float(np.linalg.norm(vector))
        self._cached[place] = vector / length if length else vector
        self._positions[word] = place

    def _vector(self, ids: Sequence[int]) -> NDArray[np.float32]:
        vector: NDArray[np.float32] = self._table[ids].mean(axis=0, dtype=np.float32) - self._mean
        vector -= (self._directions @ vector) @ self._directions
        return vector
