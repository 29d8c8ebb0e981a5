"""The frame of the page, drawn by Gradio: areas for answers, documents and reader, and the box.

No Gradio event reaches the server. The question box hands its text to the page's own script
(`assets/`), which calls the routes of `ui.page` and inserts the HTML that they return.
"""

import os

os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"  # Gradio reads it when imported

from functools import partial

import gradio as gr

from rag.query.syntax import LONGEST_QUESTION
from rag.text.html_escaping import Html
from ui.page.head import asset


def chat_page() -> gr.Blocks:
    """Build the page's frame and its question box."""
    html = partial(gr.HTML, apply_default_css=False, padding=False)
    page = gr.Blocks(title="Quoth", fill_height=True, analytics_enabled=False)
    with page:
        html(asset("frame.html"), elem_id="frame")
        with gr.Column(elem_id="asking"):
            html(Html('<div class="chips"></div>'), elem_id="typed")
            question = gr.Textbox(
                placeholder=" ",
                label="Question",
                show_label=False,
                container=False,
                max_length=LONGEST_QUESTION,
                submit_btn=True,
                elem_id="question",
            )
        question.submit(
            None,
            question,
            question,
            js="(text) => window.quoth.submit(text)",
            api_visibility="private",
            show_progress="hidden",
        )
    return page
