"""All figures of evaluations as plain values, ready for JSON."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from evaluation.quality.answers import KINDS
from evaluation.quality.results import Evaluation
from evaluation.quality.statistics import calibration_error
from rag.retrieval.fitted_weights import fitted_on

THRESHOLDS = (0.1, 0.2, 0.3, 0.4, 0.5)
"""Thresholds of confidence for which a report says what would be declined."""


def figures(evaluations: Sequence[Evaluation]) -> dict[str, Any]:
    """Return all figures, by set."""
    return {
        "constants_fitted_on": list(fitted_on()),
        "sets": {evaluation.name: _set_figures(evaluation) for evaluation in evaluations},
    }


def milliseconds(seconds: Sequence[float]) -> dict[str, float]:
    """Return the median and the 95th percentile in milliseconds, of times in seconds."""
    p50, p95 = np.percentile(seconds, [50, 95]) * 1000
    return {"p50": float(p50), "p95": float(p95)}


def _set_figures(evaluation: Evaluation) -> dict[str, Any]:
    return {
        "fitted": evaluation.fitted,
        "passages": len(evaluation.dataset.corpus),
        "questions": len(evaluation.dataset.qrels),
        "systems": {
            result.name: {measure: asdict(mean) for measure, mean in result.means.items()}
            | ({"milliseconds": milliseconds(result.seconds)} if result.seconds else {})
            for result in evaluation.systems
        },
        "comparisons": [asdict(comparison) for comparison in evaluation.comparisons],
        "answers": _answer_figures(evaluation) if evaluation.answered else None,
    }


def _answer_figures(evaluation: Evaluation) -> dict[str, Any]:
    answered = evaluation.answered
    bins = evaluation.reliability()
    return {
        "first_right": sum(question.right for question in answered),
        "declined": {kind: evaluation.declined(kind) for kind in KINDS},
        "may_answer": {kind: evaluation.may_answer(kind) for kind in KINDS},
        "declined_below": {
            str(threshold): {kind: evaluation.declined_below(threshold, kind) for kind in KINDS}
            for threshold in THRESHOLDS
        },
        "auroc": {kind: evaluation.auroc(kind) for kind in KINDS[1:]},
        "area_under_risk_coverage": evaluation.risk(),
        "reliability": [asdict(b) for b in bins],
        "calibration_error": calibration_error(bins),
        "highlighted": evaluation.highlight_accuracy(),
        "verbatim": evaluation.verbatim,
        "truncated": evaluation.truncated,
        "milliseconds": milliseconds([question.seconds for question in answered]),
    }
