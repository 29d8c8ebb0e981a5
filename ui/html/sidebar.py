"""The sidebar as HTML: what surrounds the list of documents, and the files not read."""

from collections.abc import Sequence

from rag.documents.listing import ORDERS
from rag.documents.unread import UnreadGroup, groups_of
from rag.marking.marks import STATUSES
from rag.text.html_escaping import Html
from ui.html.elements import icon, icon_button, isolated, reason, switch_model_button
from ui.html.translations import Wording
from vector_store.records import UnreadFile

_MOST_LISTED = 200


def sidebar(words: Wording, *, can_add: bool) -> Html:
    """Return the sidebar with empty lists, which the script fills in."""
    return Html(
        '<h2>{documents}</h2>{add_buttons}<div id="adding" aria-live="polite"></div>'
        '<div id="notes" class="notes"></div>'
        '<input type="search" id="find" aria-label="{find}" placeholder="{find}">'
        '{narrow}{arrange}<p id="shown" role="status"></p><p id="none" role="status"></p>'
        '<div id="documents"><ul role="tree" aria-label="{documents}"></ul></div>'
        '<details id="history"><summary>{history}</summary><input type="search" '
        'id="find-conversation" aria-label="{find_old}" placeholder="{find_old}"><ul></ul>'
        '<p class="hint">{history_note} · <button type="button" class="forget-all">'
        '{forget_all}</button></p></details><dialog id="unread" aria-label="{unread}"></dialog>'
    ).format(
        documents=words.say("documents"),
        add_buttons=_add_buttons(words) if can_add else "",
        find=words.say("find_document"),
        narrow=_filters(words),
        arrange=_arrangement(words),
        history=words.say("history"),
        find_old=words.say("find_conversation"),
        history_note=words.say("history_note"),
        forget_all=words.say("forget_all"),
        unread=words.say("not_read_title"),
    )


def _filters(words: Wording) -> Html:
    """Return the filters of the list; the script fills in the choices."""
    selects = Html().join(
        Html(
            '<label>{label}<select name="{name}"><option value="">{any}</option>{more}</select>'
            "</label>"
        ).format(label=words.say(label), name=name, any=words.say("any"), more=more)
        for name, label, more in (
            ("type", "order_type", Html()),
            ("status", "status", _statuses(words)),
            ("tag", "tag", Html()),
            ("language", "order_language", Html()),
        )
    )
    return Html(
        '<details id="narrow"><summary>{filters}</summary><div class="fields">{selects}'
        '<label>{since}<input type="date" name="since"></label>'
        '<label>{before}<input type="date" name="before"></label>'
        '<label class="wide">{person}<input type="text" name="person" list="people" dir="auto">'
        '</label><datalist id="people"></datalist><div class="ends">'
        '<button type="button" class="within" hidden>{within}</button>'
        '<button type="button" class="clear">{clear}</button></div></div></details>'
    ).format(
        filters=words.say("filters"),
        selects=selects,
        since=words.say("dated_since"),
        before=words.say("dated_before"),
        person=words.say("person"),
        within=words.say("ask_within_filters"),
        clear=words.say("clear_filters"),
    )


def _statuses(words: Wording) -> Html:
    return Html().join(
        Html('<option value="{}">{}</option>').format(status, words.say(f"status_{status}"))
        for status in STATUSES
    )


def _arrangement(words: Wording) -> Html:
    """Return what chooses the order of the list, and whether folders are shown."""
    orders = Html().join(
        Html('<option value="{}">{}</option>').format(order, words.say(f"order_{order}"))
        for order in ORDERS
    )
    return Html(
        '<div id="arrange"><label>{label}<select name="order">{orders}</select></label>'
        "{reverse}{tree}</div>"
    ).format(
        label=words.say("order_by"),
        orders=orders,
        reverse=icon_button("reverse", words.say("reverse_order"), "order"),
        tree=icon_button("tree", words.say("as_folders"), "folder"),
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


def library_notes(unread: int, unknown_languages: int, model: str, words: Wording) -> Html:
    """Return a button that lists the files not read, and how many languages are unknown.

    That is how many documents are in languages that the model does not know; empty without either.
    """
    notes = Html()
    if unread:
        notes += Html('<button type="button" class="unread-line">{}</button>').format(
            words.count("not_read", unread)
        )
    if unknown_languages:
        notes += Html('<div class="unknown" role="note"><p>{}</p>{}</div>').format(
            words.count("unknown_documents", unknown_languages), switch_model_button(model, words)
        )
    return notes


def unread_list(files: Sequence[UnreadFile], words: Wording) -> Html:
    """Return the files that were not read, grouped by the reason, for a dialog."""
    groups = groups_of(files)
    return Html(
        '<div><header><h2>{title}</h2><a class="save" href="page/unread.csv" download>{save}</a>'
        '{close}</header><div class="groups">{groups}</div></div>'
    ).format(
        title=words.count("not_read", len(files)),
        save=words.say("save_csv"),
        close=icon_button("close", words.say("close_dialog"), "close"),
        groups=Html().join(_unread_group(group, words) for group in groups[:_MOST_LISTED]),
    )


def _unread_group(group: UnreadGroup, words: Wording) -> Html:
    files = Html().join(
        Html("<li>{}{}</li>").format(
            isolated(file.name), reason(file.reason) if file.reason != group.reason else ""
        )
        for file in group.files[:_MOST_LISTED]
    )
    rest = len(group.files) - _MOST_LISTED
    if rest > 0:
        files += Html('<li class="hint">{}</li>').format(words.count("more_files", rest))
    return Html(
        '<details><summary><bdi dir="auto">{reason}</bdi> <span class="number">({number})'
        "</span></summary><ul>{files}</ul></details>"
    ).format(
        reason=group.reason,
        number=f"{len(group.files):,}",
        files=files,
    )
