"""The tools of the reader: views, search, outline, and the original; and the view of pages."""

from pathlib import Path

from rag.ids import document_id
from rag.text.html_escaping import Html
from ui.html.elements import icon, icon_button
from ui.html.translations import Wording
from vector_store.records import Document

_OF_FILES = frozenset({".zip", ".eml", ".msg"})
"""Files that hold other files, whose text is part of the document."""


def tools(document: Document, words: Wording, *, has_pages: bool) -> Html:
    """Return the row of tools below the reader's head."""
    return Html(
        '<div class="reader-tools">{views}<div class="finder" role="search">'
        '<input type="search" maxlength="200" aria-label="{find}" placeholder="{find}">'
        '<span class="matches" role="status"></span>{previous}{next}</div>{outline}{original}</div>'
    ).format(
        views=_views(words) if has_pages else "",
        find=words.say("find_in_document"),
        previous=icon_button("match", words.say("previous_match"), "before", step=-1),
        next=icon_button("match", words.say("next_match"), "after", step=1),
        outline=_outline_button(words),
        original=_original_menu(document, words, has_pages=has_pages),
    )


def page_view(words: Wording) -> Html:
    """Return the view of pages, which the script fills."""
    return Html(
        '<section class="page-view" aria-label="{view}"><div class="pager">{previous}'
        '<input class="page-number" inputmode="numeric" size="4" aria-label="{number}">'
        '<span class="of"></span>{next}<span class="gap"></span>'
        '<button type="button" class="tool zoom" dir="ltr" aria-pressed="false" title="{zoom}" '
        'aria-label="{zoom}">100 %</button></div>'
        '<div class="paper" tabindex="0" role="region" aria-label="{picture}">'
        '<div class="leaf"><img class="sheet" alt=""></div>'
        '<p class="notice" role="alert" hidden></p></div></section>'
    ).format(
        view=words.say("view_page"),
        previous=icon_button("flip", words.say("previous_page"), "left", step=-1),
        number=words.say("page_number"),
        next=icon_button("flip", words.say("next_page"), "right", step=1),
        zoom=words.say("zoom"),
        picture=words.say("page_picture"),
    )


def _views(words: Wording) -> Html:
    button = Html('<button type="button" data-view="{}" aria-pressed="false">{}</button>')
    labels = {"page": "view_page", "text": "view_text", "both": "view_both"}
    buttons = (button.format(view, words.say(label)) for view, label in labels.items())
    return Html('<div class="views" role="group" aria-label="{}">{}</div>').format(
        words.say("views"), Html().join(buttons)
    )


def _outline_button(words: Wording) -> Html:
    return Html(
        '<button type="button" class="tool outlined" aria-expanded="false" aria-label="{label}" '
        'title="{label}">{icon}</button>'
    ).format(label=words.say("outline"), icon=icon("outline"))


def _original_menu(document: Document, words: Wording, *, has_pages: bool) -> Html:
    """Return the links to the document's file, which the script addresses."""
    source = f"page/original?key={document_id(document.path)}&sha256={document.sha256}"
    link = Html('<a target="_blank" rel="noopener" data-source="{}">{}</a>')
    holds_files = Path(document.path).suffix.lower() in _OF_FILES
    return Html(
        '<details class="menu original"><summary class="tool" aria-label="{label}" '
        'title="{label}">{icon}</summary><div class="panel">{open}{download}{picture}{hint}</div>'
        "</details>"
    ).format(
        label=words.say("original"),
        icon=icon("file"),
        open=link.format(f"{source}&inline=true", words.say("open_original")) if has_pages else "",
        download=link.format(source, words.say("download_original")),
        picture=Html('<a class="save-picture" target="_blank" rel="noopener">{}</a>').format(
            words.say("save_picture")
        )
        if has_pages
        else "",
        hint=Html('<p class="hint">{}</p>').format(words.say("original_whole"))
        if holds_files
        else "",
    )
