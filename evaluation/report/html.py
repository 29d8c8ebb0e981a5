"""Evaluations as one self-contained HTML file: the tables, and plots next to them."""

import re
from collections.abc import Sequence

from markdown_it import MarkdownIt

from evaluation.quality.results import Evaluation
from evaluation.report import plots
from evaluation.report.markdown import sections
from rag.text.html_escaping import Html

_STYLE = Html("""
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
""")


def html(evaluations: Sequence[Evaluation], worst: int) -> Html:
    """Return the report as HTML, with up to `worst` questions of each kind per set."""
    plots_under = _plots(evaluations)
    parts = []
    for heading, body in sections(evaluations, worst):
        parts.append(Html("<h2>{}</h2>\n{}").format(heading, _tables(body, heading)))
        parts += [_figure(caption, svg) for caption, svg in plots_under.get(heading, ())]
    return Html(
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
        "<title>Evaluation</title><style>{}</style></head>"
        "<body><main><h1>Evaluation</h1>{}</main></body></html>\n"
    ).format(_STYLE, Html().join(parts))


def _tables(markdown: str, heading: str) -> Html:
    """Return a section's HTML, its tables in named regions that scroll, by keyboard too."""
    # The renderer escapes HTML, so that text from documents stays text.
    html = Html(MarkdownIt("js-default", {"html": False}).render(markdown))
    scrolling = Html(
        '<div class="table" role="region" tabindex="0" aria-label="{}"><table>'
    ).format(heading)
    html = html.replace(Html("<table>"), scrolling)
    html = html.replace(Html("</table>"), Html("</table></div>"))
    return html.replace(Html("<th>"), Html('<th scope="col">'))


def _figure(caption: str, svg: Html) -> Html:
    """Return a plot named by its caption, with ids that are unique on the page."""
    prefix = caption.split()[0].lower()
    # Within tags only, so that names in the plot stay unchanged.
    ids = re.compile(r'(\bid="|href="#|url\(#)')
    renamed = Html(re.sub(r"<[^>]+>", lambda tag: ids.sub(rf"\g<1>{prefix}-", tag[0]), svg))
    opening = Html('<svg role="img" aria-label="{}"').format(caption)
    return Html("<figure>{}<figcaption>{}</figcaption></figure>").format(
        renamed.replace(Html("<svg"), opening, 1), caption
    )


def _plots(evaluations: Sequence[Evaluation]) -> dict[str, list[tuple[str, Html]]]:
    """Return the plots under each heading, with their captions."""
    by_heading = {"Quality": [("Quality by set, with 95 % intervals", plots.quality(evaluations))]}
    answered = [evaluation for evaluation in evaluations if evaluation.answered]
    if answered:
        by_heading["Highlight, citation, calibration"] = [
            ("Risk and coverage", plots.risk(answered)),
            ("Calibration of the probability shown", plots.calibration(answered)),
        ]
        by_heading["Time"] = [("Time from question to answer", plots.time(answered))]
    return by_heading
