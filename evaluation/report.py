"""Evaluations as one HTML file that needs nothing else: the tables, and plots beside them."""

import re
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
.table { overflow-x: auto; }
table { border-collapse: collapse; }
th, td { border-bottom: 1px solid #ddd; padding: .3rem .7rem; text-align: start;
         vertical-align: top; }
svg { max-width: 100%; height: auto; }
figure { margin: 1rem 0 2rem; }
figcaption { color: #555; }
"""


def html(evaluations: Sequence[Evaluation], worst: int) -> str:
    """Return the report as HTML."""
    to_html = MarkdownIt("js-default", {"html": False})  # what stands in documents stays text
    drawn = _drawn(evaluations)
    parts = []
    for heading, body in sections(evaluations, worst):
        parts.append(f"<h2>{escape(heading)}</h2>\n{_tables(to_html.render(body), heading)}")
        parts += [_figure(caption, svg) for caption, svg in drawn.get(heading, ())]
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
        f"<title>Evaluation</title><style>{_STYLE}</style></head>"
        f"<body><main><h1>Evaluation</h1>{''.join(parts)}</main></body></html>\n"
    )


def _tables(html: str, heading: str) -> str:
    """Return tables that scroll by themselves, by keyboard too, under a name."""
    named = f'role="region" tabindex="0" aria-label="{escape(heading)}"'
    html = html.replace("<table>", f'<div class="table" {named}><table>')
    html = html.replace("</table>", "</table></div>")
    return html.replace("<th>", '<th scope="col">')


def _figure(caption: str, svg: str) -> str:
    """Return a plot with its caption as its name, and ids that no other plot on the page has."""
    own = caption.split()[0].lower()
    svg = re.sub(r'(\bid="|href="#|url\(#)', rf"\g<1>{own}-", svg)
    named = svg.replace("<svg", f'<svg role="img" aria-label="{escape(caption)}"', 1)
    return f"<figure>{named}<figcaption>{escape(caption)}</figcaption></figure>"


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
