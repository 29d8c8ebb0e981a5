"""Files that are added in a real browser, counted from the choice to the end."""

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from api_support import serving_here
from page_support import WIDE
from playwright.sync_api import Page, expect
from tests_support import write_files

from vector_store.local import LocalStore

pytestmark = pytest.mark.browser

Browse = Callable[..., Page]

DROP = """(files) => {
  const transfer = new DataTransfer();
  for (const [name, text] of files) transfer.items.add(new File([text], name));
  document.body.dispatchEvent(
    new DragEvent('drop', {dataTransfer: transfer, bubbles: true, cancelable: true}));
}"""
WOULD_ASK = """() => {
  const leaving = new Event('beforeunload', {cancelable: true});
  window.dispatchEvent(leaving);
  return leaving.defaultPrevented;
}"""


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """Serve a library to one test, which takes it before `browse`: the page is closed first."""
    docs = write_files(tmp_path / "docs", {"first.txt": "The old harbour of Basra is deep."})
    with serving_here(tmp_path / "library", docs) as address:
        yield address, tmp_path / "library"


def expect_counts(page: Page, **counts: int) -> None:
    """Wait until the page shows these counts and no other."""
    shown = {f"count_{name}": str(number) for name, number in counts.items()}
    expect(page.locator("#adding .counts > div")).to_have_count(len(shown))
    for kind, number in shown.items():
        expect(page.locator(f"#adding .{kind} dd")).to_have_text(number)


def test_what_is_chosen_is_counted_to_the_end(
    served: tuple[str, Path], browse: Browse, accessible: Callable[[Page], None]
) -> None:
    address, library = served
    page = browse(address, viewport=WIDE)
    assert not page.evaluate(WOULD_ASK)
    with closing(LocalStore(library)) as store:
        with store.writer():  # as another process does
            files = [["note.txt", "Seven ships sank."], ["note.txt", "No ship ever sank here."]]
            page.evaluate(DROP, [*files, ["same.md", "Alike."], ["a.gif", "GIF"]])
            expect_counts(page, chosen=4, waiting=3, read=0, refused=1)
            expect(page.locator("#adding .blocked")).to_contain_text("another program")
            accessible(page)
            page.reload()  # the server has them all
            page.wait_for_selector("body.ready")
            expect_counts(page, chosen=4, waiting=3, read=0, refused=1)
            gif = page.locator("#adding .refused", has_text="a.gif")
            expect(gif).to_contain_text("files of type .gif")
        expect_counts(page, chosen=4, read=3, refused=1)
    expect(page.locator("#adding .finished")).to_be_visible()
    expect(page.locator("#adding .blocked")).to_have_count(0)
    names = page.locator("#documents .document .name")
    expect(names).to_have_count(4)
    files = library / "files"
    assert (files / "note.txt").read_text(encoding="utf-8") == "Seven ships sank."
    assert (files / "note (2).txt").read_text(encoding="utf-8") == "No ship ever sank here."
    page.get_by_role("button", name="Dismiss", exact=True).click()
    expect(page.locator("#adding .counts")).to_have_count(0)


def test_files_that_are_cancelled_or_left_behind_are_counted(
    served: tuple[str, Path], browse: Browse
) -> None:
    page = browse(served[0], viewport=WIDE)
    page.route("**/page/files?*", lambda route: None)  # none of them arrives
    page.evaluate(DROP, [[f"{n}.txt", f"Text {n}."] for n in range(5)])
    expect_counts(page, chosen=5, sent=0, read=0)
    assert page.evaluate(WOULD_ASK)
    page.locator("#adding .sending button").first.click()
    expect_counts(page, chosen=5, sent=0, read=0, cancelled=1)
    page.evaluate("stop => window.dispatchEvent(new Event('pagehide'))")  # as on leaving
    expect_counts(page, chosen=5, read=0, cancelled=1, unsent=4)
    expect(page.locator("#adding .unsent")).to_contain_text("Choose them again")
    page.unroute("**/page/files?*")
    page.evaluate("window.stop()")
