"""The toolbar as HTML, and the search help."""

from rag.export.quotes import FORMATS
from rag.text.html_escaping import Html
from ui.html.elements import icon, icon_button
from ui.html.translations import Wording

_FORMAT_NAMES = {
    "markdown": "Markdown",
    "docx": "Word",
    "csv": "CSV",
    "bibtex": "BibTeX",
    "csl": "CSL",
    "json": "JSON",
}
_OPERATORS = (
    # shown, inserted by a click, key of its explanation
    ('"exact phrase"', '""', "help_phrase"),
    ("-word", "-", "help_without"),
    ("document:name", "document:", "help_document"),
    ("folder:name", "folder:", "help_folder"),
    ("type:md", "type:", "help_type"),
    ("from:name", "from:", "help_from"),
    ("author:name", "author:", "help_author"),
    ("status:unseen", "status:", "help_status"),
    ("tag:word", "tag:", "help_tag"),
    ("after:2024-05", "after:", "help_date"),
)


def toolbar(words: Wording) -> Html:
    """Return the bar at the top of the page, with the export menu."""
    formats = (
        Html('<button type="button" data-format="{}">{}</button>').format(name, _FORMAT_NAMES[name])
        for name in FORMATS
    )
    return Html(
        '{toggle}<h1 class="brand">Quoth</h1><span class="gap"></span>'
        '<button type="button" class="tool cases">{cases_icon}<span>{cases}</span></button>'
        '<button type="button" class="tool fresh">{new_icon}<span>{new}</span></button>'
        '<details class="menu export"><summary class="tool">{export_icon}<span>{export}</span>'
        '</summary><div class="panel"><fieldset><legend class="unseen">{export}</legend>'
        '<label><input type="radio" name="scope" value="conversation" checked> {conversation}'
        '</label><label><input type="radio" name="scope" value="kept" disabled> '
        '<span class="kept-count">{kept}</span></label></fieldset>'
        '<div class="formats">{formats}</div></div></details>'
    ).format(
        toggle=icon_button("toggle", words.say("show_documents"), "shelf", shelf=""),
        cases_icon=icon("keep"),
        cases=words.say("cases"),
        new_icon=icon("new"),
        new=words.say("new"),
        export_icon=icon("export"),
        export=words.say("export"),
        conversation=words.say("export_conversation"),
        kept=words.say("export_kept", name=words.say("case"), n=0),
        formats=Html().join(formats),
    )


def search_help(words: Wording) -> Html:
    """Return the help on search operators; a click inserts one into the question."""
    rows = (
        Html(
            '<li><button type="button" data-sign="{}" dir="ltr">{}</button><span>{}</span></li>'
        ).format(inserted, example, words.say(key))
        for example, inserted, key in _OPERATORS
    )
    return Html(
        '<div class="chips"></div><details class="menu help"><summary class="tool" '
        'aria-label="{label}" title="{label}">{icon}</summary>'
        '<div class="panel"><p>{intro}</p><ul>{rows}</ul>'
        '<button type="button" class="ask-list">{list}</button></div></details>'
    ).format(
        label=words.say("help"),
        icon=icon("help"),
        intro=words.say("help_words"),
        rows=Html().join(rows),
        list=words.say("ask_list"),
    )
