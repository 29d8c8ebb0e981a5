"""What programs hold: passages by id, awaited calls, several threads, types seen from outside."""

import asyncio
import inspect
import json
import os
import re
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import anyio
import pytest
from tests_support import A_MOMENT, ROOT, write_files

from rag import AsyncLibrary, Library, NotFoundError, Progress, QuestionError
from rag.ids import PassageId, document_id, passage_id

THREE = "First of all, the mill.\n\nThe river turns its wheel.\n\nLast comes the miller.\n"


@pytest.fixture
def mill(tmp_path: Path) -> Library:
    write_files(tmp_path, {"docs/mill.txt": THREE, "docs/sea.txt": "Salt is won from the sea."})
    library = Library.open(tmp_path / "library", model="hashing")
    library.add(tmp_path / "docs")
    return library


def test_a_passage_is_found_again_by_its_citation_s_id(mill: Library) -> None:
    cited = mill.ask("What turns the wheel of the river?", k=1).passages[0]
    found = mill.passage(cited.citation.id)
    assert (found.passage.text, found.passage.citation.number) == ("The river turns its wheel.", 2)
    assert [one.text for one in found.before] == ["First of all, the mill."]
    assert [one.text for one in found.after] == ["Last comes the miller."]
    assert found.after[0].citation.number == 3
    alone = mill.passage(cited.citation.id, around=0).to_dict()
    assert alone == {
        "text": cited.text,
        "citation": {**cited.citation.to_dict(), "number": 1},
        "headings": (),
        "columns": "",
        "fields": {},
        "before": [],
        "after": [],
    }
    assert mill.path_of(cited.citation.document_id) == cited.citation.path


def test_an_id_tells_nothing_of_the_path_and_names_these_words_only(mill: Library) -> None:
    citation = mill.ask("What turns the wheel of the river?", k=1).passages[0].citation
    assert citation.path not in str(citation.to_dict())
    read = PassageId.parse(citation.id)
    assert (read.document, read.start, read.end) == (citation.document_id, 25, 51)
    assert passage_id("/a", "0" * 64, 1, 2) != passage_id("/b", "0" * 64, 1, 2)

    Path(citation.path).write_text("Something else.\n\n" + THREE)
    mill.add(Path(citation.path).parent)
    with pytest.raises(NotFoundError, match=r"mill.txt has changed .* Ask again"):
        mill.passage(citation.id)
    mill.remove(citation.path)
    with pytest.raises(NotFoundError, match="it was removed"):
        mill.passage(citation.id)


def test_ids_and_paths_that_name_nothing_are_refused(mill: Library) -> None:
    path = mill.documents()[0].path
    sha256 = mill.documents()[0].sha256
    for named in ("", "x", "../../etc/passwd", "0" * 24, f"{'0' * 24}-{'0' * 12}-0-{'9' * 19}"):
        with pytest.raises(NotFoundError, match="not the id of a passage"):
            mill.passage(named)
    with pytest.raises(NotFoundError, match="No document has the id"):
        mill.passage(passage_id("/none", sha256, 0, 5))
    with pytest.raises(NotFoundError, match=r"No passage of mill\.txt is at 3 to 5"):
        mill.passage(passage_id(path, sha256, 3, 5))
    with pytest.raises(NotFoundError, match="No document has the id"):
        mill.path_of(document_id("/none"))
    with pytest.raises(NotFoundError, match="No document has the path '/none'"):
        mill.contents("/none")
    with pytest.raises(QuestionError, match="negative"):
        mill.passage(passage_id(path, sha256, 0, 23), around=-1)


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_awaited_calls_do_what_the_others_do(tmp_path: Path, backend: str) -> None:
    write_files(tmp_path, {"docs/mill.txt": THREE, "docs/sea.txt": "Salt is won from the sea."})
    seen: list[Progress] = []

    async def use() -> None:
        async with await AsyncLibrary.open(tmp_path / "library", model="hashing") as library:
            report = await library.add(tmp_path / "docs", progress=seen.append)
            assert (report.added, report.passages) == (2, 4)
            answer = await library.ask("What turns the wheel?", k=2)
            assert answer == library.library.ask("What turns the wheel?", k=2)
            hits = await library.search("salt", k=1, where="sea.txt")
            assert [hit.passage.text for hit in hits] == ["Salt is won from the sea."]
            found = await library.passage(answer.passages[0].citation.id)
            assert found.passage.text == answer.passages[0].text
            assert (await library.contents(answer.passages[0].citation.path)).document.text == THREE
            assert (await library.status()).counts.passages == 4
            assert (await library.verify()).problems == ()
            citation = answer.passages[0].citation
            assert await library.path_of(citation.document_id) == citation.path
            quote = await library.passage_at(
                citation.document_id, citation.sha256, citation.start, citation.end
            )
            assert quote.text == answer.passages[0].text
            numbered = await library.paragraph(citation.document_id, citation.paragraph)
            assert numbered.text == quote.text
            assert (await library.mentions("wheel")).count == 1
            assert [one.text for one in await library.every_mention("miller")] == [
                "Last comes the miller."
            ]
            assert (await library.more("wheel", k=1)).read == 4
            assert (await library.ask_all('"wheel"')).may_answer == 1
            assert [row.state for row in await library.ask_table(['"wheel"'])] == ["answered"]
            await library.judge("What turns the wheel?", quote, answers=True)
            [row] = await library.labelled_questions()
            assert row["answers"][0]["text"] == quote.text
            assert (await library.calibrate(0.5)).judged == 1
            assert await library.calibrate_if_due() is None
            await library.reset_calibration()
            assert await library.remove(tmp_path / "docs") == 2
            assert await library.documents() == []
            with pytest.raises(QuestionError, match="empty"):
                await library.ask(" ")

    anyio.run(use, backend=backend)
    assert (seen[-1].files_done, seen[-1].files) == (2, 2)


def test_every_method_of_the_library_can_be_awaited() -> None:
    methods = {
        name
        for name in dir(Library)
        if not name.startswith("_") and not isinstance(getattr(Library, name), property)
    }
    assert {"ask", "judge", "calibrate"} <= methods
    assert {name for name in methods if not hasattr(AsyncLibrary, name)} == set()
    assert all(inspect.iscoroutinefunction(getattr(AsyncLibrary, name)) for name in methods)


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_the_library_is_closed_in_a_thread_even_when_cancelled(
    backend: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    threads: list[threading.Thread] = []
    monkeypatch.setattr(
        Library, "close", lambda library: threads.append(threading.current_thread())
    )

    async def use() -> None:
        with anyio.CancelScope() as scope:
            async with await AsyncLibrary.in_memory(model="hashing"):
                scope.cancel()

    anyio.run(use, backend=backend)
    assert len(threads) == 1
    assert threads[0] is not threading.current_thread()


def test_a_cancelled_call_stops_and_leaves_whole_documents(tmp_path: Path) -> None:
    names = [f"docs/{i:03}.txt" for i in range(60)]
    write_files(tmp_path, {name: f"Paper {name} tells of mills.\n\n" * 20 for name in names})

    async def use() -> int:
        async with await AsyncLibrary.open(tmp_path / "library", model="hashing") as library:
            with anyio.CancelScope() as scope:

                def stop(done: Progress) -> None:
                    if done.files_done == 20:
                        scope.cancel()

                await library.add(tmp_path / "docs", progress=stop)
            assert scope.cancelled_caught
            kept = (await library.status()).counts.documents
            assert (await library.verify()).problems == ()
            report = await library.add(tmp_path / "docs")
            assert report.added == 60 - kept
            return kept

    assert anyio.run(use) < 60


def test_a_timeout_of_asyncio_stops_the_call_before_the_library_closes(tmp_path: Path) -> None:
    names = [f"docs/{i:03}.txt" for i in range(60)]
    write_files(tmp_path, {name: f"Paper {name} tells of mills.\n\n" * 20 for name in names})
    reached = threading.Event()

    async def use() -> int:
        async with await AsyncLibrary.open(tmp_path / "library", model="hashing") as library:

            def note(done: Progress) -> None:
                if done.files_done == 20:
                    reached.set()

            adding = asyncio.create_task(library.add(tmp_path / "docs", progress=note))
            while not reached.is_set():
                await asyncio.sleep(0)
            adding.cancel()
            with pytest.raises(asyncio.CancelledError):
                await adding
            kept = len(library.library.documents())
            await asyncio.sleep(A_MOMENT)
            assert len(library.library.documents()) == kept
            return kept

    assert asyncio.run(use()) < 60


def test_several_threads_ask_while_one_adds(tmp_path: Path) -> None:
    write_files(tmp_path, {"docs/mill.txt": THREE})
    more = {f"more/{i}.txt": f"Salt number {i} is won from the sea." for i in range(30)}
    write_files(tmp_path, more)
    with Library.open(tmp_path / "library", model="hashing") as library:
        library.add(tmp_path / "docs")
        with ThreadPoolExecutor(5) as pool:
            adding = pool.submit(library.add, tmp_path / "more")
            asked = [pool.submit(library.ask, "What turns the wheel?", k=1) for _ in range(40)]
            texts = {future.result().passages[0].text for future in asked}
        assert texts == {"The river turns its wheel."}
        assert adding.result().added == 30


MYPY = ("mypy", "--strict", "--cache-dir", "cache")
PYRIGHT = ("basedpyright", "--level", "warning")
# pyright asks the first Python of the path where packages lie.
HERE = {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}


WRONG = "from rag import Library\n\nLibrary.in_memory().ask(3).passages[0].citation.start + 'x'\n"


@pytest.mark.slow
@pytest.mark.parametrize("checker", [MYPY, PYRIGHT], ids=lambda command: command[0])
def test_programs_are_typed_from_outside(tmp_path: Path, checker: tuple[str, ...]) -> None:
    page = (ROOT / "docs" / "python.md").read_text(encoding="utf-8")
    examples = [part.split("```")[0] for part in page.split("```python\n")[1:]]
    names = [f"example_{number}.py" for number in range(len(examples))]
    write_files(tmp_path, dict(zip(names, examples, strict=True)) | {"wrong.py": WRONG})
    (tmp_path / "pyrightconfig.json").write_text('{"typeCheckingMode": "strict"}')

    command = [sys.executable, "-m", *checker, *names, "wrong.py"]
    done = subprocess.run(
        command, capture_output=True, text=True, cwd=tmp_path, env=HERE, check=False
    )
    assert done.returncode == 1, done.stderr
    assert set(re.findall(r"(\w+\.py):(\d+)", done.stdout)) == {("wrong.py", "3")}, done.stdout


@pytest.mark.slow
def test_every_public_type_is_complete() -> None:
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "basedpyright",
            "--outputjson",
            "--verifytypes",
            "rag",
            "--ignoreexternal",
        ],
        capture_output=True,
        text=True,
        env=HERE,
        check=False,
    )
    symbols = json.loads(done.stdout)["typeCompleteness"]["symbols"]
    exported = {symbol["name"]: symbol["isTypeKnown"] for symbol in symbols if symbol["isExported"]}
    # Retrievers are of their frameworks' types, which are not in this environment.
    unknown = {name for name, known in exported.items() if not known}
    assert {name for name in unknown if not name.startswith("rag.integrations.")} == set()
    assert "rag.library.Library.ask" in exported
