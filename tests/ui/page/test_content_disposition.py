"""The names of files that are sent, in ASCII and as they are."""

import pytest

from ui.page.content_disposition import attachment, displayed


@pytest.mark.parametrize(
    ("name", "plain", "encoded"),
    [
        ("a b.pdf", "a b.pdf", "a%20b.pdf"),
        ("Café №3.pdf", "Cafe No3.pdf", "Caf%C3%A9%20%E2%84%963.pdf"),
        ("دليل.txt", ".txt", "%D8%AF%D9%84%D9%8A%D9%84.txt"),
        ('a"; x=\\ 50%.md', "a_; x=_ 50_.md", "a%22%3B%20x%3D_%2050%25.md"),
        ("a\r\nSet-Cookie: x/y", "a__Set-Cookie: x_y", "a__Set-Cookie%3A%20x_y"),
        ("a\ud800.txt", "a_.txt", "a_.txt"),
    ],
)
def test_names_are_given_twice(name: str, plain: str, encoded: str) -> None:
    value = f"filename=\"{plain}\"; filename*=UTF-8''{encoded}"
    assert attachment(name) == {"content-disposition": f"attachment; {value}"}
    assert displayed(name) == {"content-disposition": f"inline; {value}"}
