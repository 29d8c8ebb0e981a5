"""What the readers make of a folder of real files: one row a type and flag, PDFs beside poppler's.

    python -m evaluation.readers.corpus FOLDER [--manifest manifest.tsv]

A manifest is a table with the columns `path` and `flag`, as "ok" or "needs-password": what is
known of each file. Text is compared with that of poppler's `pdftotext`, where it is installed, by
how many runs of four characters the two have in common, white space left out.
"""

import argparse
import csv
import shutil
import subprocess
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from rag.errors import UnreadableFileError
from rag.formats.extract import Extract
from rag.formats.registry import KINDS, TEXTS
from rag.formats.worker import Worker
from rag.text.encodings import decode, printable

_GRAM = 4
_LEAST_COMPARED = 20  # characters; below this a ratio says nothing
_NOT_TOLD = "(none)"


@dataclass(frozen=True, slots=True)
class Row:
    """What became of one file."""

    path: str
    kind: str
    flag: str
    reason: str | None
    """Why it was not read; None when it was."""
    characters: int
    unread_parts: int
    seconds: float
    similarity: float | None
    """Of a PDF's text and poppler's; None where there is nothing to compare."""


def read_files(folder: Path, flags: Mapping[str, str], *, compare: bool) -> tuple[list[Row], int]:
    """Read every file under `folder`; return a row for each and the worker's peak memory in MiB."""
    rows = []
    with Worker() as worker:
        for path in sorted(p for p in folder.rglob("*") if p.is_file()):
            name = path.relative_to(folder).as_posix()
            if flags and name not in flags:
                continue
            rows.append(_row(worker, path, name, flags.get(name, _NOT_TOLD), compare=compare))
        return rows, worker.peak


def _row(worker: Worker, path: Path, name: str, flag: str, *, compare: bool) -> Row:
    kind = path.suffix.lower().lstrip(".")
    started = time.perf_counter()
    found, reason = Extract("", "", ()), None
    try:
        found = read_one(worker, path)
    except UnreadableFileError as error:
        reason = str(error)
    seconds = time.perf_counter() - started
    alike = similarity(found.text, _popplers(path)) if compare and kind == "pdf" else None
    unread = len(found.unread)
    return Row(name, kind, flag, reason, len(found.text), unread, seconds, alike)


def read_one(worker: Worker, path: Path) -> Extract:
    """Read a file, plain text included. Raises UnreadableFileError."""
    data = path.read_bytes()
    if path.suffix.lower() in TEXTS and path.suffix.lower() not in KINDS:
        return Extract("", decode(data), ())
    return worker.read(path.name, data)


def _popplers(path: Path) -> str:
    command = ["pdftotext", "-enc", "UTF-8", str(path), "-"]
    try:
        done = subprocess.run(command, capture_output=True, timeout=60, check=False)
    except subprocess.TimeoutExpired:
        return ""
    return done.stdout.decode("utf-8", "replace")


def similarity(one: str, other: str) -> float | None:
    """Return how alike two texts are, 0 to 1: the Dice coefficient of their runs of characters.

    None when there is too little of the second to compare with.
    """
    theirs = _grams(other)
    if theirs.total() < _LEAST_COMPARED:
        return None
    ours = _grams(one)
    return 2 * (ours & theirs).total() / max(1, ours.total() + theirs.total())


def _grams(text: str) -> Counter[str]:
    bare = "".join(text.split())
    return Counter(bare[at : at + _GRAM] for at in range(len(bare) - _GRAM + 1))


def flags_of(manifest: Path | None) -> dict[str, str]:
    """Return what a manifest says of each file; nothing without one."""
    if manifest is None:
        return {}
    with manifest.open(encoding="utf-8", newline="") as stream:
        return {row["path"]: row["flag"] for row in csv.DictReader(stream, delimiter="\t")}


def table(rows: Iterable[Row]) -> str:
    """Return a line for each type and flag: how many were read, and why others were not."""
    groups: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in rows:
        groups[row.kind, row.flag].append(row)
    lines = ["type   flag               files  read  seconds  median similarity"]
    for (kind, flag), group in sorted(groups.items()):
        alike = [row.similarity for row in group if row.similarity is not None]
        lines.append(
            f"{kind:6} {flag:18} {len(group):5} {sum(r.reason is None for r in group):5} "
            f"{sum(row.seconds for row in group):8.2f}  "
            f"{f'{median(alike):.3f} ({len(alike)})' if alike else ''}"
        )
    return "\n".join(lines)


def reasons(rows: Iterable[Row], flag: str | None = None) -> str:
    """Return how often each reason was given, of files with a flag or of all."""
    found = Counter(
        row.reason.partition(" (")[0] for row in rows if row.reason and flag in (None, row.flag)
    )
    return "\n".join(f"{count:6}  {reason}" for reason, count in found.most_common())


def main() -> None:
    """Read a folder and print what came of it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--manifest", type=Path)
    parser.add_argument("--each", action="store_true", help="print every file's row as well")
    given = parser.parse_args()
    flags = flags_of(given.manifest)
    started = time.perf_counter()
    compare = shutil.which("pdftotext") is not None
    rows, peak = read_files(given.folder, flags, compare=compare)
    if given.each:
        for row in rows:
            alike = "" if row.similarity is None else f"{row.similarity:.3f}"
            print(f"{row.flag}\t{row.characters}\t{alike}\t{row.seconds:.2f}\t"
                  f"{printable(row.path)}\t{row.reason or ''}")  # fmt: skip
    print(table(rows))
    print(f"\nnot read, by reason:\n{reasons(rows)}")
    sound = [row for row in rows if row.flag == "ok"]
    if sound:
        share = sum(row.reason is None for row in sound) / len(sound)
        print(f"\nof {len(sound)} files flagged ok, {share:.1%} were read; not read:")
        print(reasons(sound))
    print(f"\n{len(rows)} files in {time.perf_counter() - started:.1f} s, poppler's time included; "
          f"the worker used at most {peak} MiB")  # fmt: skip


if __name__ == "__main__":
    main()
