"""Measure the list of documents on the page, with as many of them as a large collection has.

    python -m evaluation.serving.documents [--documents 50000] [--library DIR]

Makes a library of small documents, straight in its store and with the hashing model, serves it and
opens its page in Chromium. With `--library`, one made before is used again. Needs Playwright, which
comes with 'quoth[dev]', and Chromium. Times are in milliseconds: until the list can be used, from
the browser's request and from the page's own frame; until a search in it is drawn, from the last
key. While the list is scrolled from end to end, frames are counted.
"""

import hashlib
import sys
import tempfile
from pathlib import Path
from typing import Any

import click
import numpy as np

from evaluation.cli import JSON_OPTION, run, write_json
from evaluation.serving.chromium import chromium_path, summary
from evaluation.serving.server import serving
from rag.factories import local_store
from rag.models.hashing import HashingEmbedder
from vector_store.records import (
    Document,
    EmbeddedParagraph,
    Fields,
    Paragraph,
    Sentences,
    UnreadFile,
    Window,
)

_SEARCHES = ("invoice 4217", "keller", "دليل", "2019 march", "nothing has this name")
_SECONDS_OF_SCROLLING = 5
_FOLDERS = ("mail/inbox", "mail/sent", "contracts/2019", "contracts/2020", "reports", "دليل")
_KINDS = ("invoice", "letter from march", "minutes", "ledger", "Überblick")
_TYPES = ("pdf", "eml", "docx", "txt", "xlsx")
_PEOPLE = ("Anna Keller, anna@example.org", "Ben Ito", "Chloé Roux", "دانا حسن", "")
_UNREAD = 300

_READY = """async () => {
  const began = performance.now();
  while (!document.querySelector('#documents li')) await new Promise(requestAnimationFrame);
  return [performance.now(), performance.now() - began];
}"""
_FIND = """async (text) => {
  const box = document.querySelector('#find');
  const list = document.querySelector('#documents');
  const before = list.dataset.drawn;
  box.value = text;
  const began = performance.now();
  box.dispatchEvent(new Event('input', {bubbles: true}));
  while (list.dataset.drawn === before) await new Promise(requestAnimationFrame);
  await new Promise(requestAnimationFrame);
  return performance.now() - began;
}"""
_SCROLL = """async (seconds) => {
  const list = document.querySelector('#documents');
  const most = list.scrollHeight - list.clientHeight;
  const began = performance.now();
  const gaps = [];
  let last = began;
  for (;;) {
    const now = await new Promise(requestAnimationFrame);
    gaps.push(now - last);
    last = now;
    const share = (now - began) / (1000 * seconds);
    if (share >= 1) break;
    list.scrollTop = most * share;
  }
  gaps.shift();
  gaps.sort((a, b) => a - b);
  const blank = [...list.querySelectorAll('.document')].length;
  return {frames: gaps.length, seconds: (last - began) / 1000,
          p95: gaps[Math.floor(gaps.length * 0.95)], longest: gaps.at(-1), rows: blank};
}"""


def make(folder: Path, count: int) -> None:
    """Make a library of small documents in many folders, and files that were not read."""
    store, embedder = local_store(folder), HashingEmbedder()
    vector = np.zeros((1, embedder.DIMENSIONS), np.float32)
    vector[0, 0] = 1.0
    with store.writer() as writer:
        writer.bind(embedder.source)
        for number in range(count):
            writer.replace(_document(number), [_paragraph(vector)])
            if number % 5_000 == 0:
                print(f"made {number:,} of {count:,} documents", file=sys.stderr)
        writer.note_stamps({_path(n): _stamp(n) for n in range(count)})
        writer.note_unread(
            UnreadFile(f"/dump/photos/{n}.gif", f"photos/{n}.gif", _reason(n))
            for n in range(_UNREAD)
        )
    store.close()


def _name(number: int) -> str:
    folder, kind = _FOLDERS[number % 6], _KINDS[number % 5]
    return f"{folder}/{number % 97}/{kind} {number}.{_TYPES[number % 5]}"


def _path(number: int) -> str:
    return f"/dump/{_name(number)}"


def _document(number: int) -> Document:
    name, text = _name(number), f"Text of document {number}."
    digest = hashlib.sha256(text.encode()).hexdigest()
    person, day = _PEOPLE[number % 5], f"{2005 + number % 18}-{1 + number % 12:02}-17"
    fields: Fields = (("date", day),) if number % 3 else ()
    if person:
        fields = ((("from" if number % 5 == 1 else "author"), person), *fields)
    language = ("en", "de", "ar", "")[number % 4]
    title = f"Record {number}"
    return Document(_path(number), name, title, text, digest, language=language, fields=fields)


def _paragraph(vector: Any) -> EmbeddedParagraph:
    window = Window(0, 4)
    return EmbeddedParagraph(Paragraph(0, 4, 1), (window,), vector, Sentences((window,), vector))


def _stamp(number: int) -> str:
    return f"{1_000 + 37 * number} {1_500_000_000_000_000_000 + number * 10**12} 0 0 0 x"


def _reason(number: int) -> str:
    return ("files of type .gif are not supported", "the file is empty")[number % 2]


def measure(library: Path, chromium: str, times: int) -> dict[str, Any]:
    """Open the page several times; in the last of them, search and scroll the list."""
    from playwright.sync_api import sync_playwright

    figures: dict[str, list[float]] = {}
    scrolled: dict[str, float] = {}
    with serving(library) as (address, _), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        for remaining in reversed(range(times)):
            page = browser.new_context(viewport={"width": 1400, "height": 900}).new_page()
            page.goto(address)
            page.wait_for_selector("body.ready")
            usable, after_frame = page.evaluate(_READY)
            figures.setdefault("page to a list that can be used", []).append(usable)
            figures.setdefault("frame to a list that can be used", []).append(after_frame)
            if not remaining:
                for text in (*_SEARCHES, ""):
                    figures.setdefault("key to a search drawn", []).append(
                        page.evaluate(_FIND, text)
                    )
                page.evaluate("quoth.documents.showAll()")
                scrolled = page.evaluate(_SCROLL, _SECONDS_OF_SCROLLING)
            page.context.close()
        browser.close()
    rows: dict[str, Any] = {name: summary(values) for name, values in figures.items()}
    rows["scrolling"] = {
        "frames_a_second": round(scrolled["frames"] / scrolled["seconds"], 1),
        "p95": round(scrolled["p95"], 1),
        "longest": round(scrolled["longest"], 1),
    }
    return rows


@click.command()
@click.option("--documents", default=50_000, show_default=True, help="How many there are.")
@click.option("--times", default=5, show_default=True, help="How often the page is opened.")
@click.option(
    "--library",
    type=click.Path(file_okay=False, path_type=Path),
    help="A folder for the library, which is made when missing and stays.",
)
@JSON_OPTION
def main(documents: int, times: int, library: Path | None, json_file: Path | None) -> None:
    """Measure the list of documents in Chromium and print the figures."""
    chromium = chromium_path()
    with tempfile.TemporaryDirectory() as temporary:
        folder = library or Path(temporary) / "library"
        if not folder.exists():
            make(folder, documents)
        figures = measure(folder, chromium, times)
    for name, row in figures.items():
        print(f"{name:36}", *(f"{key} {value:>8,}" for key, value in row.items()))
    write_json(json_file, figures)


if __name__ == "__main__":
    run(main)
