"""Evaluations as Markdown: what people read, in the terminal, in a file and in the HTML report."""

from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from evaluation.quality.answers import AnsweredQuestion
from evaluation.quality.evaluate import MAIN, Evaluation
from evaluation.quality.statistics import calibration_error
from evaluation.report.figures import THRESHOLDS, milliseconds
from rag.retrieval.calibration import THRESHOLD
from rag.retrieval.fitted_weights import fitted_on

_EXCERPT = 160


def sections(evaluations: Sequence[Evaluation], worst: int) -> Iterator[tuple[str, str]]:
    """Give the report's sections: heading and Markdown.

    Of each set up to `worst` questions of each kind are shown with a part of the documents.
    """
    yield "Quality", _quality(evaluations)
    if any(evaluation.comparisons for evaluation in evaluations):
        yield "Differences", _differences(evaluations)
    asked = [evaluation for evaluation in evaluations if evaluation.asked]
    if asked:
        yield "Abstention, highlight, citation", _answers(asked)
        yield "Declined at other thresholds", _declined(asked)
        yield "Time", _times(asked)
    for evaluation in evaluations:
        yield f"{evaluation.name}: every measure", _measures(evaluation)
    for evaluation in asked:
        if rows := _worst(evaluation, worst):
            heads = ["question", "what happened", "confidence", "shown first"]
            yield f"{evaluation.name}: worst questions", _table(heads, rows)


def markdown(evaluations: Sequence[Evaluation], worst: int) -> str:
    """Return the whole report."""
    parts = (f"## {_cell(heading)}\n\n{body}\n" for heading, body in sections(evaluations, worst))
    return "# Evaluation\n\n" + "\n".join(parts)


def in_short(evaluation: Evaluation) -> str:
    """Return a set's main figures on one line, to be told while others are still measured."""
    means = (f"{s.name} {_figure(s.means[MAIN].mean)}" for s in evaluation.systems)
    area = evaluation.auroc()
    told = f", AUROC {_figure(area)}" if area is not None else ""
    return f"{evaluation.name}: {MAIN} {' '.join(means)}{told}"


def _quality(evaluations: Sequence[Evaluation]) -> str:
    names = list(dict.fromkeys(s.name for e in evaluations for s in e.systems))
    means = [{s.name: s.means[MAIN].mean for s in e.systems} for e in evaluations]
    rows = [
        [f"{e.name}{' *' if e.fitted else ''}", str(len(e.dataset.corpus)),
         str(len(e.dataset.qrels)), *(_figure(of.get(name)) for name in names)]
        for e, of in zip(evaluations, means, strict=True)
    ]  # fmt: skip
    everywhere = [name for name in names if all(name in of for of in means)]
    if len(evaluations) > 1:
        mean = [
            _figure(float(np.mean([of[n] for of in means])) if n in everywhere else None)
            for n in names
        ]
        rows.append(["mean", "", "", *mean])
    fitted = ", ".join(fitted_on()) or "nothing"
    return (
        _table(["set", "passages", "questions", *names], rows)
        + f"\n{MAIN}. Quoth's constants were fitted on: {fitted} (* where shown above)."
    )


def _differences(evaluations: Sequence[Evaluation]) -> str:
    rows = [
        [e.name, f"{c.one} - {c.other}", f"{c.difference:+.3f}", f"{c.p:.4f}"]
        for e in evaluations
        for c in e.comparisons
    ]
    note = f"{MAIN}; p by the paired randomisation test, two-sided."
    return _table(["set", "systems", "difference", "p"], rows) + "\n" + note


def _answers(evaluations: Sequence[Evaluation]) -> str:
    rows = [
        [
            e.name,
            _share(sum(a.right for a in e.asked), len(e.dataset.qrels)),
            _share(*e.declined(answerable=True)),
            _share(*e.declined(answerable=False)),
            _figure(e.auroc()),
            _figure(e.risk()),
            _figure(calibration_error(e.reliability())),
            _share(*e.highlight_accuracy()),
            f"{e.verbatim:.4f}",
        ]
        for e in evaluations
    ]
    heads = ["set", "first right", "declined, answerable", "declined, unanswerable", "AUROC",
             "area under risk-coverage", "calibration error", "highlight holds answer",
             "verbatim"]  # fmt: skip
    note = f"A question is declined below a confidence of {THRESHOLD}."
    for e in evaluations:
        if e.truncated:
            note += f" Of {e.name}, {e.truncated} long questions were read in part."
    return _table(heads, rows) + "\n" + note


def _declined(evaluations: Sequence[Evaluation]) -> str:
    rows = []
    for e in evaluations:
        for kind, answerable in (("answerable", True), ("unanswerable", False)):
            shares = [e.declined_below(t, answerable=answerable) for t in THRESHOLDS]
            if None not in shares:
                rows.append([e.name, kind, *(f"{share:.1%}" for share in shares)])
    note = f"Quoth's own is {THRESHOLD}."
    return _table(["set", "questions", *map(str, THRESHOLDS)], rows) + "\n" + note


def _times(evaluations: Sequence[Evaluation]) -> str:
    rows = []
    for e in evaluations:
        timed = {s.name: s.seconds for s in e.systems if s.seconds}
        for name, seconds in {**timed, "quoth, whole answer": [a.seconds for a in e.asked]}.items():
            took = milliseconds(seconds)
            rows.append([e.name, name, f"{took['p50']:.1f}", f"{took['p95']:.1f}"])
    return _table(["set", "system", "ms, median", "ms, 95th percentile"], rows)


def _measures(evaluation: Evaluation) -> str:
    heads = list(evaluation.systems[0].per_question) if evaluation.systems else []
    rows = [
        [s.name, *(f"{m.mean:.3f} ({m.low:.3f} to {m.high:.3f})" for m in s.means.values())]
        for s in evaluation.systems
    ]
    return _table(["system", *heads], rows) + "\n95 % bootstrap intervals."


def _worst(evaluation: Evaluation, most: int) -> list[list[str]]:
    """Return the questions answered worst, with what was shown instead."""
    wrong = [a for a in evaluation.asked if a.relevant and not (a.right and a.answer.answered)]
    wrong.sort(key=lambda a: (_place(a) or np.inf, a.first_score), reverse=True)
    fooled = [a for a in evaluation.asked if not a.relevant and a.answer.answered]
    fooled.sort(key=lambda a: a.answer.confidence, reverse=True)
    return [
        *(_shown(a, _verdict(a)) for a in wrong[:most]),
        *(_shown(a, "answered, though nothing answers it") for a in fooled[:most]),
    ]


def _verdict(asked: AnsweredQuestion) -> str:
    place = _place(asked)
    found = "right passage not shown" if place is None else f"right passage shown as number {place}"
    return found if asked.answer.answered else f"declined; {found}"


def _place(asked: AnsweredQuestion) -> int | None:
    places = [i for i, entry in enumerate(asked.retrieved, start=1) if entry in asked.relevant]
    return min(places, default=None)


def _shown(asked: AnsweredQuestion, verdict: str) -> list[str]:
    first = next(iter(asked.answer.passages), None)
    shown = "" if first is None else f"{first.citation.document}: {first.text[:_EXCERPT]}"
    return [asked.answer.question, verdict, f"{asked.answer.confidence:.2f}", shown]


def _figure(value: float | None) -> str:
    return "" if value is None else f"{value:.3f}"


def _share(part: int, of: int) -> str:
    return f"{part} of {of}" if of else ""


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [list(heads), ["---"] * len(heads), *rows]
    return "".join(f"| {' | '.join(map(_cell, line))} |\n" for line in lines)


def _cell(text: str) -> str:
    """Return text that stays within its cell and means nothing to Markdown."""
    if text == "---":
        return text
    one_line = " ".join(text.split())
    return "".join(f"\\{c}" if c in "\\|`[]<>&#*_~!" else c for c in one_line)
