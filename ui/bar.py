"""The page's own furniture as HTML: its bar, the export menu and the help for searching."""

from rag.exporting import FORMATS
from ui.markup import escape, icon, tool
from ui.wording import Wording

_FORMAT_NAMES = {
    "markdown": "Markdown",
    "docx": "Word",
    "csv": "CSV",
    "bibtex": "BibTeX",
    "csl": "CSL",
    "json": "JSON",
}
_SIGNS = (
    ('"exact phrase"', '""', "help_phrase"),
    ("-word", "-", "help_without"),
    ("document:name", "document:", "help_document"),
    ("folder:name", "folder:", "help_folder"),
    ("type:md", "type:", "help_type"),
    ("after:2024-05", "after:", "help_date"),
)


def bar(words: Wording) -> str:
    """Return the bar at the top."""
    formats = "".join(
        f'<button type="button" data-format="{name}">{escape(_FORMAT_NAMES[name])}</button>'
        for name in FORMATS
    )
    return (
        f"{tool('toggle', words.say('show_documents'), 'shelf', shelf='')}"
        '<h1 class="brand">Quoth</h1><span class="gap"></span>'
        f'<button type="button" class="tool fresh">{icon("new")}'
        f"<span>{words.html('new')}</span></button>"
        f'<details class="menu export"><summary class="tool">{icon("export")}'
        f'<span>{words.html("export")}</span></summary><div class="panel"><fieldset>'
        f'<legend class="unseen">{words.html("export")}</legend>'
        '<label><input type="radio" name="scope" value="conversation" checked> '
        f"{words.html('export_conversation')}</label>"
        '<label><input type="radio" name="scope" value="kept"> <span class="kept-count">'
        f"{words.html('export_kept', n=0)}</span></label></fieldset>"
        f'<div class="formats">{formats}</div></div></details>'
    )


def search_help(words: Wording) -> str:
    """Return the help for what can be typed beside words; each sign is put in by a click."""
    rows = "".join(
        f'<li><button type="button" data-sign="{escape(sign)}" dir="ltr">{escape(shown)}</button>'
        f"<span>{words.html(key)}</span></li>"
        for shown, sign, key in _SIGNS
    )
    label = words.html("help")
    return (
        f'<div class="chips"></div><details class="menu help"><summary class="tool" '
        f'aria-label="{label}" title="{label}">{icon("help")}</summary>'
        f'<div class="panel"><p>{words.html("help_words")}</p><ul>{rows}</ul></div></details>'
    )
