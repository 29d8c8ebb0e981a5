"""Every fitted constant, and nothing else. Made by: python -m evaluation.fit."""

FITTED_ON = (
    "nq-qed pairs",
    "squadshifts-amazon pairs",
    "squadshifts-reddit pairs",
    "tydiqa-goldp-en pairs",
)
"""No figure on one of these says how good Quoth is on documents it never saw."""
RANKING = {
    "closeness": 3.262,
    "nearest": 5.612,
    "lexical": 2.647,
    "support": 5.649,
    "sentence_support": 3.276,
    "phrases": 6.215,
    "heading_support": 3.206,
    "length": -0.382,
    "lexical_by_closeness": -1.622,
    "phrases_by_closeness": -6.667,
    "lexical_by_level": -1.713,
    "phrases_by_level": 2.648,
}
CONFIDENCE = {
    "intercept": -3.861,
    "nearest": 8.009,
    "sentence_support": 2.467,
    "length": 0.083,
    "passages": -0.672,
    "behind": -1.020,
}
HIGHLIGHT = {
    "closeness": 5.378,
    "support": 3.176,
    "answer_type": 2.302,
}
