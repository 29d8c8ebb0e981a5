"""How long every mention of a common name takes: `python -m evaluation.speed.mentions FOLDER`.

Makes a library of small documents in FOLDER, one in five of which mentions the name, unless there
is one; then measures the first page of the list, later ones, and the whole list as CSV, in a
process that has answered once.
"""

import statistics
import sys
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path

import click
import numpy as np

from evaluation.cli import JSON_OPTION, print_json, run
from evaluation.speed.timing import timed
from rag import Document, Library
from rag.export.tables import mentions_csv
from rag.indexing.readers import Reading
from rag.text.blocks import Block
from rag.text.paragraphs import paragraphs

NAME = "Iwan Roberts"
_EVERY = 5
_WORDS = 4_000
_PAGE = 50


def readings(documents: int, seed: int = 0) -> Iterator[Reading]:
    """Yield small documents of random words, every fifth with a sentence about the name."""
    rng = np.random.default_rng(seed)
    for number in range(documents):
        words = [f"word{word}" for word in rng.zipf(1.3, 40) % _WORDS]
        if number % _EVERY == 0:
            words.insert(20, NAME)
        text = f"Record {number}. {' '.join(words)}."
        name = f"{number % 100:03}/{number:06}.txt"
        document = Document(f"/records/{name}", name, name, text, sha256(text.encode()).hexdigest())
        yield Reading(document, tuple(paragraphs(text, [Block(0, len(text))])))


def _median_ms(work: Callable[[], object], rounds: int) -> float:
    return round(1_000 * statistics.median(timed(work) for _ in range(rounds)), 1)


@click.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option("--documents", type=click.IntRange(min=100), default=50_000, show_default=True)
@click.option("--rounds", type=click.IntRange(min=1), default=5, show_default=True)
@JSON_OPTION
def mentions(folder: Path, documents: int, rounds: int, json_file: Path | None) -> None:
    """Measure lists of mentions in a library of small documents in FOLDER."""
    with Library.open(folder, model="hashing") as library:
        missing = documents - library.counts().documents
        if missing > 0:
            print(f"adding {documents:,} documents", file=sys.stderr)
            library.add_readings(readings(documents))
        library.warm_up()
        first = library.mentions(NAME, limit=_PAGE)
        middle = library.mentions(NAME, limit=1_000).next or ""

        def export() -> int:
            return sum(len(part) for part in mentions_csv(library.every_mention(NAME)))

        print_json(
            json_file,
            {
                "documents": library.counts().documents,
                "mentions": library.mentions(NAME, limit=1, count=True).count,
                "first_page_at_least": first.count,
                "first_page_ms": _median_ms(lambda: library.mentions(NAME, limit=_PAGE), rounds),
                "page_after_1000_ms": _median_ms(
                    lambda: library.mentions(NAME, limit=_PAGE, cursor=middle), rounds
                ),
                "exact_count_ms": _median_ms(
                    lambda: library.mentions(NAME, limit=1, count=True), rounds
                ),
                "by_date_ms": _median_ms(
                    lambda: library.mentions(NAME, limit=_PAGE, order="date"), rounds
                ),
                "by_meaning_ms": _median_ms(
                    lambda: library.mentions(NAME, limit=_PAGE, order="meaning"), rounds
                ),
                "export_ms": _median_ms(export, rounds),
                "export_bytes": export(),
            },
        )


if __name__ == "__main__":
    run(mentions)
