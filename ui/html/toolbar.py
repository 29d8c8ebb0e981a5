"""The page's own furniture as HTML: its bar, the export menu and the help for searching."""

from rag.export.quotes import FORMATS
from rag.text.html_escaping import Html
from ui.html.elements import icon, tool
from ui.html.translations import Wording

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


def bar(words: Wording) -> Html:
    """Return the bar at the top."""
    formats = (
        Html('<button type="button" data-format="{}">{}</button>').format(name, _FORMAT_NAMES[name])
        for name in FORMATS
    )
    return Html(
        '{toggle}<h1 class="brand">Quoth</h1><span class="gap"></span>'
        '<button type="button" class="tool fresh">{fresh}<span>{new}</span></button>'
        '<details class="menu export"><summary class="tool">{sign}<span>{export}</span></summary>'
        '<div class="panel"><fieldset><legend class="unseen">{export}</legend>'
        '<label><input type="radio" name="scope" value="conversation" checked> {conversation}'
        '</label><label><input type="radio" name="scope" value="kept"> <span class="kept-count">'
        '{kept}</span></label></fieldset><div class="formats">{formats}</div></div></details>'
    ).format(
        toggle=tool("toggle", words.say("show_documents"), "shelf", shelf=""),
        fresh=icon("new"),
        new=words.say("new"),
        sign=icon("export"),
        export=words.say("export"),
        conversation=words.say("export_conversation"),
        kept=words.say("export_kept", n=0),
        formats=Html().join(formats),
    )


def search_help(words: Wording) -> Html:
    """Return the help for what can be typed beside words; each sign is put in by a click."""
    rows = (
        Html(
            '<li><button type="button" data-sign="{}" dir="ltr">{}</button><span>{}</span></li>'
        ).format(sign, shown, words.say(key))
        for shown, sign, key in _SIGNS
    )
    return Html(
        '<div class="chips"></div><details class="menu help"><summary class="tool" '
        'aria-label="{label}" title="{label}">{icon}</summary>'
        '<div class="panel"><p>{intro}</p><ul>{rows}</ul></div></details>'
    ).format(
        label=words.say("help"),
        icon=icon("help"),
        intro=words.say("help_words"),
        rows=Html().join(rows),
    )
