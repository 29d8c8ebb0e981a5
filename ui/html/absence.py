"""An answer that was not found as HTML: what is missing, and the buttons that save a report."""

from collections.abc import Sequence

from rag.answers import Answer, Missing
from rag.text.html_escaping import Html
from ui.html.elements import isolated
from ui.html.translations import Wording

_FORMATS = {"markdown": "Markdown", "docx": "Word"}


def absence(answer: Answer, words: Wording) -> Html:
    """Return what is missing, a place for other questions, and the buttons for a report."""
    return Html(
        '<div class="none">{missing}<div class="reports" role="group" aria-label="{save}">'
        '<span aria-hidden="true">{save}</span>{buttons}'
        '<button type="button" class="keep-absence">{keep}</button></div>'
        '<div class="offers" aria-live="polite"></div></div>'
    ).format(
        missing=missing_list(answer.missing, words),
        save=words.say("save_report"),
        keep=words.say("case_keep_absence"),
        buttons=Html().join(
            Html('<button type="button" data-report="{}">{}</button>').format(format, name)
            for format, name in _FORMATS.items()
        ),
    )


def missing_list(missing: Sequence[Missing], words: Wording) -> Html:
    """Return what a question needs and the documents lack as a list; empty if nothing is known."""
    if not missing:
        return Html()
    items = (Html("<li>{}</li>").format(line) for line in _lines(missing, words))
    return Html('<ul class="missing">{}</ul>').format(Html().join(items))


def _lines(missing: Sequence[Missing], words: Wording) -> list[Html]:
    """Return a line for each thing that is missing; words that stand nowhere share a line."""
    lines = []
    for where in ("documents", "passages"):
        lacking = [one for one in missing if one.where == where]
        for one in lacking:
            if one.kind == "identifier":
                lines.append(words.html(f"missing_identifier_{where}", text=isolated(one.text)))
            elif one.kind == "answer_type":
                kind = _kind_of_answer(one.text, words)
                lines.append(words.html(f"missing_answer_type_{where}", kind=kind))
        texts = [isolated(one.text) for one in lacking if one.kind == "words"]
        if texts:
            listed = Html("\N{NO-BREAK SPACE}· ").join(texts)  # no line begins with the dot
            lines.append(words.html(f"missing_words_{where}", words=listed))
    return lines


def _kind_of_answer(kind: str, words: Wording) -> Html:
    key = f"kind_{kind}".replace(" ", "_")
    return words.html(key) if key in words.table else isolated(kind)
