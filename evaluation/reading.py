"""Compare what the readers read in a folder of files with a second reading by other parsers.

    python -m evaluation.reading FOLDER [--worst 10]

Prints a row per file type: how many files and passages were compared, and the share of a passage's
letters and digits that stand in the other text, in order (`rag.documents.second_reading`); then
the passages that differ most, with both readings.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from statistics import mean, median

import click

from evaluation.cli import FOLDER, run
from rag.documents.second_reading import LEAST_AGREEMENT, SecondReading, compare
from rag.errors import UnreadableFileError
from rag.indexing.readers import Readers, Reading
from rag.indexing.source_files import SourceFile, load
from rag.text.encodings import printable
from vector_store.records import DocumentInfo, Passage

_LONGEST_SHOWN = 300


@dataclass(frozen=True, slots=True)
class Compared:
    """A file that could be read in two ways."""

    kind: str
    """Its suffix, without the dot."""
    reading: SecondReading


def compare_files(folder: Path) -> list[Compared]:
    """Read every file under `folder` in two ways; leave out what only one way can read."""
    compared = []
    with Readers() as readers:
        for path in sorted(p for p in folder.rglob("*") if p.is_file()):
            name = path.relative_to(folder).as_posix()
            try:
                file = load(SourceFile(path.absolute(), name))
                passages = _passages(readers.read(file))
            except UnreadableFileError:
                continue
            reading = compare(name, str(path), file.data, passages, readers.worker)
            if reading is not None:
                compared.append(Compared(path.suffix.lower().lstrip("."), reading))
    return compared


def _passages(reading: Reading) -> list[Passage]:
    document = reading.document
    info = DocumentInfo(
        0, document.path, document.name, document.title, document.sha256, len(reading.paragraphs)
    )
    return [
        Passage(number, info, paragraph, document.text[paragraph.start : paragraph.end])
        for number, paragraph in enumerate(reading.paragraphs, start=1)
    ]


def table(compared: Iterable[Compared]) -> str:
    """Return a line per kind: files, passages, their agreement, and how many are confirmed."""
    groups: dict[str, list[SecondReading]] = defaultdict(list)
    for one in compared:
        groups[one.kind].append(one.reading)
    lines = [
        "type       files  passages  median  mean   worst file  confirmed  by",
    ]
    for kind, readings in sorted(groups.items()):
        agreements = [share for reading in readings for share in reading.agreements]
        confirmed = sum(share >= LEAST_AGREEMENT for share in agreements)
        worst = min(mean(reading.agreements) for reading in readings)
        lines.append(
            f"{kind:9} {len(readings):6} {len(agreements):9}  {median(agreements):.3f}  "
            f"{mean(agreements):.3f}  {worst:10.3f}  {confirmed / len(agreements):9.1%}  "
            f"{', '.join(sorted({reading.witness for reading in readings}))}"
        )
    return "\n".join(lines)


def worst(compared: Iterable[Compared], count: int) -> str:
    """Return the passages that differ most, at most one of each file, with both readings."""
    ranked = sorted(
        (
            (min(reading.differences, key=lambda difference: difference.agreement), reading)
            for reading in (one.reading for one in compared)
            if reading.differences
        ),
        key=lambda pair: pair[0].agreement,
    )
    lines = []
    for difference, reading in ranked[:count]:
        lines.append(
            f"{difference.agreement:.0%} {printable(reading.document)}, {difference.place} "
            f"paragraph {difference.paragraph} ({len(reading.differences)} of "
            f"{len(reading.agreements)} differ)"
        )
        for label, text in (("Quoth", difference.text), (reading.witness, difference.other)):
            lines.append(f"    {label}: {printable(' '.join(text.split())[:_LONGEST_SHOWN])}")
    return "\n".join(lines)


@click.command()
@click.argument("folder", type=FOLDER)
@click.option("--worst", "count", default=10, help="How many passages to show.")
def main(folder: Path, count: int) -> None:
    """Read all files in FOLDER in two ways and print how far the readings agree."""
    compared = compare_files(folder)
    print(table(compared))
    print(f"\nthe worst passage of each of the worst files:\n{worst(compared, count)}")


if __name__ == "__main__":
    run(main)
