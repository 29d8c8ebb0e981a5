"""Documents of any length: cut, embedded and kept part by part, with a bound on memory."""

import re
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from tests_support import write_files

from rag import Library, Progress, StoreUnwritableError, UnreadableFileError
from rag.formats.worker import Worker
from rag.indexing import change_detection
from rag.indexing.batch_embedder import Indexer
from rag.indexing.paragraph_spool import SpooledParagraphs
from rag.indexing.readers import Reading
from rag.models.hashing import HashingEmbedder
from rag.text.windows import Span
from vector_store.records import (
    Document,
    EmbeddedParagraph,
    Paragraph,
    Sentences,
    Vectors,
    Window,
)

SENTENCE = "The clerk of the harbour wrote a letter to the council about the price of salt. "


class Counting(HashingEmbedder):
    """Notes how much it is given at once."""

    def __init__(self) -> None:
        self.letters: list[int] = []
        self.texts: list[int] = []

    def token_spans(self, texts: Sequence[str]) -> Sequence[Sequence[Span]]:
        self.letters.append(sum(map(len, texts)))
        return super().token_spans(texts)

    def embed_with_spans(
        self, texts: Sequence[str], spans: Sequence[Sequence[Span]]
    ) -> tuple[Vectors, list[Vectors]]:
        self.texts.append(len(texts))
        return super().embed_with_spans(texts, spans)


def document(path: str, paragraphs: int, text: str = SENTENCE) -> Reading:
    whole = text * paragraphs
    spans = (
        Paragraph(len(text) * i, len(text) * (i + 1), i + 1, None, (f"Part {i // 1_000}",))
        for i in range(paragraphs)
    )
    return Reading(Document(path, path, path, whole, "0" * 64, language="en"), tuple(spans))


def test_a_long_document_is_never_cut_or_embedded_all_at_once(library: Library) -> None:
    embedder = Counting()
    with (
        library.store.writer() as writer,
        Indexer(writer, lambda: embedder, lambda _: None) as indexer,
    ):
        indexer.add(document("long", 4_000))
        indexer.add(document("short", 1))
        indexer.flush()
    assert max(embedder.letters) < 70_000
    assert sum(embedder.texts) == 4_001
    assert max(embedder.texts) <= 1_024
    assert indexer.kept == ["long", "short"]
    contents = library.contents("long")
    assert [p.paragraph.number for p in contents.passages] == list(range(1, 4_001))
    assert {p.text for p in contents.passages} == {SENTENCE}


def test_progress_is_told_within_a_document_and_what_it_raises_ends_the_run(
    library: Library,
) -> None:
    windows: list[int] = []

    def tell(progress: Progress) -> None:
        windows.append(progress.windows)
        if progress.name == "second" and progress.windows > 3_000:
            raise InterruptedError

    with pytest.raises(InterruptedError):
        library.add_readings([document("first", 2_000), document("second", 9_000)], progress=tell)
    assert len(set(windows)) > 4
    assert [info.path for info in library.documents()] == ["first"]


def test_a_document_that_is_cancelled_while_it_is_embedded_is_not_kept(library: Library) -> None:
    batches = 0

    def cancelled(path: str) -> bool:
        nonlocal batches
        batches += path == "second"
        return path == "second" and batches > 6

    given = [document("first", 10), document("second", 5_000), document("third", 10)]
    assert library.add_readings(given, cancelled=cancelled) == 20
    assert [info.path for info in library.documents()] == ["first", "third"]
    assert library.status().counts.passages == 20


def embedded(count: int, dimensions: int = 8) -> list[EmbeddedParagraph]:
    random = np.random.default_rng(7)
    made = []
    for number in range(count):
        windows = tuple(Window(i, i + 5) for i in range(number % 3 + 1))
        spans = tuple(Window(2 * i, 2 * i + 2) for i in range(number % 4 + 1))
        halves = (random.random((n, dimensions), np.float32) for n in (len(windows), len(spans)))
        vectors, sentences = (half.astype(np.float16).astype(np.float32) for half in halves)
        paragraph = Paragraph(number, number + 1, number + 1)
        made.append(EmbeddedParagraph(paragraph, windows, vectors, Sentences(spans, sentences)))
    return made


def same(one: EmbeddedParagraph, other: EmbeddedParagraph) -> bool:
    return (
        (one.paragraph, one.windows, one.sentences.spans)
        == (other.paragraph, other.windows, other.sentences.spans)
        and np.array_equal(one.vectors, other.vectors)
        and np.array_equal(one.sentences.vectors, other.sentences.vectors)
    )


def test_what_is_put_aside_comes_back_as_it_was_in_memory_and_from_the_disk(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for limit in (1 << 20, 500):
        monkeypatch.setattr("rag.indexing.paragraph_spool._IN_MEMORY", limit)
        given = embedded(40)
        spooled = SpooledParagraphs([one.paragraph for one in given])
        spooled.extend(given[:25])
        spooled.extend(given[25:])
        assert len(spooled) == 40
        assert all(map(same, spooled, given))
        assert same(spooled[39], given[39])
        assert all(map(same, spooled[3:30:2], given[3:30:2]))
        spooled.close()


def test_a_full_temporary_folder_is_said_in_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("needs a device that is always full")
    given = embedded(3)
    spooled = SpooledParagraphs([one.paragraph for one in given])
    spooled.close()
    with open("/dev/full", "r+b", buffering=0) as full:
        monkeypatch.setattr(spooled, "_file", full)
        with pytest.raises(
            StoreUnwritableError, match=r"Cannot write to the temporary folder .* \(No space"
        ):
            spooled.extend(given)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="memory is read from /proc")
@pytest.mark.parametrize("suffix", ["txt", "csv"])
def test_the_memory_for_one_endless_line_is_a_few_times_its_length(
    suffix: str, tmp_path: Path
) -> None:
    """A line of 2 MiB took 285 MiB; what is left are the tokenizer's and the indexes' own."""
    docs = tmp_path / "docs"
    docs.mkdir()
    (docs / f"line.{suffix}").write_text("word " * (1 << 18) + SENTENCE * (1 << 13))
    code = (
        "import re, sys\n"
        "from rag import Library\n"
        "def memory(key):\n"
        "    status = open('/proc/self/status').read()\n"
        "    return int(re.search(key + r':\\s+(\\d+)', status)[1]) >> 10\n"
        "with Library.open(sys.argv[1], model='hashing') as library:\n"
        "    library.add_readings([])\n"
        "    library.embedder.embed_query('warm up')\n"
        "    import vector_store.indexes.current, rag.formats.worker\n"
        "    start = memory('VmRSS')\n"
        "    report = library.add(sys.argv[2])\n"
        "    print(report.added, memory('VmHWM') - start)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "library"), str(docs)],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    added, mebibytes = map(int, done.stdout.split())
    assert added == 1
    assert mebibytes < 200


def test_more_rows_than_one_document_may_have_are_refused_with_what_to_do() -> None:
    few = "import rag.formats.extract as e; e.MOST_BLOCKS = 3; e.LONGEST_TEXT = 60"
    with Worker(before=few) as worker:
        assert len(worker.read("a.csv", b"a,b\n1,2\n3,4\n").blocks) == 3
        for name, data, reason in (
            ("a.csv", b"a,b\n1,2\n3,4\n5,6\n", "more than 3 paragraphs or rows; split it"),
            ("a.md", b"One.\n\nTwo.\n\nThree.\n\nFour.\n", "more than 3 paragraphs"),
            ("a.txt", SENTENCE.encode(), "million characters of text; split it"),
        ):
            with pytest.raises(UnreadableFileError, match=re.escape(reason)):
                worker.read(name, data)


def test_notes_of_unread_files_are_looked_up_and_not_searched(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = {f"{n}.txt": f"Text {n}." for n in range(30)} | {f"{n}.jpg": "x" for n in range(40)}
    write_files(tmp_path / "docs", names)
    library.add(tmp_path / "docs")
    calls = 0
    real = change_detection.parents

    def counted(path: str) -> list[str]:
        nonlocal calls
        calls += 1
        return real(path)

    monkeypatch.setattr(change_detection, "parents", counted)
    report = library.add(tmp_path / "docs")
    assert (report.unchanged, len(report.unread)) == (30, 40)
    assert calls == 40  # once a note, not once a note and file


def test_the_notes_of_a_files_parts_are_told_again_while_it_is_unchanged(
    library: Library, tmp_path: Path
) -> None:
    from tests_files import zipped

    write_files(tmp_path / "docs", {"b.txt": "Beside."})
    (tmp_path / "docs" / "a.zip").write_bytes(zipped({"in.txt": "Inside.", "in.jpg": "x"}))
    first = library.add(tmp_path / "docs")
    assert [note.name for note in first.unread] == ["a.zip/in.jpg"]
    assert library.add(tmp_path / "docs").unread == first.unread


def test_temporary_files_of_large_documents_are_gone_after_a_failure(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rag.indexing.paragraph_spool._IN_MEMORY", 100)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))

    def stop(progress: Progress) -> None:
        if progress.windows > 600:
            raise InterruptedError

    with pytest.raises(InterruptedError):
        library.add_readings([document("long", 5_000)], progress=stop)
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith("tmp")] == []
