"""Every figure of evaluations as plain values, ready for JSON."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from evaluation.quality.evaluate import Evaluation
from evaluation.quality.statistics import calibration_error
from rag.retrieval.fitted_weights import fitted_on

THRESHOLDS = (0.1, 0.2, 0.3, 0.4, 0.5)
"""For which a report tells what would be declined."""


def figures(evaluations: Sequence[Evaluation]) -> dict[str, Any]:
    """Return all figures, by set."""
    return {
        "constants_fitted_on": list(fitted_on()),
        "sets": {evaluation.name: _of_set(evaluation) for evaluation in evaluations},
    }


def milliseconds(seconds: Sequence[float]) -> dict[str, float]:
    """Return median and 95th percentile of times in seconds, in milliseconds."""
    half, most = np.percentile(seconds, [50, 95]) * 1000
    return {"p50": float(half), "p95": float(most)}


def _of_set(evaluation: Evaluation) -> dict[str, Any]:
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
        "answers": _of_answers(evaluation) if evaluation.asked else None,
    }


def _of_answers(evaluation: Evaluation) -> dict[str, Any]:
    asked = evaluation.asked
    bins = evaluation.reliability()
    return {
        "first_right": sum(a.right for a in asked),
        "declined": {
            "answerable": evaluation.declined(answerable=True),
            "unanswerable": evaluation.declined(answerable=False),
        },
        "declined_below": {
            str(threshold): {
                "answerable": evaluation.declined_below(threshold, answerable=True),
                "unanswerable": evaluation.declined_below(threshold, answerable=False),
            }
            for threshold in THRESHOLDS
        },
        "auroc": evaluation.auroc(),
        "area_under_risk_coverage": evaluation.risk(),
        "reliability": [asdict(one) for one in bins],
        "calibration_error": calibration_error(bins),
        "highlighted": evaluation.highlight_accuracy(),
        "verbatim": evaluation.verbatim,
        "truncated": evaluation.truncated,
        "milliseconds": milliseconds([a.seconds for a in asked]),
    }
