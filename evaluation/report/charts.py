"""Figures as SVG, by matplotlib: begun, finished, and the plain kinds."""

import io
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from rag.text.html_escaping import Html

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_SIZE = (7.5, 4.2)


def bars(values: Mapping[str, float], along: str) -> Html:
    """Return one bar for each name."""
    figure, axes = drawing()
    drawn = axes.barh([shown(name) for name in values], list(values.values()))
    axes.bar_label(drawn, fmt="%.4g", padding=3)
    axes.invert_yaxis()
    axes.margins(x=0.12)
    return finished(figure, axes, along, "")


def curves(lines: Mapping[str, Sequence[tuple[float, float]]], across: str, up: str) -> Html:
    """Return one line for each name, both axes logarithmic: a straight one is a power."""
    figure, axes = drawing()
    for name, points in lines.items():
        axes.loglog([x for x, _ in points], [y for _, y in points], "o-", label=shown(name))
    axes.grid(alpha=0.3)
    return finished(figure, axes, across, up)


def shown(name: str) -> str:
    """Return a name that matplotlib shows as it is: no formula, and not left out."""
    return ("\u200b" if name.startswith("_") else "") + name.replace("$", r"\$")


def drawing() -> "tuple[Figure, Axes]":
    """Return an empty figure."""
    from matplotlib.figure import Figure  # no pyplot: it would look for a screen

    figure = Figure(figsize=_SIZE, layout="constrained")
    return figure, figure.add_subplot()


def finished(figure: "Figure", axes: "Axes", across: str, up: str) -> Html:
    """Name the axes, add the legend and return the SVG."""
    from matplotlib import rc_context

    axes.set_xlabel(across)
    axes.set_ylabel(up)
    if axes.get_legend_handles_labels()[1]:
        axes.legend()
    drawn = io.StringIO()
    # Text stays text, and ids depend on nothing but the drawing.
    with rc_context({"svg.fonttype": "none", "svg.hashsalt": "quoth"}):
        figure.savefig(drawn, format="svg", metadata={"Date": None})
    svg = Html(drawn.getvalue())  # matplotlib escapes the names that it draws
    return svg[svg.index(Html("<svg")) :]
