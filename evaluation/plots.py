"""Plots of evaluations as SVG, by matplotlib: quality, risk and coverage, calibration, time."""

import io
from collections.abc import Sequence
from typing import TYPE_CHECKING

from evaluation.measuring import MAIN, Evaluation

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_SIZE = (7.5, 4.2)


def quality(evaluations: Sequence[Evaluation]) -> str:
    """Return nDCG@10 by set and system, with intervals."""
    figure, axes = _new()
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
        axes.errorbar(at, means, yerr=[below, above], fmt="o", capsize=2, label=_label(name))
    axes.set_xticks(
        range(len(evaluations)), [_label(e.name) for e in evaluations], rotation=30, ha="right"
    )
    return _finished(figure, axes, "", MAIN)


def risk(evaluations: Sequence[Evaluation]) -> str:
    """Return the risk-coverage curves."""
    figure, axes = _new()
    for evaluation in evaluations:
        curve = evaluation.risk_coverage()
        axes.plot([c for c, _ in curve], [r for _, r in curve], label=_label(evaluation.name))
    return _finished(
        figure,
        axes,
        "coverage: share of questions answered, the surest first",
        "risk: share of those answered wrongly",
    )


def calibration(evaluations: Sequence[Evaluation]) -> str:
    """Return the reliability diagram of the first passages' probabilities."""
    figure, axes = _new()
    axes.plot([0, 1], [0, 1], color="grey", linestyle=":", label="perfect")
    for evaluation in evaluations:
        bins = evaluation.reliability()
        axes.plot(
            [b.predicted for b in bins],
            [b.right for b in bins],
            "o-",
            label=_label(evaluation.name),
        )
    return _finished(figure, axes, "probability shown", "share of such passages that answered")


def time(evaluations: Sequence[Evaluation]) -> str:
    """Return a histogram of the time from question to answer."""
    figure, axes = _new()
    for evaluation in evaluations:
        took = [asked.seconds * 1000 for asked in evaluation.asked]
        axes.hist(took, bins=40, histtype="step", label=_label(evaluation.name))
    return _finished(figure, axes, "milliseconds from question to answer", "questions")


def _label(name: str) -> str:
    """Return a name that matplotlib shows as it is: no formula, and not left out."""
    return ("\u200b" if name.startswith("_") else "") + name.replace("$", r"\$")


def _new() -> "tuple[Figure, Axes]":
    from matplotlib.figure import Figure  # no pyplot: it would look for a screen

    figure = Figure(figsize=_SIZE, layout="constrained")
    return figure, figure.add_subplot()


def _finished(figure: "Figure", axes: "Axes", across: str, up: str) -> str:
    """Name the axes, add the legend and return the SVG."""
    from matplotlib import rc_context

    axes.set_xlabel(across)
    axes.set_ylabel(up)
    axes.legend()
    drawn = io.StringIO()
    # Text stays text, and ids depend on nothing but the drawing.
    with rc_context({"svg.fonttype": "none", "svg.hashsalt": "quoth"}):
        figure.savefig(drawn, format="svg", metadata={"Date": None})
    svg = drawn.getvalue()
    return svg[svg.index("<svg") :]
