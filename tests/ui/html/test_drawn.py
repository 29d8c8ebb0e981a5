"""Everything the page draws: a hostile value changes no element and no attribute, and is shown."""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path
from typing import get_args, get_type_hints

import pytest
from hostile_support import TEXTS

from rag.answers import (
    Answer,
    Citation,
    CitedPassage,
    Highlight,
    Missing,
    Quoted,
    Searched,
    State,
    UnknownLanguage,
    Why,
)
from rag.casework.records import (
    Case,
    CaseQuestion,
    CaseSummary,
    Condition,
    ConversationSummary,
    KeptQuote,
    Turn,
)
from rag.chat.followups import Followed
from rag.chat.suggestions import Topic
from rag.documents.outline import OutlineEntry
from rag.errors import QuestionError
from rag.listing.records import Mention, Mentions, TableRow
from rag.marking.marks import Mark
from rag.query.syntax import Search, pieces_of
from rag.text.html_escaping import Html
from ui.html import (
    adding,
    answers,
    elements,
    passages,
    sidebar,
    toolbar,
)
from ui.html.cases.conversations import conversation_list, forgotten_turn, title_field
from ui.html.cases.panel import cases_panel
from ui.html.cases.quotes import one_quote
from ui.html.document import CitedSpan, document_notice, document_page, document_text
from ui.html.lists import mention_list, question_list
from ui.html.marks import mark_bar
from ui.html.reader.outline import outline_list
from ui.html.translations import Wording, of_language
from ui.jobs.model_switch import SwitchStatus
from ui.jobs.upload_counts import UploadCounts
from ui.jobs.upload_states import State as UploadState, Upload
from ui.security import login
from vector_store.records import (
    Contents,
    Counts,
    Document,
    DocumentInfo,
    Paragraph,
    Passage,
    UnreadFile,
)

LEFT_TO_RIGHT, RIGHT_TO_LEFT = of_language("en"), of_language("ar")


class Read(HTMLParser):
    """What a parser makes of HTML: every tag with its attributes, and every text."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, list[tuple[str, str | None]]]] = []
        self.texts: list[str] = []
        self.feed(str(html))
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, attrs))
        self.texts.append("")

    def handle_endtag(self, tag: str) -> None:
        self.tags.append((f"/{tag}", []))
        self.texts.append("")

    def handle_data(self, data: str) -> None:
        self.texts[-1:] = [(self.texts or [""])[-1] + data]

    def handle_comment(self, data: str) -> None:
        raise AssertionError(f"a comment: {data}")

    def attributes(self) -> set[tuple[str, str]]:
        """Return each name of an attribute with that of its element."""
        return {(tag, name) for tag, attrs in self.tags for name, _ in attrs}


def passage(text: str, page: int | None, score: float) -> CitedPassage:
    """Return a quote in which all that comes from outside is `text`."""
    citation = Citation(
        id="id",
        number=1,
        document_id="0" * 24,
        document=text,
        title=text,
        page=page,
        paragraph=2,
        start=5,
        end=5 + len(text),
        sha256="0" * 64,
        path="/p",
        place=text,
    )
    return CitedPassage(
        text=text,
        score=score,
        citation=citation,
        headings=(text, text),
        highlights=(Highlight(0, len(text), "answer"), Highlight(0, len(text), "term")),
        why=Why(1, 0.5, None, None),
    )


def answered_questions(text: str, question: str) -> Iterator[Followed]:
    """Give a question in every state, in a strange language, with carried words and without."""
    searched = Searched(3, 9, 2)
    search = Search(question, question, pieces=pieces_of(question))
    missing = tuple(
        Missing(kind, text, where)
        for kind in get_args(get_type_hints(Missing)["kind"])
        for where in get_args(get_type_hints(Missing)["where"])
    )
    for state in get_args(State):
        carrying = Answer(
            question=question,
            answered=state != "not_found",
            state=state,
            missing=missing,
            confidence=0.9,
            passages=(passage(text, None, 0.9), passage(text, 3, 0.9), passage(text, None, 0.01)),
            searched=searched,
            carried=(text, text),
            unknown_language=UnknownLanguage("xx", text, "all-MiniLM-L6-v2"),
            suggestion=text,
            search=search,
        )
        alone = Answer(
            question=question,
            answered=True,
            state="answered",
            confidence=0.9,
            passages=(passage(text, 7, 0.9),),
            searched=searched,
            search=search,
        )
        yield Followed(carrying, alone)
        yield Followed(alone, carrying)


def contents(text: str, path: str) -> Contents:
    """Return a document of two paragraphs, with headings between them."""
    info = DocumentInfo(1, path, text, text, "0" * 64, 2)
    second = 2 * len(text) + 4
    page = 1 if path.endswith(".pdf") else None
    passages = (
        Passage(1, info, Paragraph(0, len(text), 1, page, place=text), text),
        Passage(2, info, Paragraph(second, second + len(text), 2, page, place=text), text),
    )
    whole = "\n\n".join([text] * 4)
    return Contents(Document(path, text, text, whole, "0" * 64), passages)


def readers(text: str, words: Wording) -> Iterator[Html]:
    """Give a document opened at a passage and at its beginning, one gone, and one changed."""
    for path in ("/p.txt", "/p.pdf"):
        document = contents(text, path)
        marks = (Highlight(0, len(text), "term"),)
        for cited in (
            None,
            CitedSpan(document.passages[1].paragraph.start, marks),
            CitedSpan(0, ()),
        ):
            yield document_page(document, cited, words)
        entries = [OutlineEntry(text, 9, 0, None, text), OutlineEntry("", 0, 0, 3, text)]
        yield outline_list(entries, words)
        yield document_text(document, CitedSpan(0, ()), words, near=0).html
    yield document_notice("", text, words)
    yield document_notice(text, words.say("changed"), words)


def shelves(text: str, words: Wording) -> Iterator[Html]:
    """Give the documents, those being added in every state, those not read, a failed change."""
    yield sidebar.library_notes(3, 2, "all-MiniLM-L6-v2", words)
    yield sidebar.unread_list([UnreadFile("/p", text, f"damaged ({text})")] * 201, words)
    yield mark_bar("0" * 24, Mark("relevant", (text,)), words)
    states = get_args(UploadState)
    added = [Upload(i, text, Path("x"), Path("y"), state, text) for i, state in enumerate(states)]
    finished = [file for file in added if not file.is_pending]
    yield adding.upload_list(added, UploadCounts(9, 7, 2, 1, 2, 1, 1, 1, 1), words, is_blocked=True)
    yield adding.upload_list(finished, UploadCounts(4, 4, 0, 0, 2, 1, 1, 0, 0), words)
    yield adding.switch_progress(SwitchStatus(1, 2, is_running=False, reason=text), words)
    yield adding.switch_progress(SwitchStatus(1, 2, is_running=True), words)


def lists(text: str, words: Wording) -> Iterator[Html]:
    """Give the list of mentions, with rows, and the table of questions, one refused."""
    cited = passage(text, 3, 0.9)
    mention = Mention(text, cited.citation, ((0, len(text)),), (text,), text, {}, None)
    above = replace(mention, spans=(), date="2024-05-31")
    found = Mentions(text, "document", (mention, above), 2, 1, True, Searched(3, 9, 2), None)
    yield mention_list.mention_list(text, words)
    yield mention_list.mention_rows(found, words)
    for row in (
        TableRow(text, "answered", 0.9, text, cited.citation, text, ""),
        TableRow(text, None, 0.0, "", None, "", text),
    ):
        yield question_list.question_row(row, words)


def cases(text: str, words: Wording) -> Iterator[Html]:
    """Give cases with quotes in every condition, a quote on its own, and conversations."""
    moment = datetime(2026, 1, 2, tzinfo=UTC)
    cited = passage(text, 3, 0.5)
    fields = {"from": text, "date": text}
    quote = Quoted(text, cited.citation, (text, text), text, fields)
    conditions = (
        Condition("unchanged", True, "0" * 24, "0" * 64, 5, 9),
        Condition("changed", True, "0" * 24, "0" * 64, 5, 9),
        Condition("changed", False, "0" * 24, "0" * 64),
        Condition("gone", False),
        None,
    )
    entries = tuple(
        KeptQuote(
            id=f"quote{number}",
            quote=quote,
            question=text,
            state="answered",
            created=moment,
            note=text,
            tags=(text, text),
            condition=condition,
        )
        for number, condition in enumerate(conditions)
    )
    question = CaseQuestion(question=text, state="not_found", created=moment)
    case = Case(id="a", name=text, note=text, created=moment, questions=(question,), quotes=entries)
    listed = [CaseSummary(id=id, name=text, created=moment, quotes=2_000) for id in "ab"]
    yield cases_panel(listed, case, 0, 3, words)
    yield cases_panel(listed, replace(case, quotes=entries * 100), 200, 0, words)
    yield cases_panel((), None, 0, 0, words)
    for entry in entries:
        yield one_quote(entry, listed[0], words)
    summary = ConversationSummary(id="a", title=text, created=moment, changed=moment, turns=1)
    yield conversation_list([summary], words)
    yield title_field(words)
    yield forgotten_turn(Turn(id="a", question=text, created=moment, answer=None), words)


def drawn(text: str, words: Wording) -> Iterator[Html]:
    """Give all that is drawn with a text in every place that comes from outside."""
    for followed in answered_questions(text, "harmless"):
        yield answers.question_and_answer(followed, 2, words)
    yield answers.welcome(Counts(1, 1, 1, 0), [text], words)
    yield answers.question_buttons([text])
    yield answers.suggested_questions([Topic(text, text)], words)
    yield answers.error_notice(text, words)
    yield from readers(text, words)
    yield from lists(text, words)
    yield from shelves(text, words)
    yield from cases(text, words)
    info = DocumentInfo(1, "/p", text, text, "0" * 64, 2)
    for page in (None, 3):
        yield passages.neighbouring_paragraph(
            Passage(1, info, Paragraph(0, 9, 2, page, place=text), text), words
        )
    yield elements.isolated(text, text)
    yield elements.icon_button(text, text, text, value=text)
    yield login._page(words, text)
    for key in ("page_image", "open", "remove", "about", "missing_words_documents"):
        fields = ("page", "name", "document", "phrase", "words")
        yield words.html(key, **dict.fromkeys(fields, text))


@pytest.mark.parametrize("words", [LEFT_TO_RIGHT, RIGHT_TO_LEFT], ids=["ltr", "rtl"])
@pytest.mark.parametrize("text", TEXTS)
def test_a_hostile_value_is_shown_and_changes_nothing_else(text: str, words: Wording) -> None:
    # Of the same length, as spans stand in attributes; and in the same folder.
    plain = re.sub("[^/]", "x", text)
    shown = text.replace("\0", "\ufffd").replace("\ud800", "\ufffd")
    forms = dict.fromkeys((json.dumps(text)[1:-1], shown, shown.lower()), plain)
    folder, cut, name = shown.rpartition("/")
    if cut:
        forms |= {folder: plain[: len(folder)], name: plain[len(folder) + 1 :]}

    def harmless(value: str | None) -> str | None:
        for form in sorted(filter(None, forms), key=len, reverse=True):
            value = value and value.replace(form, forms[form])
        return value

    everything = list(zip(drawn(text, words), drawn(plain, words), strict=True))
    assert len(everything) > 30
    for ours, expected in everything:
        assert isinstance(ours, Html)
        hostile, reference = Read(ours), Read(expected)
        assert not any("<" in (value or "") for _, attrs in reference.tags for _, value in attrs)
        assert all(re.fullmatch("[a-z-]+", name) for _, name in reference.attributes())
        assert [
            (tag, [(name, harmless(value)) for name, value in attrs]) for tag, attrs in hostile.tags
        ] == reference.tags
        assert [harmless(value) for value in hostile.texts] == reference.texts


@pytest.mark.parametrize("text", TEXTS)
def test_a_hostile_question_is_shown_with_chips_of_its_own(text: str) -> None:
    signs = '"a b" -cc document:d folder:e type:f'
    [reference, *_] = answered_questions("x", signs)
    [named, *_] = answered_questions("x", "Anna Keller")  # the mentions of a name are offered
    expected = Read(answers.question_and_answer(reference, 2, LEFT_TO_RIGHT))
    offering = Read(answers.question_and_answer(named, 2, LEFT_TO_RIGHT))
    assert ("button", "data-instead") in expected.attributes()
    for question in (text, f'"{text}" -{text} document:{text} folder:"{text}" type:{text}'):
        [followed, *_] = answered_questions("x", question)
        try:
            html = answers.question_and_answer(followed, 2, LEFT_TO_RIGHT)
        except QuestionError:  # as of a date that is none
            continue
        parsed = Read(html)
        assert parsed.attributes() <= expected.attributes() | offering.attributes()
        assert {tag for tag, _ in parsed.tags} <= {
            tag for tag, _ in (*expected.tags, *offering.tags)
        }
        shown = text.replace("\0", "\ufffd").replace("\ud800", "\ufffd")
        question_shown = dict(parsed.tags[0][1])["data-question"] or ""
        assert shown in question_shown


def test_the_page_s_own_parts_have_no_handler() -> None:
    for words in (LEFT_TO_RIGHT, RIGHT_TO_LEFT):
        for html in (
            toolbar.toolbar(words),
            toolbar.search_help(words),
            question_list.question_list(words),
            sidebar.sidebar(words, can_add=True),
        ):
            parsed = Read(html)
            assert not any(name.startswith("on") for _, name in parsed.attributes())
            assert "&" not in "".join(parsed.texts)
