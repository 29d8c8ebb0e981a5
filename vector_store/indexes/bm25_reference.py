"""BM25 by the plainest means: what the lexical index is held to.

k1 = 1.2 and b = 0.75 (Robertson and Zaragoza, "The Probabilistic Relevance Framework", 2009).
"""

import math
from collections import Counter
from collections.abc import Collection, Mapping, Sequence

from vector_store.analysis.analyzer import Forms
from vector_store.records import Match

_K1, _B = 1.2, 0.75


class PlainBM25:
    """Scores texts, each given as how often it holds each term."""

    def __init__(self, texts: Collection[Counter[str]]) -> None:
        """Take all texts, by which a term's rarity and a text's length are judged."""
        self._texts = texts
        self._mean_length = sum(text.total() for text in texts) / (len(texts) or 1)

    def idf(self, forms: Forms) -> float:
        """Return a word's inverse document frequency: that of its commonest term."""
        holding = max(sum(term in text for text in self._texts) for term in forms)
        return math.log(1 + (len(self._texts) - holding + 0.5) / (holding + 0.5))

    def scores(self, texts: Mapping[int, Counter[str]], words: Sequence[Forms]) -> dict[int, float]:
        """Return the score of each of these texts that holds a term of a word."""
        terms = {term for forms in words for term in forms}
        weights = {term: self.idf((term,)) for term in terms}
        return {
            i: self._score(text, words, weights)
            for i, text in texts.items()
            if any(term in text for term in terms)
        }

    def _score(
        self, text: Counter[str], words: Sequence[Forms], weights: Mapping[str, float]
    ) -> float:
        length = _K1 * (1 - _B + _B * text.total() / self._mean_length)
        scores = {
            term: weight * text[term] * (_K1 + 1) / (text[term] + length)
            for term, weight in weights.items()
        }
        return sum(max(scores[term] for term in forms) for forms in words)


def best(scores: Mapping[int, float], limit: int) -> list[Match]:
    """Return the `limit` passages with the highest scores, best first, ties by id."""
    ranked = sorted(scores.items(), key=lambda item: (-item[1], item[0]))
    return [Match(passage_id, score) for passage_id, score in ranked[:limit]]
