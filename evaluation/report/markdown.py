"""Evaluations as Markdown, for the terminal, a file and the HTML report."""

from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from evaluation.quality.answers import KINDS, AnsweredQuestion
from evaluation.quality.results import ANSWERABLE, MAIN, Evaluation
from evaluation.quality.statistics import calibration_error
from evaluation.report.figures import THRESHOLDS, milliseconds
from rag.retrieval.calibration import ANSWERED, THRESHOLD
from rag.retrieval.fitted_weights import fitted_on

_EXCERPT = 160


def sections(evaluations: Sequence[Evaluation], worst: int) -> Iterator[tuple[str, str]]:
    """Yield the report's sections: a heading and Markdown.

    Up to `worst` questions of each kind per set are shown, with excerpts of the documents.
    """
    yield "Quality", _quality(evaluations)
    if any(evaluation.comparisons for evaluation in evaluations):
        yield "Differences", _differences(evaluations)
    answered = [evaluation for evaluation in evaluations if evaluation.answered]
    if answered:
        yield "Highlight, citation, calibration", _answers(answered)
        yield "Answered or declined", _kinds(answered)
        yield "Declined at other thresholds", _declined(answered)
        yield "Time", _times(answered)
    for evaluation in evaluations:
        yield f"{evaluation.name}: every measure", _measures(evaluation)
    for evaluation in answered:
        if rows := _worst(evaluation, worst):
            heads = ["question", "what happened", "confidence", "shown first"]
            yield f"{evaluation.name}: worst questions", _table(heads, rows)


def markdown(evaluations: Sequence[Evaluation], worst: int) -> str:
    """Return the whole report."""
    parts = (f"## {_cell(heading)}\n\n{body}\n" for heading, body in sections(evaluations, worst))
    return "# Evaluation\n\n" + "\n".join(parts)


def summary_line(evaluation: Evaluation) -> str:
    """Return a set's main figures on one line, to show progress."""
    means = (f"{s.name} {_figure(s.means[MAIN].mean)}" for s in evaluation.systems)
    auroc = evaluation.auroc()
    suffix = f", AUROC {_figure(auroc)}" if auroc is not None else ""
    return f"{evaluation.name}: {MAIN} {' '.join(means)}{suffix}"


def _quality(evaluations: Sequence[Evaluation]) -> str:
    names = list(dict.fromkeys(s.name for e in evaluations for s in e.systems))
    means = [{s.name: s.means[MAIN].mean for s in e.systems} for e in evaluations]
    rows = [
        [
            f"{e.name}{' *' if e.fitted else ''}",
            str(len(e.dataset.corpus)),
            str(len(e.dataset.qrels)),
            *(_figure(set_means.get(name)) for name in names),
        ]
        for e, set_means in zip(evaluations, means, strict=True)
    ]
    if len(evaluations) > 1:
        rows.append(["mean", "", "", *(_figure(_mean_over_sets(means, name)) for name in names)])
    fitted = ", ".join(fitted_on()) or "nothing"
    return (
        _table(["set", "passages", "questions", *names], rows)
        + f"\n{MAIN}. Quoth's constants were fitted on: {fitted} (* where shown above)."
    )


def _mean_over_sets(means: Sequence[dict[str, float]], name: str) -> float | None:
    """Return a system's mean over all sets; None when it did not rank every set."""
    if not all(name in set_means for set_means in means):
        return None
    return float(np.mean([set_means[name] for set_means in means]))


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
            _share(sum(question.right for question in e.answered), len(e.dataset.qrels)),
            _figure(e.risk()),
            _figure(calibration_error(e.reliability())),
            _share(*e.highlight_accuracy()),
            f"{e.verbatim:.4f}",
        ]
        for e in evaluations
    ]
    heads = ["set", "first right", "area under risk-coverage", "calibration error",
             "highlight holds answer", "verbatim"]  # fmt: skip
    note = "Risk and calibration are over all kinds of questions below."
    for e in evaluations:
        if e.truncated:
            note += f" Of {e.name}, {e.truncated} long questions were read in part."
    return _table(heads, rows) + "\n" + note


def _kinds(evaluations: Sequence[Evaluation]) -> str:
    rows = []
    for e in evaluations:
        for kind in KINDS:
            declined, questions = e.declined(kind)
            if questions:
                auroc = None if kind == ANSWERABLE else e.auroc(kind)
                shares = (declined / questions, e.may_answer(kind) / questions)
                rows.append(
                    [
                        e.name,
                        kind,
                        str(questions),
                        *(f"{share:.1%}" for share in shares),
                        _figure(auroc),
                    ]
                )
    heads = ["set", "questions", "number", "declined", "may answer", "AUROC"]
    note = (
        f"A question is declined below a confidence of {_own_thresholds(evaluations)}; below "
        f"{ANSWERED}, a passage may answer. AUROC: of confidence, against the answerable questions."
    )
    return _table(heads, rows) + "\n" + note


def _own_thresholds(evaluations: Sequence[Evaluation]) -> str:
    """Return the thresholds that decided: more than one where a library has its own."""
    own = {question.answer.threshold for e in evaluations for question in e.answered}
    return " or ".join(map(str, sorted(own or {THRESHOLD})))


def _declined(evaluations: Sequence[Evaluation]) -> str:
    rows = []
    for e in evaluations:
        for kind in KINDS:
            shares = [e.declined_below(t, kind) for t in THRESHOLDS]
            if None not in shares:
                rows.append([e.name, kind, *(f"{share:.1%}" for share in shares)])
    note = f"Quoth's own is {_own_thresholds(evaluations)}."
    return _table(["set", "questions", *map(str, THRESHOLDS)], rows) + "\n" + note


def _times(evaluations: Sequence[Evaluation]) -> str:
    rows = []
    for e in evaluations:
        seconds_by_name = {s.name: s.seconds for s in e.systems if s.seconds}
        seconds_by_name["quoth, whole answer"] = tuple(q.seconds for q in e.answered)
        for name, seconds in seconds_by_name.items():
            times = milliseconds(seconds)
            rows.append([e.name, name, f"{times['p50']:.1f}", f"{times['p95']:.1f}"])
    return _table(["set", "system", "ms, median", "ms, 95th percentile"], rows)


def _measures(evaluation: Evaluation) -> str:
    heads = list(evaluation.systems[0].per_question) if evaluation.systems else []
    rows = [
        [s.name, *(f"{m.mean:.3f} ({m.low:.3f} to {m.high:.3f})" for m in s.means.values())]
        for s in evaluation.systems
    ]
    return _table(["system", *heads], rows) + "\n95 % bootstrap intervals."


def _worst(evaluation: Evaluation, limit: int) -> list[list[str]]:
    """Return rows for the questions with the worst answers, at most `limit` of each kind."""
    wrong = [q for q in evaluation.answered if q.relevant and not (q.right and q.answer.answered)]
    wrong.sort(key=lambda q: (_rank(q) or np.inf, q.first_score), reverse=True)
    unanswerable = [q for q in evaluation.answered if not q.relevant and q.answer.answered]
    unanswerable.sort(key=lambda q: q.answer.confidence, reverse=True)
    return [
        *(_row(q, _verdict(q)) for q in wrong[:limit]),
        *(_row(q, "answered, though nothing answers it") for q in unanswerable[:limit]),
    ]


def _verdict(question: AnsweredQuestion) -> str:
    rank = _rank(question)
    verdict = "right passage not shown" if rank is None else f"right passage shown as number {rank}"
    return verdict if question.answer.answered else f"declined; {verdict}"


def _rank(question: AnsweredQuestion) -> int | None:
    """Return the rank of the first relevant passage, from 1; None when there is none."""
    ranks = (i for i, id_ in enumerate(question.retrieved, start=1) if id_ in question.relevant)
    return next(ranks, None)


def _row(question: AnsweredQuestion, verdict: str) -> list[str]:
    answer = question.answer
    first = next(iter(answer.passages), None)
    excerpt = "" if first is None else f"{first.citation.document}: {first.text[:_EXCERPT]}"
    return [answer.question, verdict, f"{answer.confidence:.2f}", excerpt]


def _figure(value: float | None) -> str:
    return "" if value is None else f"{value:.3f}"


def _share(part: int, whole: int) -> str:
    return f"{part} of {whole}" if whole else ""


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [list(heads), ["---"] * len(heads), *rows]
    return "".join(f"| {' | '.join(map(_cell, line))} |\n" for line in lines)


def _cell(text: str) -> str:
    """Return text on one line, with the characters escaped that mean something to Markdown."""
    if text == "---":
        return text
    one_line = " ".join(text.split())
    return "".join(f"\\{c}" if c in "\\|`[]<>&#*_~!" else c for c in one_line)
