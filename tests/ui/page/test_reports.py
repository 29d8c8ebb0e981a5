"""Reports that nothing was found: asked for by the page, searched for again by the server."""

import io
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from api_support import application
from docx import Document
from page_support import WIDE, ask
from playwright.sync_api import Page
from starlette.testclient import TestClient

from ui.app_state import AppState

Visit = Callable[..., Page]
UNANSWERED = "How do I reset my router password?"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[TestClient, AppState]]:
    with application(tmp_path_factory.mktemp("reports"), with_gradio=False) as made:
        yield made


def test_a_report_is_made_of_the_question_and_its_carried_words(
    served: tuple[TestClient, AppState],
) -> None:
    client, _ = served
    request = {"format": "markdown", "question": "Where is Zanzibar?", "carry": ["gate"]}
    response = client.post("/page/report", json=request)
    assert response.status_code == 200
    assert response.headers["content-disposition"] == 'attachment; filename="report.md"'
    assert response.text.startswith(
        "# Not found in the documents\n\nQuestion:\n\n> Where is Zanzibar?\n"
    )
    assert "- Words of the previous question: gate\n" in response.text
    word = client.post("/page/report", json={**request, "format": "docx"})
    assert word.headers["content-disposition"] == 'attachment; filename="report.docx"'
    made = Document(io.BytesIO(word.content))
    assert made.paragraphs[2].text == "Where is Zanzibar?"


def test_there_is_no_report_of_what_answers(served: tuple[TestClient, AppState]) -> None:
    client, state = served
    request = {"format": "docx", "question": '"Pears are green"'}
    response = client.post("/page/report", json=request)
    assert response.status_code == 409
    assert "There is no absence to report" in response.json()["detail"]
    assert client.post("/page/report", json={**request, "format": "csv"}).status_code == 422
    state.questions.inside += 1_000
    try:
        assert client.post("/page/report", json=request).status_code == 503
    finally:
        state.questions.inside -= 1_000


def test_an_export_says_what_state_each_answer_has(served: tuple[TestClient, AppState]) -> None:
    client, _ = served
    questions = [{"question": "Q", "state": "not_found"}, {"question": "R"}]
    exported = client.post("/page/export", json={"format": "json", "questions": questions}).json()
    assert [one["state"] for one in exported] == ["not_found", None]
    forged = {"format": "json", "questions": [{"question": "Q", "state": "certain"}]}
    assert client.post("/page/export", json=forged).status_code == 422


@pytest.mark.slow
@pytest.mark.browser
def test_a_refusal_is_saved_as_a_report(
    visit: Visit, accessible: Callable[[Page], None], tmp_path: Path
) -> None:
    page = visit(viewport=WIDE)
    ask(page, UNANSWERED)
    accessible(page)
    reports = page.get_by_role("group", name="Save as report")
    with page.expect_download() as download:
        reports.get_by_role("button", name="Markdown").click()
    assert download.value.suggested_filename == "report.md"
    download.value.save_as(tmp_path / "report.md")
    text = (tmp_path / "report.md").read_text(encoding="utf-8")
    assert f"> {UNANSWERED}\n" in text
    assert "- Searched: 19 passages of 2 documents\n" in text
    with page.expect_download() as download:
        reports.get_by_role("button", name="Word").click()
    download.value.save_as(tmp_path / "report.docx")
    assert Document(tmp_path / "report.docx").paragraphs[2].text == UNANSWERED
