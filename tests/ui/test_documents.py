"""Files added and removed in a real browser, over a library of its own."""

from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from page_support import WIDE, ask, serving, text_of
from playwright.sync_api import Page, expect
from tests_support import write_files

pytestmark = pytest.mark.browser

Check = Callable[[Page], None]


@pytest.fixture(scope="module")
def harbours(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Serve a library of one small document; tests add to it and remove."""
    home = tmp_path_factory.mktemp("home")
    docs = write_files(home / "docs", {"first.txt": "The old harbour of Basra is deep."})
    library = str(home / "library")
    with serving(home, str(docs), "--library", library, "--model", "hashing") as address:
        yield address


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
    browse: Callable[..., Page], harbours: str, accessible: Check
) -> None:
    page = browse(harbours, viewport=WIDE)
    expect(page.locator("#documents .document")).to_have_count(1)
    drop(
        page,
        ("ships.txt", "Seven ships sank near the lighthouse.\n\nNobody knows why."),
        ("photo.gif", "GIF89a"),
        ("empty.md", "  "),
        ("دليل.txt", "السفن السبع غرقت."),
    )
    expect(page.locator("#documents .document")).to_have_count(3, timeout=20_000)
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
    browse: Callable[..., Page], tmp_path: Path
) -> None:
    docs = write_files(tmp_path / "docs", {"first.txt": "The old harbour of Basra is deep."})
    library = str(tmp_path / "library")
    with serving(tmp_path, str(docs), "--library", library, "--model", "hashing") as address:
        page = browse(address, viewport=WIDE)
        held = page.locator(".welcome p")
        expect(held).to_contain_text("1 document, 1 passage.")
        expect(page.locator("#documents .document")).to_have_count(1)
        drop(page, ("ships.txt", "Seven ships sank.\n\nNobody knows why."))
        expect(held).to_contain_text("2 documents, 3 passages.", timeout=20_000)
        row = page.locator("#documents li", has_text="ships.txt")
        row.hover()
        row.get_by_role("button", name="Remove ships.txt").click()
        expect(held).to_contain_text("1 document, 1 passage.")


def test_questions_asked_meanwhile_say_that_results_are_partial(
    browse: Callable[..., Page], harbours: str
) -> None:
    page = browse(harbours, viewport=WIDE)
    expect(page.locator("#documents .document").first).to_be_visible()
    before = page.locator("#documents .document").count()
    text = "\n\n".join(f"Line {n} of a long log about tides and moons." for n in range(4_000))
    with httpx.Client(base_url=harbours) as client:
        for n in range(6):
            client.put("/page/files", params={"name": f"logs/{n}.txt"}, content=text + str(n))
    ask(page, "Is the harbour deep?")
    expect(page.locator(".partial")).to_contain_text("results are partial")
    with httpx.Client(base_url=harbours) as client:
        client.post("/page/cancel", json={"file": None})
    page.reload()
    page.wait_for_selector("body.ready")
    expect(page.locator("#adding .cancelled").first).to_be_visible()
    expect(page.locator("#adding").get_by_role("button", name="Dismiss")).to_be_visible()
    # Some may have been read before they could be cancelled.
    before += page.locator("#adding .done", has_text="logs/").count()
    page.get_by_role("button", name="Dismiss").click()
    expect(page.locator("#adding li")).to_have_count(0)
    expect(page.locator("#documents .document")).to_have_count(before, timeout=20_000)


def test_files_stay_below_their_folder(harbours: str) -> None:
    with httpx.Client(base_url=harbours) as client:
        folder = client.put("/page/files", params={"name": "../../../etc/x.txt"}, content="Harm.")
        assert folder.json()["file"]
        for name in ("..", "", "\0", "a/\u202e.gif"):
            answer = client.put("/page/files", params={"name": name}, content="x").json()
            assert "file" not in answer
            assert answer["message"]
        drawn = client.get("/page/documents").json()
    assert "etc/x~" in drawn["adding"]
    assert "../" not in drawn["adding"]


def test_a_file_that_is_too_large_is_refused(
    browse: Callable[..., Page], harbours: str, tmp_path: Path
) -> None:
    page = browse(harbours, viewport=WIDE)
    page.evaluate("quoth.largest = 10")
    drop(page, ("large.txt", "More than ten bytes of text."))
    expect(page.locator("#adding .refused").first).to_contain_text("larger than")


def test_the_examples_give_way_to_the_first_document_added(
    browse: Callable[..., Page], tmp_path: Path
) -> None:
    with serving(tmp_path) as address:
        page = browse(address, viewport=WIDE)
        expect(page.locator("#documents .document")).to_have_count(2)
        expect(page.locator("#documents .remove")).to_have_count(0)
        drop(page, ("mine.txt", "My own harbour is deep."))
        expect(page.locator("#documents .document")).to_have_count(1, timeout=30_000)
        expect(page.locator("#documents")).to_contain_text("mine.txt")
        ask(page, "Is my own harbour deep?")
        assert text_of(page, ".quotes > blockquote") == "My own harbour is deep."
    assert (tmp_path / "quoth" / "library" / "files" / "mine.txt").is_file()
