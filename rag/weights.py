"""Every fitted constant, and nothing else. Made by: python -m evaluation.fit."""

FITTED_ON = (
    "nq-qed pairs",
    "squadshifts-amazon pairs",
    "squadshifts-reddit pairs",
    "tydiqa-goldp-en pairs",
)
"""No figure on one of these says how good Quoth is on documents it never saw."""
TYPICAL_SUPPORT = 0.72
"""The mean share of a question's weight that a passage which answers it carries, by
exact terms."""
RANKING = {
    "closeness": 1.433,
    "nearest": 5.824,
    "lexical": 2.653,
    "support": 4.467,
    "sentence_support": 4.584,
    "phrases": 7.949,
    "heading_support": 4.200,
    "length": -0.454,
    "lexical_by_closeness": -1.945,
    "phrases_by_closeness": -6.471,
    "closeness_if_typed": 5.422,
    "nearest_if_typed": 1.400,
    "lexical_if_typed": -1.227,
    "support_if_typed": 1.045,
    "sentence_support_if_typed": -2.761,
    "phrases_if_typed": -1.931,
    "heading_support_if_typed": -2.530,
    "length_if_typed": 0.140,
}
CONFIDENCE = {
    "intercept": -3.277,
    "nearest": 7.421,
    "sentence_support": 2.510,
    "length": 0.046,
    "passages": -0.667,
    "behind": -0.947,
}
HIGHLIGHT = {
    "closeness": 5.811,
    "support": 3.061,
    "answer_type": 2.350,
}
