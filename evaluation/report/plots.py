"""Plots of evaluations as SVG, by matplotlib: quality, risk and coverage, calibration, time."""

from collections.abc import Sequence

from evaluation.quality.evaluate import MAIN, Evaluation
from evaluation.report.charts import drawing, finished, shown
from rag.text.html_escaping import Html


def quality(evaluations: Sequence[Evaluation]) -> Html:
    """Return nDCG@10 by set and system, with intervals."""
    figure, axes = drawing()
    names = list(dict.fromkeys(s.name for e in evaluations for s in e.systems))
    for number, name in enumerate(names):
        shift = (number - (len(names) - 1) / 2) * 0.12
        at, means, below, above = [], [], [], []
        for row, evaluation in enumerate(evaluations):
            for result in evaluation.systems:
                if result.name == name:
                    mean = result.means[MAIN]
                    at.append(row + shift)
                    means.append(mean.mean)
                    below.append(mean.mean - mean.low)
                    above.append(mean.high - mean.mean)
        axes.errorbar(at, means, yerr=[below, above], fmt="o", capsize=2, label=shown(name))
    axes.set_xticks(
        range(len(evaluations)), [shown(e.name) for e in evaluations], rotation=30, ha="right"
    )
    return finished(figure, axes, "", MAIN)


def risk(evaluations: Sequence[Evaluation]) -> Html:
    """Return the risk-coverage curves."""
    figure, axes = drawing()
    for evaluation in evaluations:
        curve = evaluation.risk_coverage()
        axes.plot([c for c, _ in curve], [r for _, r in curve], label=shown(evaluation.name))
    return finished(
        figure,
        axes,
        "coverage: share of questions answered, the surest first",
        "risk: share of those answered wrongly",
    )


def calibration(evaluations: Sequence[Evaluation]) -> Html:
    """Return the reliability diagram of the first passages' probabilities."""
    figure, axes = drawing()
    axes.plot([0, 1], [0, 1], color="grey", linestyle=":", label="perfect")
    for evaluation in evaluations:
        bins = evaluation.reliability()
        axes.plot(
            [b.predicted for b in bins],
            [b.right for b in bins],
            "o-",
            label=shown(evaluation.name),
        )
    return finished(figure, axes, "probability shown", "share of such passages that answered")


def time(evaluations: Sequence[Evaluation]) -> Html:
    """Return a histogram of the time from question to answer."""
    figure, axes = drawing()
    for evaluation in evaluations:
        took = [asked.seconds * 1000 for asked in evaluation.asked]
        axes.hist(took, bins=40, histtype="step", label=shown(evaluation.name))
    return finished(figure, axes, "milliseconds from question to answer", "questions")
