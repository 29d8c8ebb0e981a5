"""Documents and questions as HTML: nothing is executed, nothing is lost."""

from html.parser import HTMLParser
from pathlib import Path

import pytest
from answers_support import answer_in
from hypothesis import given, strategies as st
from tests_support import write_files

from rag import Library
from rag.answers import Answer, Citation, CitedPassage, Highlight, Missing, State, Why
from rag.chat.followups import Followed
from rag.chat.suggestions import Topic
from rag.ids import document_id
from rag.query.scope import Searched
from rag.query.syntax import Search, pieces_of
from ui.html import adding, answers, elements, passages
from ui.html.document import CitedSpan, document_notice, document_page
from ui.html.translations import LANGUAGES, of_language
from ui.jobs.upload_counts import UploadCounts
from ui.jobs.upload_states import Upload
from vector_store.records import Contents, Document, DocumentInfo, Paragraph, Passage

HOSTILE = (
    '<script>alert(1)</script> ${alert(1)} {{value}} "><img src=x onerror=alert(1)> $$x$$ \r\n'
)
WORDS = of_language("en")


class Parsed(HTMLParser):
    """Collects the tags and the text of some HTML."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.text = ""
        self.feed(str(html))
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert not any(name.startswith("on") for name, _ in attrs)
        self.tags.append(tag)

    def handle_data(self, data: str) -> None:
        self.text += data


def cited(
    text: str, *highlights: Highlight, score: float = 0.9, name: str = "a.txt"
) -> CitedPassage:
    path = f"/docs/{name}"
    citation = Citation(
        id="id",
        number=1,
        document_id=document_id(path),
        document=name,
        title=name,
        page=None,
        paragraph=2,
        start=5,
        end=5 + len(text),
        sha256="0" * 64,
        path=path,
    )
    return CitedPassage(
        text=text,
        score=score,
        citation=citation,
        headings=("Part " + HOSTILE,),
        highlights=highlights,
        why=Why(1, 0.5, None, None),
    )


def answer_of(
    question: str,
    *passages: CitedPassage,
    state: State,
    searched: Searched,
    missing: tuple[Missing, ...] = (),
    carried: tuple[str, ...] = (),
) -> Answer:
    return Answer(
        question=question,
        answered=state != "not_found",
        state=state,
        missing=missing,
        confidence=passages[0].score,
        passages=passages,
        searched=searched,
        carried=carried,
        search=Search(question, question, pieces=pieces_of(question)),
    )


def turn(answer: Answer, other: Answer | None = None, waiting: int = 0) -> str:
    return answers.question_and_answer(Followed(answer, other), waiting, WORDS)


@pytest.mark.parametrize("language", LANGUAGES)
def test_hostile_text_stays_text_everywhere(language: str) -> None:
    words = of_language(language)
    passage = cited(HOSTILE, Highlight(0, 8, "answer"), name=HOSTILE)
    searched = Searched(1, 1, 0)
    answer = answer_of(HOSTILE, passage, state="answered", searched=searched, carried=(HOSTILE,))
    typed = f'"{HOSTILE}" -{HOSTILE} document:{HOSTILE}'
    missing = (Missing("identifier", HOSTILE, "documents"), Missing("words", HOSTILE, "passages"))
    none = answer_of(typed, passage, state="not_found", searched=Searched(1, 1, 2), missing=missing)
    added = [
        Upload(1, HOSTILE, Path("x"), Path("x.part"), "refused", HOSTILE),
        Upload(2, HOSTILE, Path("y"), Path("y.part"), "done"),
    ]
    info = DocumentInfo(1, HOSTILE, HOSTILE, HOSTILE, "0", 1)
    beside = Passage(1, info, Paragraph(0, 9, 2, place=HOSTILE), HOSTILE)
    html = (
        answers.question_and_answer(Followed(answer, none), 3, words)
        + answers.question_and_answer(Followed(none, answer), 0, words)
        + answers.suggested_questions([Topic(HOSTILE, HOSTILE)], words)
        + answers.query_chips(typed, words)
        + answers.error_notice(HOSTILE, words)
        + adding.upload_list(added, UploadCounts(2, 2, 0, 0, 1, 1, 0, 0, 0), words)
        + passages.neighbouring_paragraph(beside, words)
        + document_notice(HOSTILE, HOSTILE, words)
    )
    parsed = Parsed(html)
    assert not {"script", "img"} & set(parsed.tags)
    assert parsed.text.count("<script>alert(1)</script>") >= 17
    assert "/docs/" not in html


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
    html = elements.highlighted(text, highlights)
    assert Parsed(html).text == text.replace("\0", "\N{REPLACEMENT CHARACTER}")
    assert "\r" not in html


def test_marks_are_where_the_highlights_are() -> None:
    highlights = [Highlight(0, 9, "answer"), Highlight(4, 6, "term")]
    assert elements.highlighted("The <b> & more", highlights) == (
        '<mark class="answer">The </mark><mark class="answer term">&lt;b</mark>'
        '<mark class="answer">&gt; &amp;</mark> more'
    )


def test_the_marks_a_browser_sends_are_checked() -> None:
    assert passages.parse_highlights("0-9a 4-6t", 14) == (
        Highlight(0, 9, "answer"),
        Highlight(4, 6, "term"),
    )
    assert passages.parse_highlights("9-4a 0-99t x-1a 1-2z - ٣-٤a 5a --t", 14) == ()


def test_weak_matches_are_folded_and_declined_ones_labelled() -> None:
    strong, weak = cited("Strong one.", score=0.8), cited("Weak one.", score=0.05)
    html = turn(answer_of("Q", strong, weak, state="answered", searched=Searched(3, 9, 0)))
    before, _, folded = html.partition("<details")
    assert "Strong one." in before
    assert "1 weaker match<" in folded
    assert "Weak one." in folded
    assert (
        '<span class="state answered">Answered</span> <strong>1 passage</strong> from 1 document, '
        "quoted word for word"
    ) in before
    assert 'title="Estimated probability that this passage answers the question">likely (80%)' in (
        before
    )
    assert ">unlikely (5%)</span>" in folded
    declined = answer_of("Q", weak, state="not_found", searched=Searched(3, 9, 2))
    none = turn(declined, waiting=4)
    before, _, folded = none.partition("<details")
    assert (
        '<span class="state not_found">Not found in your documents</span> '
        "Searched 9 passages of 3 documents (2 files could not be read)</p>"
    ) in before
    assert "4 files are still being read: results are partial" in before
    assert "Weak one." not in before
    assert "Nearest passages, which do not seem to answer" in folded


def test_what_may_answer_is_open_and_what_it_lacks_comes_first() -> None:
    passages = cited("Perhaps.", score=0.45), cited("Hardly.", score=0.02)
    missing = (Missing("answer_type", "date", "passages"),)
    html = turn(
        answer_of("Q", *passages, state="may_answer", searched=Searched(3, 9, 0), missing=missing)
    )
    assert 'data-answered="true" data-state="may_answer"' in html
    assert '<span class="state may_answer">May answer: read it</span>' in html
    lacking, _, cards = html.partition('<div class="strong">')
    assert "<li>None of the nearest passages holds a date.</li>" in lacking
    shown, _, folded = cards.partition("<details")
    assert "possible (45%)" in shown
    assert "Hardly." not in shown
    assert folded.index("1 weaker match<") < folded.index("Hardly.") < folded.index("unlikely (2%)")


@pytest.mark.parametrize("state", ["answered", "may_answer", "not_found"])
def test_one_can_say_that_nothing_answers_where_that_is_said_of_the_question(state: State) -> None:
    passage, button = cited("Boats.", score=0.4), ">Nothing in the documents answers this</span>"
    searched = Searched(3, 9, 0)
    assert turn(answer_of("Q", passage, state=state, searched=searched)).count(button) == 1
    carried = answer_of("Q", passage, state=state, searched=searched, carried=("sea",))
    phrase = answer_in(state, passage, question='"Q"')
    assert button not in turn(carried) + turn(phrase)


def test_a_passage_that_holds_the_phrase_has_no_percentage() -> None:
    passages = cited("Blue boats.", score=0.9), cited("More blue boats.", score=0.01)
    html = turn(answer_in("answered", *passages, question='"blue boats"'))
    assert html.count('<span class="score">holds your words</span>') == 2
    assert "%" not in html
    assert "<details" not in html


@pytest.mark.parametrize("gap", ["\n\n", "\n\nA HEADING\n\n"])
def test_the_reader_shows_the_whole_document_with_the_passage_marked(gap: str) -> None:
    one, two = "First paragraph.", "Second <one> here."
    text = f"{one}{gap}{two}\n\nTail: ---"
    start = text.index(two)
    info = DocumentInfo(1, "/docs/a.txt", "a.txt", "a", "0" * 64, 2)
    passages = (
        Passage(1, info, Paragraph(0, len(one), 1, 1), one),
        Passage(2, info, Paragraph(start, start + len(two), 2, 2), two),
    )
    document = Document("/docs/a.txt", "a.txt", "a", text, "0" * 64)
    html = document_page(
        Contents(document, passages), CitedSpan(start, (Highlight(0, 6, "term"),)), WORDS
    )
    assert html.count('class="paragraph cited" data-paragraph="2"') == 1
    assert '<mark class="term">Second</mark> &lt;one&gt; here.' in html
    assert html.index(">page 1<") < html.index(">page 2<") < html.index("Second")
    shown_text = "".join(Parsed(html.replace("page 1", "").replace("page 2", "")).text.split())
    assert shown_text.endswith("".join(text.split()))


def test_a_very_long_document_is_shown_around_the_passage() -> None:
    words = "x" * 50_000
    info = DocumentInfo(1, "/d", "d", "d", "0", 20)
    passages = tuple(
        Passage(n, info, Paragraph(n * 50_001, n * 50_001 + 50_000, n + 1), words)
        for n in range(20)
    )
    text = "\n".join([words] * 20)
    contents = Contents(Document("/d", "d", "d", text, "0"), passages)
    html = document_page(contents, CitedSpan(500_010, ()), WORDS)
    assert "paragraphs 10 to 12 of 20" in html
    assert 'class="paragraph cited" data-paragraph="11"' in html
    assert len(html) < 300_000


MAIL = (
    "From: Anna <anna@river.example>\nDate: Tue, 05 Mar 2019 10:12:00 +0100\nSubject: Boats\n\n"
    "The harbour is deep.\n"
)


def test_a_quote_of_a_mail_stands_under_its_fields(library: Library, tmp_path: Path) -> None:
    library.add(write_files(tmp_path / "docs", {"a.eml": MAIL}))
    [passage] = library.ask("How deep is the harbour?").passages
    assert passage.lines_above == (
        "From: Anna <anna@river.example>", "Date: 2019-03-05T10:12:00+01:00", "Subject: Boats",
    )  # fmt: skip
    card = passages.passage_card(passage, WORDS)
    assert '<dt>From</dt><dd dir="auto">Anna &lt;anna@river.example&gt;</dd>' in card
    assert '<dd dir="auto">2019-03-05 10:12 +01:00</dd>' in card
    assert "<dt>Subject</dt>" not in card  # it is the heading
    assert 'data-above="From: Anna &lt;anna@river.example&gt;\nDate:' in card


def test_a_quote_of_a_row_stands_under_the_names_of_its_columns(
    library: Library, tmp_path: Path
) -> None:
    rows = "".join(f"Quay {n},{n} metres\n" for n in range(40))
    library.add(write_files(tmp_path / "docs", {"a.csv": f"Name,Depth\n{rows}"}))
    passage = library.ask('"Quay 7"').passages[0]
    assert (passage.text, passage.columns) == ("Quay 7,7 metres", "Name | Depth")
    card = passages.passage_card(passage, WORDS)
    assert card.index('title="Columns">Name | Depth</p>') < card.index("<blockquote")


@pytest.mark.parametrize(
    ("page", "place", "shown"),
    [
        (3, "", "page 3"),
        (3, "page 3", "page 3"),
        (3, "page 3, numbered iii", "page 3<bdi>, numbered iii</bdi>"),
        (3, "pages 3–4", "<bdi>pages 3–4</bdi>"),
        (None, "slide 4, hidden", "<bdi>slide 4, hidden</bdi>"),
        (None, "", ""),
    ],
)
def test_a_page_is_named_with_all_that_its_place_says(
    page: int | None, place: str, shown: str
) -> None:
    assert passages.page_or_place(page, place, WORDS) == shown
