"""Vectors of single words, from the table that an embedding model starts from.

A question's word and a passage's may mean the same and share no letter ("spouse", "wife"). The
model's own input embeddings know; they cost a look-up and no run of the model. What all words
have in common is taken out first: the mean and the strongest directions (Mu and Viswanath,
"All-but-the-Top", 2018).
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vector_store.records import Vectors

_COMMON_DIRECTIONS = 3  # about a hundredth of the dimensions, as the paper advises
_SAMPLE = 20_000  # rows are enough to find the directions in the largest vocabulary
_MOST_KEPT = 20_000
_FIRST_ROOM = 4_096


def common_directions(table: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return what all input embeddings share, shape (4, dimensions): their mean, then directions.

    The table's shape is (vocabulary, dimensions).
    """
    if not len(table):
        return np.zeros((1 + _COMMON_DIRECTIONS, table.shape[1]), np.float32)
    mean = table.mean(axis=0)
    sample = table[:: max(1, len(table) // _SAMPLE)] - mean
    _, directions = np.linalg.eigh(sample.T @ sample)
    shared: NDArray[np.float32] = np.vstack([mean, directions[:, -_COMMON_DIRECTIONS:].T])
    return shared


class WordTable:
    """Looks words up; a word of several tokens is their mean."""

    def __init__(
        self,
        table: NDArray[np.floating[Any]],
        common: NDArray[np.float32],
        token_ids: Callable[[str], Sequence[int]],
    ) -> None:
        """Take a model's input embeddings, their `common_directions`, and its tokenizer.

        With a table of no rows, no word is known.
        """
        self._table = table
        self._mean, self._directions = common[0], common[1:]
        self._token_ids = token_ids
        self._place: dict[str, int] = {}
        self._known = np.empty((_FIRST_ROOM, table.shape[1]), np.float32)
        self._nothing = np.zeros(table.shape[1], np.float32)

    def vectors(self, words: Sequence[str]) -> Vectors:
        """Return vectors of shape (len(words), dimensions), of length 1, or 0 for no token."""
        if len(self._place) > _MOST_KEPT:
            self._place.clear()
            self._known = np.empty((_FIRST_ROOM, self._table.shape[1]), np.float32)
        for word in words:
            if word not in self._place:
                self._keep(word)
        known: Vectors = self._known[[self._place[word] for word in words]]
        return known

    def _keep(self, word: str) -> None:
        place = len(self._place)
        if place == len(self._known):
            self._known = np.concatenate([self._known, np.empty_like(self._known)])
        ids = self._token_ids(word) if len(self._table) else ()
        vector = self._own(ids) if ids else self._nothing
        length = float(np.linalg.norm(vector))
        self._known[place] = vector / length if length else vector
        self._place[word] = place

    def _own(self, ids: Sequence[int]) -> NDArray[np.float32]:
        vector: NDArray[np.float32] = self._table[ids].mean(axis=0, dtype=np.float32) - self._mean
        vector -= (self._directions @ vector) @ self._directions
        return vector
