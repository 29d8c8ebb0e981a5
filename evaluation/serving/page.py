"""Measure how soon the page accepts typing, and how soon it answers.

    python -m evaluation.serving.page [--times 10]

Starts `quoth chat` over the seed documents and opens its page in Chromium several times, each time
with an empty cache. Needs Playwright, which comes with 'quoth[dev]', and Chromium. Times are in
milliseconds: for the page, from the browser's request; for an answer, from pressing Enter until it
is drawn, next to the server's own time for the same question.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from evaluation.cli import JSON_OPTION, run, write_json
from evaluation.serving.chromium import chromium_path, summary
from evaluation.serving.server import serving
from rag.default_library import seed_questions

_WATCH = """
  const times = window.times = {};
  const look = () => {
    const note = (name, happened) => { if (happened) times[name] ??= performance.now(); };
    note('box', document.activeElement?.matches?.('#early textarea, #question textarea'));
    note('frame', document.body?.classList.contains('ready'));
    if (!('frame' in times)) requestAnimationFrame(look);
  };
  look();
"""
_ASK = """async (question) => {
  const count = document.querySelectorAll('.turn:not(.pending)').length;
  const box = document.querySelector('#question textarea');
  const set = Object.getOwnPropertyDescriptor(HTMLTextAreaElement.prototype, 'value').set;
  set.call(box, question);
  box.dispatchEvent(new Event('input', {bubbles: true}));
  await new Promise(requestAnimationFrame);
  const began = performance.now();
  box.dispatchEvent(new KeyboardEvent('keypress', {key: 'Enter', bubbles: true}));
  while (document.querySelectorAll('.turn:not(.pending)').length === count)
    await new Promise(requestAnimationFrame);
  return performance.now() - began;
}"""
_SERVER_ALONE = """async (question) => {
  const began = performance.now();
  const request = {method: 'POST', headers: {'content-type': 'application/json'},
                 body: JSON.stringify({question})};
  await (await fetch('page/ask', request)).json();
  return performance.now() - began;
}"""


def measure(chromium: str, times: int) -> dict[str, dict[str, float]]:
    """Open the page several times; in the last of them, ask the seed questions twice."""
    from playwright.sync_api import sync_playwright

    milliseconds: dict[str, list[float]] = {}
    with serving() as (address, _), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        for remaining in reversed(range(times)):
            page = browser.new_context().new_page()  # with a cache of its own
            page.add_init_script(_WATCH)
            page.goto(address)
            page.wait_for_selector("body.ready")
            loading = page.evaluate("window.times")
            milliseconds.setdefault("page to a box that can be typed in", []).append(loading["box"])
            milliseconds.setdefault("page to all of it", []).append(loading["frame"])
            if not remaining:
                _time_questions(page.evaluate, milliseconds)
            page.context.close()
        browser.close()
    return {name: summary(values) for name, values in milliseconds.items()}


def _time_questions(
    evaluate: Callable[[str, str], Any], milliseconds: dict[str, list[float]]
) -> None:
    for question in seed_questions():  # warms up the model
        evaluate(_SERVER_ALONE, question)
    for question in seed_questions():
        milliseconds.setdefault("Enter to an answer drawn", []).append(evaluate(_ASK, question))
        server_alone = evaluate(_SERVER_ALONE, question)
        milliseconds.setdefault("the same question, the server alone", []).append(server_alone)


@click.command()
@click.option("--times", default=10, show_default=True, help="How often the page is opened.")
@JSON_OPTION
def main(times: int, json_file: Path | None) -> None:
    """Measure the page in Chromium and print the figures."""
    chromium = chromium_path()
    figures = measure(chromium, times)
    for name, row in figures.items():
        print(f"{name:40}", *(f"{key} {value:>8,}" for key, value in row.items()))
    write_json(json_file, figures)


if __name__ == "__main__":
    run(main)
