"""Every fitted constant, and nothing else. Made by: python -m evaluation.fit."""

FITTED_ON = (
    "nq-qed pairs",
    "squadshifts-amazon pairs",
    "squadshifts-reddit pairs",
    "tydiqa-goldp-en pairs",
)
"""No figure on one of these says how good Quoth is on documents it never saw."""
RANKING = {
    "closeness": 4.580,
    "nearest": 5.582,
    "lexical": 2.294,
    "support": 5.946,
    "sentence_support": 2.329,
    "phrases": 5.572,
    "heading_support": 2.813,
    "length": -0.302,
    "lexical_by_closeness": -1.914,
    "phrases_by_closeness": -6.010,
    "lexical_by_level": -0.706,
    "phrases_by_level": 1.679,
}
CONFIDENCE = {
    "intercept": -3.241,
    "nearest": 7.655,
    "sentence_support": 3.529,
    "length": -0.316,
    "passages": -0.548,
    "behind": -0.300,
}
HIGHLIGHT = {
    "closeness": 5.399,
    "support": 3.210,
    "answer_type": 2.307,
}
