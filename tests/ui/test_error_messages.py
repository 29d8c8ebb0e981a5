"""Where the disk refuses: a sentence without a path of the server, and nothing half done."""

import errno
import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from api_support import application
from starlette.testclient import TestClient
from uploads_support import files_on_disk, upload, upload_states, wait_until_idle

from rag import Library
from rag.errors import (
    ForeignVectorsError,
    ModelError,
    NotFoundError,
    QuestionError,
    QuothError,
    SourceError,
    StoreBusyError,
    StoreDamagedError,
    StoreUnwritableError,
    StoreVersionError,
)
from rag.ids import document_id
from ui.app_state import AppState
from ui.error_messages import refusal_of, sentence

REFUSED = {
    errno.ENOSPC: (507, "no space left"),
    errno.EDQUOT: (507, "no space left"),
    errno.EROFS: (507, "cannot be written"),
    errno.EACCES: (507, "cannot be written"),
    errno.EIO: (507, "disk failed"),
    errno.ENAMETOOLONG: (409, "Shorten"),
}
Refuse = Callable[[object, str, int], None]


@pytest.fixture
def own(tmp_path: Path) -> Iterator[tuple[TestClient, AppState]]:
    with application(tmp_path, with_gradio=False) as context:
        yield context


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[TestClient, AppState]]:
    """Give a server whose library no test changes."""
    with application(tmp_path_factory.mktemp("refusals"), with_gradio=False) as context:
        yield context


@pytest.fixture
def refuse(monkeypatch: pytest.MonkeyPatch) -> Refuse:
    """Give a way to let one call of the system be refused, as soon as it is of `files/`."""

    def make(owner: object, name: str, number: int) -> None:
        real = getattr(owner, name)

        def refused(*arguments: Any, **how: Any) -> Any:
            if any("files" in Path(str(path)).parts for path in arguments) or name == "utime":
                raise OSError(number, os.strerror(number), *map(str, arguments[:1]))
            return real(*arguments, **how)

        monkeypatch.setattr(owner, name, refused)

    return make


def tells_no_path(said: str, state: AppState) -> bool:
    folder = Path(state.library.folder)
    return not any(name in said for name in (str(folder), folder.parent.name, "files/", "Errno"))


@pytest.mark.parametrize("number", REFUSED)
@pytest.mark.parametrize(
    ("owner", "call"),
    [(Path, "mkdir"), (tempfile, "mkstemp"), (os, "utime"), (Path, "replace")],
)
def test_an_upload_that_the_disk_refuses_is_told(
    served: tuple[TestClient, AppState], refuse: Refuse, owner: object, call: str, number: int
) -> None:
    client, state = served
    refuse(owner, call, number)
    status, words = REFUSED[number]
    sent = {"params": {"name": "a.txt", "modified": 1e9}, "content": b"The moon is rock."}
    page, rest = client.put("/page/files", **sent), client.post("/api/documents", **sent)
    assert (page.status_code, rest.status_code) == (status, status)
    assert rest.headers["content-type"] == "application/problem+json"
    for said in (page.json()["message"], rest.json()["detail"]):
        assert words in said
        assert tells_no_path(said, state)
    assert state.uploads.files() == []
    folder = Path(state.library.folder) / "files"
    assert not folder.is_dir() or list(folder.iterdir()) == []


def test_a_removal_and_a_restore_that_the_disk_refuses_are_told(
    own: tuple[TestClient, AppState], monkeypatch: pytest.MonkeyPatch
) -> None:
    client, state = own
    upload(state, "a.txt", "The moon is rock.")
    upload_states(state.uploads)
    wait_until_idle(state.uploads)
    key = document_id(str(state.served.files_folder() / "a.txt"))

    def refused(path: Path, target: Path) -> Path:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS), str(path))

    for undo in (False, True):
        if undo:
            assert client.delete(f"/api/documents/{key}").status_code == 200
        before = files_on_disk(state), [info.path for info in state.library.documents()]
        with monkeypatch.context() as failing:
            failing.setattr(Path, "replace", refused)
            if undo:
                rest = client.post(f"/api/documents/{key}/restore")
                page = client.post("/page/undo", json={"key": key})
            else:
                rest = client.delete(f"/api/documents/{key}")
                page = client.post("/page/remove", json={"key": key})
        assert (rest.status_code, page.status_code) == (507, 507)
        assert tells_no_path(rest.json()["detail"] + page.json()["message"], state)
        assert (files_on_disk(state), [info.path for info in state.library.documents()]) == before
    assert client.post(f"/api/documents/{key}/restore").status_code == 200


def test_a_removal_that_the_library_refuses_is_told(
    served: tuple[TestClient, AppState], monkeypatch: pytest.MonkeyPatch
) -> None:
    client, state = served

    def refused(library: Library, paths: object) -> int:
        raise StoreUnwritableError(f"Cannot write to the library {library.folder}: read-only.")

    monkeypatch.setattr(Library, "remove", refused)
    key = client.get("/api/documents").json()["documents"][0]["id"]
    rest = client.delete(f"/api/documents/{key}")
    page = client.post("/page/remove", json={"key": key})
    assert (rest.status_code, page.status_code) == (507, 507)
    assert "refused to write" in rest.json()["detail"]
    assert tells_no_path(rest.json()["detail"] + page.json()["message"], state)


def test_a_deferred_file_says_why_without_a_path(
    own: tuple[TestClient, AppState], monkeypatch: pytest.MonkeyPatch
) -> None:
    client, state = own

    def refused(library: Library, readings: object, **how: Any) -> int:
        raise StoreUnwritableError(f"The disk refused to write the library {library.folder}.")

    monkeypatch.setattr(Library, "add_readings", refused)
    client.post("/api/documents", params={"name": "a.txt"}, content=b"The moon is rock.")
    upload_states(state.uploads)
    response = client.get("/api/adding").json()
    [file] = response["files"]
    assert (file["state"], response["waiting"]) == ("deferred", 1)
    assert "refused to write" in file["reason"]
    assert "tried again automatically" in file["reason"]
    assert tells_no_path(file["reason"], state)
    drawn = client.get("/page/documents").json()
    assert 'class="deferred"' in drawn["adding"]
    assert drawn["waiting"]


WITH_PATH = "/home/person/papers.quoth"


@pytest.mark.parametrize(
    "error",
    [
        StoreUnwritableError(f"Cannot write to the library {WITH_PATH}."),
        StoreBusyError(f"Another process is changing the library {WITH_PATH}."),
        StoreDamagedError(f"The database {WITH_PATH}/library.sqlite3 is damaged."),
        StoreVersionError(f"The library {WITH_PATH} was written by a newer version."),
        ForeignVectorsError(f"The library was indexed with the model '{WITH_PATH}'."),
        ModelError(f"The model {WITH_PATH} cannot be loaded."),
        NotFoundError(f"No document has the path '{WITH_PATH}/a.txt'."),
        SourceError(f"The path {WITH_PATH} cannot be resolved (a loop)."),
        SourceError(r"The path C:\papers.quoth cannot be resolved (a loop)."),
        OSError(errno.EIO, "Input/output error", WITH_PATH),
        TimeoutError(WITH_PATH),
    ],
    ids=lambda error: type(error).__name__,
)
def test_no_sentence_names_a_path(error: QuothError | OSError) -> None:
    said = sentence(error)
    assert "papers.quoth" not in said
    assert said.endswith(".")


def test_what_names_no_path_is_said_as_it_is() -> None:
    for error in (QuestionError("No 'a/b' matches."), NotFoundError("It was removed. Ask again.")):
        assert sentence(error) == str(error)


@pytest.mark.parametrize("number", REFUSED)
def test_each_refusal_of_the_system_has_its_words(number: int) -> None:
    assert REFUSED[number][1] in str(refusal_of(OSError(number, "words")))
