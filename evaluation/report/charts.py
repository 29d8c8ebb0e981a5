"""Charts as SVG, drawn with matplotlib."""

import io
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from rag.text.html_escaping import Html

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_SIZE = (7.5, 4.2)


def bars(values: Mapping[str, float], axis_label: str) -> Html:
    """Return a bar chart with a bar per name."""
    figure, axes = new_figure()
    container = axes.barh([literal(name) for name in values], list(values.values()))
    axes.bar_label(container, fmt="%.4g", padding=3)
    axes.invert_yaxis()
    axes.margins(x=0.12)
    return to_svg(figure, axes, axis_label, "")


def curves(lines: Mapping[str, Sequence[tuple[float, float]]], x_label: str, y_label: str) -> Html:
    """Return a line chart with a line per name and logarithmic axes."""
    figure, axes = new_figure()
    for name, points in lines.items():
        axes.loglog([x for x, _ in points], [y for _, y in points], "o-", label=literal(name))
    axes.grid(alpha=0.3)
    return to_svg(figure, axes, x_label, y_label)


def literal(name: str) -> str:
    """Return a name so that matplotlib draws it literally: no formula, nothing left out."""
    return ("\u200b" if name.startswith("_") else "") + name.replace("$", r"\$")


def new_figure() -> "tuple[Figure, Axes]":
    """Return an empty figure and its axes."""
    from matplotlib.figure import Figure  # no pyplot: it would look for a screen

    figure = Figure(figsize=_SIZE, layout="constrained")
    return figure, figure.add_subplot()


def to_svg(figure: "Figure", axes: "Axes", x_label: str, y_label: str) -> Html:
    """Label the axes, add a legend where lines have names, and return the SVG."""
    from matplotlib import rc_context

    axes.set_xlabel(x_label)
    axes.set_ylabel(y_label)
    if axes.get_legend_handles_labels()[1]:
        axes.legend()
    output = io.StringIO()
    # Text stays text, and ids depend only on the chart.
    with rc_context({"svg.fonttype": "none", "svg.hashsalt": "quoth"}):
        figure.savefig(output, format="svg", metadata={"Date": None})
    svg = Html(output.getvalue())  # matplotlib escapes the names it draws
    return svg[svg.index(Html("<svg")) :]
