"""The sidebar as HTML: documents, and earlier conversations."""

from collections.abc import Sequence

from rag.documents.status import unknown_languages
from rag.ids import document_id
from rag.text.html_escaping import Html
from ui.html.elements import icon, icon_button, isolated, reason, switch_model_button
from ui.html.translations import Wording
from vector_store.records import DocumentInfo, UnreadFile

_MOST_LISTED = 200


def sidebar(words: Wording, *, can_add: bool) -> Html:
    """Return the sidebar with empty lists; the script fills in those drawn below."""
    return Html(
        '<h2>{documents}</h2>{add_buttons}<div id="adding" aria-live="polite"></div>'
        '<input type="search" id="find" aria-label="{find}" placeholder="{find}">'
        '<div id="documents"></div>'
        '<details id="history"><summary>{history}</summary><ul></ul>'
        '<p class="hint">{history_note} · <button type="button" class="forget-all">'
        "{forget_all}</button></p></details>"
    ).format(
        documents=words.say("documents"),
        add_buttons=_add_buttons(words) if can_add else "",
        find=words.say("find_document"),
        history=words.say("history"),
        history_note=words.say("history_note"),
        forget_all=words.say("forget_all"),
    )


def _add_buttons(words: Wording) -> Html:
    return Html(
        '<div class="adders"><button type="button" class="add" data-pick="files">{add}{files}'
        '</button><button type="button" class="add" data-pick="folder">{open}{folder}</button>'
        '<p class="hint">{hint}</p></div>'
    ).format(
        add=icon("add"),
        files=words.say("add_files"),
        open=icon("folder"),
        folder=words.say("add_folder"),
        hint=words.say("drop_hint"),
    )


def document_list(
    documents: Sequence[DocumentInfo],
    find: str,
    words: Wording,
    *,
    model: str,
    unread: Sequence[UnreadFile] = (),
    can_remove: bool = True,
) -> Html:
    """Return the documents with `find` in their names, each a button that opens it."""
    find = find.casefold().strip()
    matches = [info for info in documents if find in info.name.casefold()]
    items = [_document(info, words, can_remove) for info in matches[:_MOST_LISTED]]
    if not matches and find:
        items.append(_hint(words.say("no_match")))
    elif len(matches) > _MOST_LISTED:
        rest = words.count("documents_count", len(matches) - _MOST_LISTED)
        items.append(_hint(f"+ {rest}"))
    return Html("<ul>{}</ul>{}{}").format(
        Html().join(items),
        _unknown_languages(documents, model, words),
        _unread_files(unread, words),
    )


def _document(info: DocumentInfo, words: Wording, can_remove: bool) -> Html:
    key = document_id(info.path)
    remove_button = Html()
    if can_remove:
        label = words.say("remove", document=info.name)
        remove_button = icon_button("remove", label, "remove", remove=key)
    return Html(
        '<li><button type="button" class="document" data-document="{key}" title="{title}">{name}'
        '<span class="unseen">, {count}</span><span class="many" aria-hidden="true">'
        "{passages}&nbsp;¶</span></button>{remove_button}</li>"
    ).format(
        key=key,
        title=info.name,
        name=isolated(info.name),
        count=words.count("passages_count", info.passages),
        passages=info.passages,
        remove_button=remove_button,
    )


def _hint(text: str) -> Html:
    return Html('<li class="hint">{}</li>').format(text)


def _unknown_languages(documents: Sequence[DocumentInfo], model: str, words: Wording) -> Html:
    """Return how many documents are in languages that the model does not know."""
    count = sum(unknown_languages(documents, model).values())
    if not count:
        return Html()
    return Html('<div class="unknown" role="note"><p>{}</p>{}</div>').format(
        words.count("unknown_documents", count), switch_model_button(model, words)
    )


def _unread_files(files: Sequence[UnreadFile], words: Wording) -> Html:
    if not files:
        return Html()
    items = (
        Html("<li>{}{}</li>").format(isolated(file.name), reason(file.reason))
        for file in files[:_MOST_LISTED]
    )
    return Html('<details class="unread"><summary>{}</summary><ul>{}</ul></details>').format(
        words.count("not_read", len(files)), Html().join(items)
    )
