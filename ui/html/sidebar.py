"""The documents beside the conversation as HTML: what there is, what is added, what failed."""

from collections.abc import Sequence

from rag.ids import document_id
from rag.status import unknown_languages
from rag.text.html_escaping import Html
from ui.html.elements import icon, isolated, switch_button, tool
from ui.html.translations import Wording
from ui.jobs.model_switch import Change
from ui.jobs.upload_states import Upload
from vector_store.records import DocumentInfo, UnreadFile

_MOST_LISTED = 200


def shelf(words: Wording, *, can_add: bool) -> Html:
    """Return the shelf's fixed parts; its lists are filled by `listed` and `being_added`."""
    return Html(
        '<h2>{documents}</h2>{adders}<div id="adding" aria-live="polite"></div>'
        '<input type="search" id="find" aria-label="{find}" placeholder="{find}">'
        '<div id="documents"></div>'
        '<details id="history"><summary>{history}</summary><ul></ul>'
        '<p class="hint">{history_note} · <button type="button" class="forget-all">'
        "{forget_all}</button></p></details>"
    ).format(
        documents=words.say("documents"),
        adders=_adders(words) if can_add else "",
        find=words.say("find_document"),
        history=words.say("history"),
        history_note=words.say("history_note"),
        forget_all=words.say("forget_all"),
    )


def _adders(words: Wording) -> Html:
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


def listed(
    documents: Sequence[DocumentInfo],
    find: str,
    words: Wording,
    *,
    model: str,
    unread: Sequence[UnreadFile] = (),
    can_remove: bool = True,
) -> Html:
    """Return the documents with `find` in their name, each a button that opens it."""
    query = find.casefold().strip()
    matches = [info for info in documents if query in info.name.casefold()]
    items = [_document(info, words, can_remove) for info in matches[:_MOST_LISTED]]
    if not matches and query:
        items.append(_hint(words.say("no_match")))
    elif len(matches) > _MOST_LISTED:
        rest = words.count("documents_count", len(matches) - _MOST_LISTED)
        items.append(_hint(f"+ {rest}"))
    return Html("<ul>{}</ul>{}{}").format(
        Html().join(items),
        _unknown_languages(documents, model, words),
        _unread(unread, words),
    )


def _hint(text: str) -> Html:
    return Html('<li class="hint">{}</li>').format(text)


def being_switched(change: Change | None, words: Wording) -> Html:
    """Return how far a change of model has come, or why it failed."""
    if change is None:
        return Html()
    if change.reason:
        return Html('<p class="switching refused" role="alert" dir="auto">{}</p>').format(
            change.reason
        )
    if change.is_open:
        label = words.say("switching")
        return Html('<p class="switching">{}</p><div class="overall">{}</div>').format(
            label, _bar(change.done, change.documents, label)
        )
    if not change.documents:
        return Html()
    return Html('<p class="switching">{}</p>').format(words.say("switched"))


def being_added(files: Sequence[Upload], words: Wording) -> Html:
    """Return the files that were sent lately, each with its state and, if it has one, a reason."""
    if not files:
        return Html()
    shown = sorted(files, key=lambda file: (not file.is_open, file.state != "refused", file.id))
    if any(file.is_open for file in files):
        action = Html('<button type="button" data-cancel="">{}</button>')
        label = words.say("cancel_all")
    else:
        action = Html('<button type="button" data-dismiss="">{}</button>')
        label = words.say("dismiss")
    done = sum(not file.is_open for file in files)
    return Html('<div class="overall">{bar}{action}</div><ul>{items}</ul>').format(
        bar=_bar(done, len(files), words.say("state_reading")),
        action=action.format(label),
        items=Html().join(_added(file, words) for file in shown[:_MOST_LISTED]),
    )


def _bar(done: int, of: int, label: str) -> Html:
    return Html(
        '<span class="bar" role="progressbar" aria-valuemin="0" aria-valuemax="{of}" '
        'aria-valuenow="{done}" aria-label="{label}"><i style="width:{percent}%"></i></span>'
        '<span class="many">{done} / {of}</span>'
    ).format(done=done, of=of, label=label, percent=100 * done // (of or 1))


def _document(info: DocumentInfo, words: Wording, can_remove: bool) -> Html:
    key = document_id(info.path)
    remover = Html()
    if can_remove:
        remover = tool("remove", words.say("remove", document=info.name), "remove", remove=key)
    return Html(
        '<li><button type="button" class="document" data-document="{key}" title="{name}">{shown}'
        '<span class="unseen">, {count}</span><span class="many" aria-hidden="true">'
        "{passages}&nbsp;¶</span></button>{remover}</li>"
    ).format(
        key=key,
        name=info.name,
        shown=isolated(info.name),
        count=words.count("passages_count", info.passages),
        passages=info.passages,
        remover=remover,
    )


def _added(file: Upload, words: Wording) -> Html:
    action = Html()
    if file.is_open:
        label = f"{words.say('cancel')}: {file.name}"
        action = tool("cancel", label, "close", cancel=file.id)
    return Html(
        '<li class="{state}">{name}<span class="state">{shown}</span>{action}{reason}</li>'
    ).format(
        state=file.state,
        name=isolated(file.name),
        shown=words.say(f"state_{file.state}"),
        action=action,
        reason=_reason(file.reason) if file.reason else "",
    )


def _reason(text: str) -> Html:
    return Html('<span class="reason" dir="auto">{}</span>').format(text)


def _unknown_languages(documents: Sequence[DocumentInfo], model: str, words: Wording) -> Html:
    count = sum(unknown_languages(documents, model).values())
    if not count:
        return Html()
    return Html('<div class="unknown" role="note"><p>{}</p>{}</div>').format(
        words.count("unknown_documents", count), switch_button(model, words)
    )


def _unread(files: Sequence[UnreadFile], words: Wording) -> Html:
    if not files:
        return Html()
    reasons = (
        Html("<li>{}{}</li>").format(isolated(file.name), _reason(file.reason))
        for file in files[:_MOST_LISTED]
    )
    return Html('<details class="unread"><summary>{}</summary><ul>{}</ul></details>').format(
        words.count("not_read", len(files)), Html().join(reasons)
    )
