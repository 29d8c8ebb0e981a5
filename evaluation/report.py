"""Evaluations as one HTML file that needs nothing else: the tables, and plots beside them."""

from collections.abc import Sequence
from html import escape

from markdown_it import MarkdownIt

from evaluation import plots
from evaluation.measuring import Evaluation
from evaluation.tables import sections

_STYLE = """
:root { color-scheme: light; }
body { font: 16px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 70rem; padding: 0 1rem;
       color: #1c1c1c; background: #fff; }
table { border-collapse: collapse; display: block; overflow-x: auto; }
th, td { border-bottom: 1px solid #ddd; padding: .3rem .7rem; text-align: start;
         vertical-align: top; }
svg { max-width: 100%; height: auto; }
figure { margin: 1rem 0 2rem; }
figcaption { color: #555; }
"""


def html(evaluations: Sequence[Evaluation]) -> str:
    """Return the report as HTML."""
    to_html = MarkdownIt("js-default", {"html": False})  # what stands in documents stays text
    drawn = _drawn(evaluations)
    parts = []
    for heading, body in sections(evaluations):
        parts.append(f"<h2>{escape(heading)}</h2>\n{to_html.render(body)}")
        parts += [
            f"<figure>{svg}<figcaption>{escape(caption)}</figcaption></figure>"
            for caption, svg in drawn.get(heading, ())
        ]
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
        f"<title>Evaluation</title><style>{_STYLE}</style></head>"
        f"<body><h1>Evaluation</h1>{''.join(parts)}</body></html>\n"
    )


def _drawn(evaluations: Sequence[Evaluation]) -> dict[str, list[tuple[str, str]]]:
    """Return the plots that belong under each heading, with their captions."""
    drawn = {"Quality": [("Quality by set, with 95 % intervals", plots.quality(evaluations))]}
    asked = [evaluation for evaluation in evaluations if evaluation.asked]
    if asked:
        drawn["Abstention, highlight, citation"] = [
            ("Risk and coverage", plots.risk(asked)),
            ("Calibration of the probability shown", plots.calibration(asked)),
        ]
        drawn["Time"] = [("Time from question to answer", plots.time(asked))]
    return drawn
