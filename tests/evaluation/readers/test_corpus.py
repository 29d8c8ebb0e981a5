"""The tables of a folder of files, and of mutants, that went through the readers."""

import random
from pathlib import Path

import pytest
from click.testing import CliRunner
from tests_files import column, docx, paragraph, pdf
from tests_support import write_files

from evaluation.readers import corpus, fuzzing


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_files(
        tmp_path / "docs",
        {
            "a.docx": docx(paragraph("Sound words.")),
            "b.docx": b"PK\x03\x04cut",
            "c.pdf": pdf(column(["A page of text that is long enough", "to be compared."])),
            "d.txt": "Plain text.",
            "e.jpg": "no document",
        },
    )


def test_every_file_has_a_row(folder: Path) -> None:
    rows, peak = corpus.read_files(folder, {}, compare=False)
    assert [(row.path, row.reason is None, row.characters) for row in rows] == [
        ("a.docx", True, 12),
        ("b.docx", False, 0),
        ("c.pdf", True, 50),
        ("d.txt", True, 11),
        ("e.jpg", False, 0),
    ]
    assert peak > 0
    assert "docx   (none)                 2     1" in corpus.table(rows)
    assert corpus.reasons(rows).splitlines()[0].startswith("     1  ")


def test_a_manifest_flags_files(folder: Path) -> None:
    manifest = folder / "m.tsv"
    manifest.write_text("path\tflag\na.docx\tok\nb.docx\tok\nc.pdf\tok\n")
    result = CliRunner().invoke(corpus.main, [str(folder), "--manifest", str(manifest), "--each"])
    assert result.exit_code == 0
    assert "of 3 files flagged ok, 66.7% were read" in result.output
    assert "ok\t12\t\t" in result.output


def test_similarity_counts_runs_of_four_characters() -> None:
    words = "the same words in both of them"
    assert corpus.similarity(words, words) == 1
    assert corpus.similarity("the same\nwords in both  of them", words) == 1
    assert corpus.similarity("", words) == 0
    assert corpus.similarity("abcdefgh", "x" * 10) is None
    assert corpus.similarity("a" * 50, "b" * 50) == 0


def test_mutants_are_the_same_every_time(folder: Path) -> None:
    runs = [list(fuzzing.mutants(folder, 12, random.Random(5))) for _ in range(2)]
    assert runs[0] == runs[1]
    assert len({data for _, data in runs[0]}) > 6


def test_every_mutant_is_read_or_refused(folder: Path) -> None:
    outcomes, processes, _ = fuzzing.read_mutants(folder, 40, 1)
    assert outcomes.total() == 40
    assert not any("crashed" in outcome or "timed out" in outcome for outcome in outcomes)
    assert processes == 1
