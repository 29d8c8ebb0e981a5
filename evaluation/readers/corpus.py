"""Measure the file readers on a folder of real files, and PDFs against poppler.

    python -m evaluation.readers.corpus FOLDER [--manifest manifest.tsv]

Prints a row per file type and flag. A manifest is a table with the columns `path` and `flag`, such
as "ok" or "needs-password": what is known about each file. The text of a PDF is compared with that
of poppler's `pdftotext`, where it is installed, by their common runs of four characters, without
white space.
"""

import csv
import shutil
import subprocess
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import click

from evaluation.cli import FILE, FOLDER, run
from rag.errors import UnreadableFileError
from rag.formats.extract import Extract
from rag.formats.registry import KINDS, TEXTS
from rag.formats.worker import Worker
from rag.text.encodings import decode, printable

_GRAM = 4
_MIN_GRAMS = 20  # with fewer a ratio means nothing
_NO_FLAG = "(none)"


@dataclass(frozen=True, slots=True)
class Row:
    """The result of reading one file."""

    path: str
    kind: str
    flag: str
    reason: str | None
    """Why it was not read; None if it was."""
    characters: int
    unread_parts: int
    seconds: float
    similarity: float | None
    """Of a PDF's text to poppler's, 0 to 1; None when there is nothing to compare."""


def read_files(folder: Path, flags: Mapping[str, str], *, compare: bool) -> tuple[list[Row], int]:
    """Read every file under `folder`; return a row for each and the worker's peak MiB.

    With flags, only the files that have one are read.
    """
    rows = []
    with Worker() as worker:
        for path in sorted(p for p in folder.rglob("*") if p.is_file()):
            name = path.relative_to(folder).as_posix()
            if flags and name not in flags:
                continue
            rows.append(_row(worker, path, name, flags.get(name, _NO_FLAG), compare=compare))
        return rows, worker.peak


def _row(worker: Worker, path: Path, name: str, flag: str, *, compare: bool) -> Row:
    kind = path.suffix.lower().lstrip(".")
    start = time.perf_counter()
    extract, reason = Extract("", "", ()), None
    try:
        extract = read_file(worker, path)
    except UnreadableFileError as error:
        reason = str(error)
    seconds = time.perf_counter() - start
    ratio = similarity(extract.text, _poppler_text(path)) if compare and kind == "pdf" else None
    unread = len(extract.unread)
    return Row(name, kind, flag, reason, len(extract.text), unread, seconds, ratio)


def read_file(worker: Worker, path: Path) -> Extract:
    """Read a file of any type, plain text included. Raises UnreadableFileError."""
    data = path.read_bytes()
    if path.suffix.lower() in TEXTS and path.suffix.lower() not in KINDS:
        return Extract("", decode(data), ())
    return worker.read(path.name, data)


def _poppler_text(path: Path) -> str:
    command = ["pdftotext", "-enc", "UTF-8", str(path), "-"]
    try:
        process = subprocess.run(command, capture_output=True, timeout=60, check=False)
    except subprocess.TimeoutExpired:
        return ""
    return process.stdout.decode("utf-8", "replace")


def similarity(text: str, reference: str) -> float | None:
    """Return the Dice coefficient of two texts' character 4-grams, 0 to 1.

    None when the reference is too short to compare with.
    """
    reference_grams = _grams(reference)
    if reference_grams.total() < _MIN_GRAMS:
        return None
    grams = _grams(text)
    common = (grams & reference_grams).total()
    return 2 * common / max(1, grams.total() + reference_grams.total())


def _grams(text: str) -> Counter[str]:
    bare = "".join(text.split())
    return Counter(bare[at : at + _GRAM] for at in range(len(bare) - _GRAM + 1))


def read_flags(manifest: Path | None) -> dict[str, str]:
    """Return the flag of each path in a manifest; none without a manifest."""
    if manifest is None:
        return {}
    with manifest.open(encoding="utf-8", newline="") as stream:
        return {row["path"]: row["flag"] for row in csv.DictReader(stream, delimiter="\t")}


def table(rows: Iterable[Row]) -> str:
    """Return a line per type and flag: how many files were read, how fast, how similar."""
    groups: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in rows:
        groups[row.kind, row.flag].append(row)
    lines = ["type   flag               files  read  seconds  median similarity"]
    for (kind, flag), group in sorted(groups.items()):
        ratios = [row.similarity for row in group if row.similarity is not None]
        lines.append(
            f"{kind:6} {flag:18} {len(group):5} {sum(r.reason is None for r in group):5} "
            f"{sum(row.seconds for row in group):8.2f}  "
            f"{f'{median(ratios):.3f} ({len(ratios)})' if ratios else ''}"
        )
    return "\n".join(lines)


def reasons(rows: Iterable[Row], flag: str | None = None) -> str:
    """Return a line per reason for not reading a file, with its count, most frequent first.

    With a flag, only files with that flag count.
    """
    counts = Counter(
        row.reason.partition(" (")[0] for row in rows if row.reason and flag in (None, row.flag)
    )
    return "\n".join(f"{count:6}  {reason}" for reason, count in counts.most_common())


@click.command()
@click.argument("folder", type=FOLDER)
@click.option("--manifest", type=FILE, metavar="FILE", help="Table of paths and flags.")
@click.option("--each", is_flag=True, help="Print a row per file as well.")
def main(folder: Path, manifest: Path | None, each: bool) -> None:
    """Read all files in FOLDER and print how many could be read, and why others could not."""
    flags = read_flags(manifest)
    start = time.perf_counter()
    compare = shutil.which("pdftotext") is not None
    rows, peak_mib = read_files(folder, flags, compare=compare)
    if each:
        for row in rows:
            ratio = "" if row.similarity is None else f"{row.similarity:.3f}"
            fields = (row.flag, row.characters, ratio, f"{row.seconds:.2f}", printable(row.path))
            print(*fields, row.reason or "", sep="\t")
    print(table(rows))
    print(f"\nnot read, by reason:\n{reasons(rows)}")
    ok_rows = [row for row in rows if row.flag == "ok"]
    if ok_rows:
        share = sum(row.reason is None for row in ok_rows) / len(ok_rows)
        print(f"\nof {len(ok_rows)} files flagged ok, {share:.1%} were read; not read:")
        print(reasons(ok_rows))
    seconds = time.perf_counter() - start
    print(f"\n{len(rows)} files in {seconds:.1f} s, poppler's time included; "
          f"the worker used at most {peak_mib} MiB")  # fmt: skip


if __name__ == "__main__":
    run(main)
