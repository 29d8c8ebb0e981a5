"""`quoth calibrate`: the probability and the threshold, fitted to the judged questions."""

import re
from fractions import Fraction
from pathlib import Path

import click

from rag.answers import percent
from rag.calibration.report import LEAST_QUESTIONS, CalibrationReport
from rag.calibration.wording import missing_judgements_text, promise_text
from rag.cli.options import LIBRARY_OPTION, examples
from rag.cli.output import console
from rag.default_library import open_existing
from rag.text.plurals import counted, plural


def _share(context: click.Context, option: click.Parameter, value: str | None) -> float | None:
    """Return a share given as 1/5, 0.2 or 20%. Raises click.BadParameter."""
    if value is None:
        return None
    number, percent_sign = re.fullmatch(r"\s*(.*?)\s*(%?)\s*", value, re.DOTALL).groups()  # type: ignore[union-attr]
    try:
        return float(Fraction(number) / (100 if percent_sign else 1))
    except (ValueError, ZeroDivisionError, OverflowError):
        raise click.BadParameter(f"{value!r} is not a share, such as 1/5, 0.2 or 20%.") from None


@click.command(epilog=examples("quoth calibrate", "quoth calibrate --promise 1/5"))
@click.option(
    "--promise",
    callback=_share,
    metavar="SHARE",
    help="The largest share, such as 1/5, of the questions that your documents do not answer that "
    "may be answered all the same.",
)
@click.option("--reset", is_flag=True, help="Go back to the probability that Quoth ships with.")
@LIBRARY_OPTION
def calibrate(promise: float | None, reset: bool, library: Path | None) -> None:
    """Fit the probability to the questions that you judged.

    Asks every question judged by `quoth judge` or on the page again, from 20 questions on.
    """
    if reset and promise is not None:
        raise click.UsageError("Give only one of --promise and --reset.")
    with open_existing(library) as opened:
        if reset:
            opened.reset_calibration()
            console().print("The probability and the threshold are as shipped. Judgements stay.")
        else:
            show_calibration(opened.calibrate(promise))


def show_calibration(report: CalibrationReport) -> None:
    """Print what a fit used, what it changed, and what its promise still needs."""
    out = console()
    out.print(
        f"{counted(report.judged, 'question')} judged, {report.used} of them used "
        f"({report.unanswerable} that your documents do not answer)."
    )
    if report.left_out:
        verb = plural(report.left_out, "is", "are")
        out.print(
            f"{report.left_out} {verb} left out: the passage that now comes first was not judged, "
            "or the question is an exact phrase."
        )
    if report.missing:
        out.print(
            f"Nothing is changed before {LEAST_QUESTIONS} can be used: judge "
            f"{counted(report.missing, 'more question')} (quoth judge --help)."
        )
    before, after = report.before, report.after
    for name, old, new in (
        ("Slope", f"{before.slope:.2f}", f"{after.slope:.2f}"),
        ("Offset", f"{before.offset:+.2f}", f"{after.offset:+.2f}"),
        ("Threshold", percent(before.threshold), percent(after.threshold)),
    ):
        out.print(f"{name:<10}{old} before, {new} now")
    if report.promise is None:
        return
    if report.keeps_promise:
        promise = promise_text(report.promise, report.unanswerable)
        out.print(f"Promise   {promise}.")
    elif report.missing_unanswerable:
        out.print(missing_judgements_text(report.promise, report.unanswerable))
    else:
        out.print("The promise sets the threshold once that is done.")
