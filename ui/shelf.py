"""The documents beside the conversation as HTML: what there is, what is added, what failed."""

from collections.abc import Sequence

from rag.identifiers import document_id
from rag.library import Library
from rag.status import unknown_languages
from ui.markup import escape, icon, isolated, switch_button, tool
from ui.sent import Added
from ui.switching import Change
from ui.wording import Wording
from vector_store.records import DocumentInfo, UnreadFile

_MOST_LISTED = 200


def shelf(words: Wording, *, can_add: bool) -> str:
    """Return the shelf's fixed parts; its lists are filled by `listed` and `being_added`."""
    adders = ""
    if can_add:
        adders = (
            '<div class="adders"><button type="button" class="add" data-pick="files">'
            f"{icon('add')}{words.html('add_files')}</button>"
            f'<button type="button" class="add" data-pick="folder">{icon("folder")}'
            f"{words.html('add_folder')}</button>"
            f'<p class="hint">{words.html("drop_hint")}</p></div>'
        )
    return (
        f'<h2>{words.html("documents")}</h2>{adders}<div id="adding" aria-live="polite"></div>'
        f'<input type="search" id="find" aria-label="{words.html("find_document")}" '
        f'placeholder="{words.html("find_document")}">'
        '<div id="documents"></div>'
        f'<details id="history"><summary>{words.html("history")}</summary><ul></ul>'
        f'<p class="hint">{words.html("history_note")} · <button type="button" class="forget-all">'
        f"{words.html('forget_all')}</button></p></details>"
    )


def listed(library: Library, find: str, words: Wording, *, can_remove: bool = True) -> str:
    """Return the documents with `find` in their name, each a button that opens it."""
    sought = find.casefold().strip()
    documents = library.documents()
    found = [info for info in documents if sought in info.name.casefold()]
    items = "".join(_document(info, words, can_remove) for info in found[:_MOST_LISTED])
    if not found:
        items = f'<li class="hint">{words.html("no_match")}</li>' if sought else ""
    elif len(found) > _MOST_LISTED:
        rest = words.count("documents_count", len(found) - _MOST_LISTED)
        items += f'<li class="hint">+ {escape(rest)}</li>'
    unknown = _unknown_languages(documents, library.model, words)
    return f"<ul>{items}</ul>{unknown}{_unread(library.store.unread(), words)}"


def being_switched(change: Change | None, words: Wording) -> str:
    """Return how far a change of model has come, or why it failed."""
    if change is None:
        return ""
    if change.reason:
        return f'<p class="switching refused" role="alert" dir="auto">{escape(change.reason)}</p>'
    if not change.is_open:
        return f'<p class="switching">{words.html("switched")}</p>' if change.documents else ""
    return (
        f'<p class="switching">{words.html("switching")}</p><div class="overall">'
        f"{_bar(change.done, change.documents, words.html('switching'))}</div>"
    )


def being_added(files: Sequence[Added], words: Wording) -> str:
    """Return the files that were sent lately, each with its state and, if it has one, a reason."""
    if not files:
        return ""
    shown = sorted(files, key=lambda file: (not file.is_open, file.state != "refused", file.id))
    items = "".join(_added(file, words) for file in shown[:_MOST_LISTED])
    if any(file.is_open for file in files):
        action = f'<button type="button" data-cancel="">{words.html("cancel_all")}</button>'
    else:
        action = f'<button type="button" data-dismiss="">{words.html("dismiss")}</button>'
    done = sum(not file.is_open for file in files)
    return (
        f'<div class="overall">{_bar(done, len(files), words.html("state_reading"))}{action}</div>'
        f"<ul>{items}</ul>"
    )


def _bar(done: int, of: int, label: str) -> str:
    return (
        f'<span class="bar" role="progressbar" aria-valuemin="0" aria-valuemax="{of}" '
        f'aria-valuenow="{done}" aria-label="{label}">'
        f'<i style="width:{100 * done // (of or 1)}%"></i></span>'
        f'<span class="many">{done} / {of}</span>'
    )


def _document(info: DocumentInfo, words: Wording, can_remove: bool) -> str:
    key = document_id(info.path)
    label = words.say("remove", document=info.name)
    remover = tool("remove", label, "remove", remove=key) if can_remove else ""
    count = escape(words.count("passages_count", info.passages))
    return (
        f'<li><button type="button" class="document" data-document="{key}" '
        f'title="{escape(info.name)}">{isolated(info.name)}'
        f'<span class="unseen">, {count}</span><span class="many" aria-hidden="true">'
        f"{info.passages}&nbsp;¶</span></button>"
        f"{remover}</li>"
    )


def _added(file: Added, words: Wording) -> str:
    action = ""
    if file.is_open:
        label = f"{words.say('cancel')}: {file.name}"
        action = tool("cancel", label, "close", cancel=file.id)
    reason = f'<span class="reason" dir="auto">{escape(file.reason)}</span>' if file.reason else ""
    return (
        f'<li class="{file.state}">{isolated(file.name)}'
        f'<span class="state">{words.html(f"state_{file.state}")}</span>{action}{reason}</li>'
    )


def _unknown_languages(documents: Sequence[DocumentInfo], model: str, words: Wording) -> str:
    count = sum(unknown_languages(documents, model).values())
    if not count:
        return ""
    told = escape(words.count("unknown_documents", count))
    button = switch_button(model, words)
    return f'<div class="unknown" role="note"><p>{told}</p>{button}</div>'


def _unread(files: Sequence[UnreadFile], words: Wording) -> str:
    if not files:
        return ""
    reasons = "".join(
        f'<li>{isolated(file.name)}<span class="reason" dir="auto">{escape(file.reason)}</span>'
        "</li>"
        for file in files[:_MOST_LISTED]
    )
    count = escape(words.count("not_read", len(files)))
    return f'<details class="unread"><summary>{count}</summary><ul>{reasons}</ul></details>'
