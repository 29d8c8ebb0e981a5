"""Files added and removed in a real browser, over a library of its own."""

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import httpx
import pytest
from api_support import serving_here
from page_support import WIDE, ask, serving, text_of
from playwright.sync_api import Page, expect
from tests_support import wait_until, write_files

from vector_store.local import LocalStore

pytestmark = pytest.mark.browser

Check = Callable[[Page], None]


@contextmanager
def one_document(home: Path) -> Iterator[str]:
    docs = write_files(home / "docs", {"first.txt": "The old harbour of Basra is deep."})
    with serving_here(home / "library", docs) as address:
        yield address


@pytest.fixture
def harbour(tmp_path: Path) -> Iterator[str]:
    """Serve a library to one test, which takes it before `browse`: the page is closed first."""
    with one_document(tmp_path) as address:
        yield address


@pytest.fixture(scope="module")
def harbours(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """Serve a library to which tests may have added; give its folder, too."""
    home = tmp_path_factory.mktemp("home")
    with one_document(home) as address:
        yield address, home / "library"


DROP = """async (files) => {
  const transfer = new DataTransfer();
  for (const [name, text] of files) transfer.items.add(new File([text], name));
  const fire = (kind) => document.body.dispatchEvent(
    new DragEvent(kind, {dataTransfer: transfer, bubbles: true, cancelable: true}));
  fire('dragenter'); fire('dragover'); fire('drop');
}"""


def drop(page: Page, *files: tuple[str, str]) -> None:
    page.evaluate(DROP, list(files))


def test_files_are_dropped_read_asked_removed_and_put_back(
    harbour: str, browse: Callable[..., Page], accessible: Check
) -> None:
    page = browse(harbour, viewport=WIDE)
    expect(page.locator("#documents .document")).to_have_count(1)
    drop(
        page,
        ("ships.txt", "Seven ships sank near the lighthouse.\n\nNobody knows why."),
        ("photo.gif", "GIF89a"),
        ("empty.md", "  "),
        ("دليل.txt", "السفن السبع غرقت."),
    )
    expect(page.locator("#documents .document")).to_have_count(3)
    adding = page.locator("#adding")
    expect(adding.locator(".done")).to_have_count(2)
    expect(adding.locator("li", has_text="photo.gif")).to_contain_text("files of type .gif")
    expect(adding.locator("li", has_text="empty.md")).to_contain_text("not read")
    accessible(page)
    ask(page, "How many ships sank near the lighthouse?")
    assert text_of(page, ".quotes > blockquote") == "Seven ships sank near the lighthouse."
    page.locator(".citation").first.click()
    expect(page.locator(".reader .cited")).to_be_in_viewport()
    page.keyboard.press("Escape")

    row = page.locator("#documents li", has_text="ships.txt")
    row.hover()
    row.get_by_role("button", name="Remove ships.txt").click()
    expect(page.locator("#documents .document")).to_have_count(2)
    expect(page.locator("#toasts")).to_contain_text("ships.txt")
    accessible(page)
    page.locator("#toasts").get_by_role("button", name="Undo").click()
    expect(page.locator("#documents .document")).to_have_count(3)
    page.locator(".citation").first.click()
    expect(page.locator(".reader .cited")).to_be_visible()  # the same place in the same document


def test_the_welcome_counts_what_is_added_and_removed(
    harbour: str, browse: Callable[..., Page]
) -> None:
    page = browse(harbour, viewport=WIDE)
    held = page.locator(".welcome p")
    expect(held).to_contain_text("1 document, 1 passage.")
    expect(page.locator("#documents .document")).to_have_count(1)
    drop(page, ("ships.txt", "Seven ships sank.\n\nNobody knows why."))
    expect(held).to_contain_text("2 documents, 3 passages.")
    row = page.locator("#documents li", has_text="ships.txt")
    row.hover()
    row.get_by_role("button", name="Remove ships.txt").click()
    expect(held).to_contain_text("1 document, 1 passage.")


def test_questions_asked_meanwhile_say_that_results_are_partial(
    browse: Callable[..., Page], harbours: tuple[str, Path]
) -> None:
    address, library = harbours
    page = browse(address, viewport=WIDE)
    expect(page.locator("#documents .document").first).to_be_visible()
    before = page.locator("#documents .document").count()
    with (
        closing(LocalStore(library)) as store,
        httpx.Client(base_url=address) as client,
    ):
        with store.writer():  # while another process changes the library, files wait
            for n in range(6):
                client.put("/page/files", params={"name": f"logs/{n}.txt"}, content=f"Log {n}.")
            ask(page, "Is the harbour deep?")
            expect(page.locator(".partial")).to_contain_text("results are partial")
            client.post("/page/cancel", json={"file": None})
        page.reload()
        page.wait_for_selector("body.ready")
    expect(page.locator("#adding .cancelled")).to_have_count(6)
    expect(page.locator("#adding").get_by_role("button", name="Dismiss")).to_be_visible()
    page.get_by_role("button", name="Dismiss").click()
    expect(page.locator("#adding li")).to_have_count(0)
    expect(page.locator("#documents .document")).to_have_count(before)


def test_files_stay_below_their_folder(harbours: tuple[str, Path]) -> None:
    with httpx.Client(base_url=harbours[0]) as client:
        folder = client.put("/page/files", params={"name": "../../../etc/x.txt"}, content="Harm.")
        assert folder.json()["file"]
        for name in ("..", "", "\0", "a/\u202e.gif"):
            answer = client.put("/page/files", params={"name": name}, content="x").json()
            assert "file" not in answer
            assert answer["message"]
        wait_until(lambda: client.get("/page/documents").json()["waiting"] == 0)
        drawn = client.get("/page/documents").json()
    assert "etc/x~" in drawn["adding"]
    assert "../" not in drawn["adding"]


def test_a_file_that_is_too_large_is_refused(
    browse: Callable[..., Page], harbours: tuple[str, Path]
) -> None:
    page = browse(harbours[0], viewport=WIDE)
    page.evaluate("quoth.largest = 10")
    drop(page, ("large.txt", "More than ten bytes of text."))
    expect(page.locator("#adding .refused").first).to_contain_text("larger than")


@pytest.mark.slow
@pytest.mark.usefixtures("small_model")
def test_the_examples_give_way_to_the_first_document_added(
    browse: Callable[..., Page], tmp_path: Path
) -> None:
    with serving(tmp_path) as address:
        page = browse(address, viewport=WIDE)
        expect(page.locator("#documents .document")).to_have_count(2)
        expect(page.locator("#documents .remove")).to_have_count(0)
        drop(page, ("mine.txt", "My own harbour is deep."))
        expect(page.locator("#documents .document")).to_have_count(1)
        expect(page.locator("#documents")).to_contain_text("mine.txt")
        ask(page, "Is my own harbour deep?")
        assert text_of(page, ".quotes > blockquote") == "My own harbour is deep."
        page.context.close()  # before the server stops
    assert (tmp_path / "quoth" / "library" / "files" / "mine.txt").is_file()
