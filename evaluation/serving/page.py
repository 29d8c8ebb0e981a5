"""How soon the page can be typed in, and how soon it answers: python -m evaluation.serving.page.

Starts `quoth chat` over the seed documents and opens its page in Chromium, time and again, each
time with an empty cache. Needs Playwright, which 'quoth[dev]' brings, and a Chromium. Times are
in milliseconds: of the page from the moment a browser asks for it; of an answer from pressing
Enter until it is drawn, beside what the server alone takes for the same question.
"""

import argparse
import json
import shutil
import statistics
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from evaluation.datasets.labels import seed_questions
from evaluation.serving.server import serving

_WATCH = """
  const noted = window.noted = {};
  const look = () => {
    const note = (name, found) => { if (found) noted[name] ??= performance.now(); };
    note('box', document.activeElement?.matches?.('#early textarea, #question textarea'));
    note('frame', document.body?.classList.contains('ready'));
    if (!('frame' in noted)) requestAnimationFrame(look);
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
  const asked = {method: 'POST', headers: {'content-type': 'application/json'},
                 body: JSON.stringify({question})};
  await (await fetch('page/ask', asked)).json();
  return performance.now() - began;
}"""


def measure(chromium: str, times: int) -> dict[str, dict[str, float]]:
    """Open the page so many times, and ask the seeds' questions twice in the last of them."""
    from playwright.sync_api import sync_playwright

    found: dict[str, list[float]] = {}
    with serving() as (address, _), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        for left in reversed(range(times)):
            page = browser.new_context().new_page()  # with a cache of its own
            page.add_init_script(_WATCH)
            page.goto(address)
            page.wait_for_selector("body.ready")
            noted = page.evaluate("window.noted")
            found.setdefault("page to a box that can be typed in", []).append(noted["box"])
            found.setdefault("page to all of it", []).append(noted["frame"])
            if not left:
                _ask(page.evaluate, found)
            page.context.close()
        browser.close()
    return {name: _figures(values) for name, values in found.items()}


def _ask(evaluate: Callable[[str, str], Any], found: dict[str, list[float]]) -> None:
    for question in seed_questions():  # the model and its shapes warm
        evaluate(_SERVER_ALONE, question)
    for question in seed_questions():
        found.setdefault("Enter to an answer drawn", []).append(evaluate(_ASK, question))
        alone = evaluate(_SERVER_ALONE, question)
        found.setdefault("the same question, the server alone", []).append(alone)


def _figures(values: Sequence[float]) -> dict[str, float]:
    return {
        "times": len(values),
        "least": round(min(values), 1),
        "p50": round(statistics.median(values), 1),
        "most": round(max(values), 1),
    }


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    options.add_argument("--times", type=int, default=10, help="how often the page is opened")
    options.add_argument("--json", type=Path, metavar="FILE")
    chosen = options.parse_args()
    chromium = next(filter(None, map(shutil.which, ("chromium", "chromium-browser"))), None)
    if chromium is None:
        sys.exit("quoth: this needs Chromium (Debian: apt install chromium).")
    figures = measure(chromium, chosen.times)
    for name, row in figures.items():
        print(f"{name:40}", *(f"{key} {value:>8,}" for key, value in row.items()))
    if chosen.json:
        chosen.json.write_text(json.dumps(figures, indent=2))


if __name__ == "__main__":
    main()
