"""Plots of evaluations as SVG: quality, risk and coverage, calibration, time."""

from collections.abc import Sequence

from evaluation.quality.results import MAIN, Evaluation
from evaluation.report.charts import literal, new_figure, to_svg
from rag.text.html_escaping import Html


def quality(evaluations: Sequence[Evaluation]) -> Html:
    """Return a plot of nDCG@10 by set and system, with intervals."""
    figure, axes = new_figure()
    names = list(dict.fromkeys(s.name for e in evaluations for s in e.systems))
    for number, name in enumerate(names):
        shift = (number - (len(names) - 1) / 2) * 0.12
        positions, means, below, above = [], [], [], []
        for row, evaluation in enumerate(evaluations):
            for result in evaluation.systems:
                if result.name == name:
                    mean = result.means[MAIN]
                    positions.append(row + shift)
                    means.append(mean.mean)
                    below.append(mean.mean - mean.low)
                    above.append(mean.high - mean.mean)
        axes.errorbar(
            positions, means, yerr=[below, above], fmt="o", capsize=2, label=literal(name)
        )
    axes.set_xticks(
        range(len(evaluations)), [literal(e.name) for e in evaluations], rotation=30, ha="right"
    )
    return to_svg(figure, axes, "", MAIN)


def risk(evaluations: Sequence[Evaluation]) -> Html:
    """Return a plot of the risk-coverage curves."""
    figure, axes = new_figure()
    for evaluation in evaluations:
        curve = evaluation.risk_coverage()
        axes.plot([c for c, _ in curve], [r for _, r in curve], label=literal(evaluation.name))
    return to_svg(
        figure,
        axes,
        "coverage: share of questions answered, most confident first",
        "risk: share of those answers that are wrong",
    )


def calibration(evaluations: Sequence[Evaluation]) -> Html:
    """Return a reliability diagram of the first passages' probabilities."""
    figure, axes = new_figure()
    axes.plot([0, 1], [0, 1], color="grey", linestyle=":", label="perfect")
    for evaluation in evaluations:
        bins = evaluation.reliability()
        axes.plot(
            [b.predicted for b in bins],
            [b.right for b in bins],
            "o-",
            label=literal(evaluation.name),
        )
    return to_svg(figure, axes, "probability shown", "share of such passages that answered")


def time(evaluations: Sequence[Evaluation]) -> Html:
    """Return a histogram of the time from question to answer."""
    figure, axes = new_figure()
    for evaluation in evaluations:
        milliseconds = [question.seconds * 1000 for question in evaluation.answered]
        axes.hist(milliseconds, bins=40, histtype="step", label=literal(evaluation.name))
    return to_svg(figure, axes, "milliseconds from question to answer", "questions")
