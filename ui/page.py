"""The chat page: a conversation, the documents beside it, and a reader that opens at a citation.

What happens on an event is here; how anything looks is in `ui.markup` and `page.css`; what the
browser does by itself is in `page.js`.
"""

import os

os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"  # Gradio reads it when imported

from collections.abc import Sequence
from functools import partial
from importlib.resources import files
from typing import Any

import gradio as gr

from rag.answers import Answer, CitedPassage
from rag.errors import QuothError
from rag.library import LONGEST_QUESTION, Library
from ui import markup

Answers = tuple[Answer, ...]

_CONVERSATION_JS = """
element.addEventListener('click', (event) => {
  const example = event.target.closest('[data-ask]');
  if (example) {
    quoth.pending(example.dataset.ask);
    trigger('ask', {question: example.dataset.ask});
  }
  const pill = event.target.closest('.citation');
  if (pill) {
    quoth.opener = pill;
    trigger('open', {turn: Number(pill.dataset.turn), number: Number(pill.dataset.number)});
  }
  const copy = event.target.closest('.copy');
  if (copy) quoth.copy(copy);
});
watch('value', () => quoth.showLatest(element));
"""
_DOCUMENTS_JS = """
element.addEventListener('click', (event) => {
  const button = event.target.closest('[data-document]');
  if (!button) return;
  quoth.opener = button;
  trigger('open', {document: button.dataset.document});
});
"""
_READER_JS = """
quoth.reader = {element, clear: () => { props.value = ''; }};
element.addEventListener('click', (event) => {
  if (event.target.closest('.close')) quoth.closeReader();
});
watch('value', () => quoth.showReader(element));
"""


def head() -> str:
    """Return the page's own style and script, for its head; nothing is fetched from elsewhere."""
    here = files("ui")
    style = (here / "page.css").read_text(encoding="utf-8")
    script = (here / "page.js").read_text(encoding="utf-8")
    return f"<style>{style}</style><script>{script}</script>"


def chat_page(library: Library, examples: Sequence[str]) -> gr.Blocks:
    """Build the page over an open library, offering example questions before the first."""
    html = partial(gr.HTML, apply_default_css=False, padding=False)
    answering = _Events(library)
    quietly: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}
    page = gr.Blocks(title="Quoth", fill_height=True, analytics_enabled=False)
    with page:
        answers = gr.State(())
        with gr.Sidebar(open=True, width=280, elem_id="documents"):
            documents = html("", js_on_load=_DOCUMENTS_JS)
        conversation = html("", elem_id="conversation", js_on_load=_CONVERSATION_JS)
        question = gr.Textbox(
            placeholder="Ask a question about your documents",
            label="Question",
            show_label=False,
            container=False,
            autofocus=True,
            max_length=LONGEST_QUESTION,
            submit_btn=True,
            elem_id="question",
        )
        reader = html("", elem_id="reader", js_on_load=_READER_JS)

        page.load(
            partial(_first_sight, library, examples), None, [documents, conversation], **quietly
        )
        shown = [conversation, answers, question]
        question.submit(None, question, None, js="(text) => quoth.pending(text)", **quietly)
        question.submit(answering.ask, [question, answers], shown, **quietly)
        conversation.ask(answering.ask_example, answers, shown, **quietly)
        conversation.open(answering.open_citation, answers, reader, **quietly)
        documents.open(answering.open_document, None, reader, **quietly)
    return page


def _first_sight(library: Library, examples: Sequence[str]) -> tuple[str, str]:
    status = library.status()
    return markup.document_list(status), markup.welcome(status, examples)


class _Events:
    """What the page does when something happens on it. What a browser sends is not trusted."""

    def __init__(self, library: Library) -> None:
        self._library = library

    def ask(self, text: str, answers: Answers) -> tuple[str, Answers, str]:
        """Answer a question below the earlier ones; on a refusal keep it in the box."""
        try:
            answers = (*answers, self._library.ask(text))
        except QuothError as error:
            return markup.conversation(answers) + markup.notice(str(error)), answers, text
        return markup.conversation(answers), answers, ""

    def ask_example(self, answers: Answers, event: gr.EventData) -> tuple[str, Answers, str]:
        """Ask the example question that was clicked."""
        return self.ask(str(event._data.get("question", "")), answers)

    def open_citation(self, answers: Answers, event: gr.EventData) -> str:
        """Show the cited document at the passage, unless it is no longer what was quoted."""
        cited = _cited(answers, event._data)
        name, path = cited.citation.document, cited.citation.path
        try:
            contents = self._library.contents(path)
        except KeyError:
            return markup.reader_notice(name, "This document has been removed.")
        quoted = contents.document.text[cited.citation.start : cited.citation.end]
        if quoted != cited.text:
            message = "This document has changed since. Ask again to see it as it is now."
            return markup.reader_notice(name, message)
        return markup.reader(contents, cited)

    def open_document(self, event: gr.EventData) -> str:
        """Show the document that was clicked in the list."""
        try:
            # Under a key named "path", Gradio would take the value for an uploaded file.
            return markup.reader(self._library.contents(str(event._data.get("document"))))
        except KeyError:
            return markup.reader_notice("", "This document has been removed.")


def _cited(answers: Answers, data: dict[str, Any]) -> CitedPassage:
    """Find the passage that a click names. Raises gr.Error when the page names none."""
    turn, number = data.get("turn"), data.get("number")
    if isinstance(turn, int) and isinstance(number, int) and 0 <= turn < len(answers):
        for passage in answers[turn].passages:
            if passage.citation.number == number:
                return passage
    raise gr.Error("That citation is no longer on the page. Ask again.")
