"""Documents and questions as HTML: nothing is executed, nothing is lost."""

from html.parser import HTMLParser

import pytest
from hypothesis import given, strategies as st

from rag.answers import Answer, Citation, CitedPassage, Highlight, Searched, Why
from ui import markup
from vector_store.records import Contents, Document, DocumentInfo, Paragraph, Passage

HOSTILE = (
    '<script>alert(1)</script> ${alert(1)} {{value}} "><img src=x onerror=alert(1)> $$x$$ \r\n'
)


class Parsed(HTMLParser):
    """Collects the tags and the text of some HTML."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.text = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert not any(name.startswith("on") for name, _ in attrs)
        self.tags.append(tag)

    def handle_data(self, data: str) -> None:
        self.text += data


def cited(
    text: str, *highlights: Highlight, score: float = 0.9, name: str = "a.txt"
) -> CitedPassage:
    citation = Citation(1, name, name, None, 2, 5, 5 + len(text), "0" * 64, f"/docs/{name}")
    return CitedPassage(
        text, score, citation, ("Part " + HOSTILE,), highlights, Why(1, 0.5, None, None)
    )


def test_hostile_text_stays_text_everywhere() -> None:
    passage = cited(HOSTILE, Highlight(0, 8, "answer"), name=HOSTILE)
    answer = Answer(HOSTILE, True, 0.9, (passage,), Searched(1, 1, 0))
    parsed = Parsed(markup.conversation([answer]) + markup.notice(HOSTILE))
    assert not {"script", "img"} & set(parsed.tags)
    assert parsed.text.count("<script>alert(1)</script>") == 5
    declined = Parsed(
        markup.conversation([Answer(HOSTILE, False, 0, (passage,), Searched(1, 1, 2))])
    )
    assert not {"script", "img"} & set(declined.tags)
    assert "2 files could not be read" in declined.text


@given(
    text=st.text(st.characters(exclude_categories=["Cs"]), max_size=60),
    spans=st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)), max_size=5),
)
def test_a_marked_quote_reads_exactly_as_the_quote(text: str, spans: list[tuple[int, int]]) -> None:
    highlights = [
        Highlight(min(a, b), max(a, b), "term")
        for a, b in spans
        if min(a, b) < max(a, b) <= len(text)
    ]
    html = markup.marked(text, highlights)
    assert Parsed(html).text == text.replace("\0", "\N{REPLACEMENT CHARACTER}")
    assert "\r" not in html


def test_marks_are_where_the_highlights_are() -> None:
    highlights = [Highlight(0, 9, "answer"), Highlight(4, 6, "term")]
    assert markup.marked("The <b> & more", highlights) == (
        '<mark class="answer">The </mark><mark class="answer term">&lt;b</mark>'
        '<mark class="answer">&gt; &amp;</mark> more'
    )


def test_weak_matches_are_folded_and_declined_ones_labelled() -> None:
    strong, weak = cited("Strong one.", score=0.8), cited("Weak one.", score=0.05)
    html = markup.conversation([Answer("Q", True, 0.8, (strong, weak), Searched(3, 9, 0))])
    before, _, folded = html.partition("<details")
    assert "Strong one." in before
    assert "1 weaker match<" in folded
    assert "Weak one." in folded
    assert "<strong>1 passage</strong> from 1 document, quoted word for word" in before
    none = markup.conversation([Answer("Q", False, 0.05, (weak,), Searched(3, 9, 0))])
    before, _, folded = none.partition("<details")
    assert "Not in your documents." in before
    assert "Weak one." not in before
    assert "Nearest passages, which do not seem to answer" in folded


@pytest.mark.parametrize("gap", ["\n\n", "\n\nA HEADING\n\n"])
def test_the_reader_shows_the_whole_document_with_the_passage_marked(gap: str) -> None:
    one, two = "First paragraph.", "Second <one> here."
    text = f"{one}{gap}{two}\n\nTail: ---"
    start = text.index(two)
    info = DocumentInfo(1, "/docs/a.txt", "a.txt", "a", "0" * 64, 2)
    passages = (
        Passage(1, info, Paragraph(0, len(one), 1), one),
        Passage(2, info, Paragraph(start, start + len(two), 2), two),
    )
    citation = Citation(1, "a.txt", "a", None, 2, start, start + len(two), "0" * 64, "/docs/a.txt")
    shown = CitedPassage(two, 0.9, citation, (), (Highlight(0, 6, "term"),), Why(1, 1, 1, 1))
    html = markup.reader(
        Contents(Document("/docs/a.txt", "a.txt", "a", text, "0" * 64), passages), shown
    )
    assert html.count('class="paragraph cited" data-paragraph="2"') == 1
    assert '<mark class="term">Second</mark> &lt;one&gt; here.' in html
    shown_text = "".join(Parsed(html).text.split())
    assert shown_text.endswith("".join(text.split()))


def test_a_very_long_document_is_shown_around_the_passage() -> None:
    words = "x" * 50_000
    info = DocumentInfo(1, "/d", "d", "d", "0", 20)
    passages = tuple(
        Passage(n, info, Paragraph(n * 50_001, n * 50_001 + 50_000, n + 1), words)
        for n in range(20)
    )
    text = "\n".join([words] * 20)
    citation = Citation(1, "d", "d", None, 11, 500_010, 550_010, "0", "/d")
    shown = CitedPassage(words, 0.9, citation, (), (), Why(1, 1, 1, 1))
    html = markup.reader(Contents(Document("/d", "d", "d", text, "0"), passages), shown)
    assert "paragraphs 10 to 12 of 20" in html
    assert 'class="paragraph cited" data-paragraph="11"' in html
    assert len(html) < 300_000
