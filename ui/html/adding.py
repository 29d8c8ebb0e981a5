"""What is being added, as HTML: files with their states, and documents read anew."""

from collections.abc import Sequence

from rag.text.html_escaping import Html
from ui.html.elements import icon_button, isolated, reason
from ui.html.translations import Wording
from ui.jobs.model_switch import SwitchStatus
from ui.jobs.upload_counts import UploadCounts
from ui.jobs.upload_states import Upload

_MOST_LISTED = 200


def upload_list(
    uploads: Sequence[Upload], counts: UploadCounts, words: Wording, *, is_blocked: bool = False
) -> Html:
    """Return how far all files are that are being added, and recent ones with their states."""
    if not uploads and not counts.chosen:
        return Html()
    if any(upload.is_pending for upload in uploads):
        button = Html('<button type="button" data-cancel="">{}</button>')
        label = words.say("cancel_all")
    else:
        button = Html('<button type="button" data-dismiss="">{}</button>')
        label = words.say("dismiss")
    by_interest = sorted(
        uploads, key=lambda upload: (not upload.is_pending, upload.state != "refused", upload.id)
    )
    return Html(
        '<div class="overall">{bar}{button}</div>{counts}{notes}<ul class="files">{items}</ul>'
    ).format(
        bar=_progress_bar(counts.finished, counts.chosen, words.say("state_reading")),
        button=button.format(label),
        counts=_counts(counts, words),
        notes=_notes(counts, words, is_blocked=is_blocked),
        items=Html().join(_upload(upload, words) for upload in by_interest[:_MOST_LISTED]),
    )


def _counts(counts: UploadCounts, words: Wording) -> Html:
    """Return the counts: always what was chosen and read, others unless they are zero."""
    numbers = (
        ("count_chosen", counts.chosen, True),
        ("count_sent", counts.sent, counts.expected > 0),
        ("count_waiting", counts.waiting, counts.waiting > 0),
        ("count_reading", counts.reading, counts.reading > 0),
        ("count_read", counts.read, True),
        ("count_refused", counts.refused, counts.refused > 0),
        ("count_cancelled", counts.cancelled, counts.cancelled > 0),
        ("count_unsent", counts.unsent, counts.unsent > 0),
    )
    rows = (
        Html('<div class="{key}"><dt>{label}</dt><dd>{number}</dd></div>').format(
            key=key, label=words.say(key), number=f"{number:,}"
        )
        for key, number, is_shown in numbers
        if is_shown
    )
    return Html('<dl class="counts">{}</dl>').format(Html().join(rows))


def _notes(counts: UploadCounts, words: Wording, *, is_blocked: bool) -> Html:
    notes = []
    if is_blocked:
        notes.append(Html('<p class="blocked">{}</p>').format(words.say("adding_blocked")))
    if counts.unsent:
        notes.append(Html('<p class="unsent">{}</p>').format(words.say("adding_unsent")))
    if counts.chosen and counts.is_finished:
        notes.append(Html('<p class="finished">{}</p>').format(words.say("adding_finished")))
    return Html().join(notes)


def _upload(upload: Upload, words: Wording) -> Html:
    cancel_button = Html()
    if upload.is_pending:
        label = f"{words.say('cancel')}: {upload.name}"
        cancel_button = icon_button("cancel", label, "close", cancel=upload.id)
    return Html(
        '<li class="{kind}">{name}<span class="state">{state}</span>{cancel_button}{reason}</li>'
    ).format(
        kind=upload.state,
        name=isolated(upload.name),
        state=words.say(f"state_{upload.state}"),
        cancel_button=cancel_button,
        reason=reason(upload.reason) if upload.reason else "",
    )


def switch_progress(status: SwitchStatus | None, words: Wording) -> Html:
    """Return the progress of a switch to another model, or its result."""
    if status is None:
        return Html()
    if status.reason:
        return Html('<p class="switching refused" role="alert" dir="auto">{}</p>').format(
            status.reason
        )
    if status.is_running:
        label = words.say("switching")
        return Html('<p class="switching">{}</p><div class="overall">{}</div>').format(
            label, _progress_bar(status.done, status.documents, label)
        )
    if not status.documents:
        return Html()
    return Html('<p class="switching">{}</p>').format(words.say("switched"))


def _progress_bar(done: int, total: int, label: str) -> Html:
    return Html(
        '<span class="bar" role="progressbar" aria-valuemin="0" aria-valuemax="{total}" '
        'aria-valuenow="{done}" aria-label="{label}"><i style="width:{percent}%"></i></span>'
        '<span class="many">{done} / {total}</span>'
    ).format(done=done, total=total, label=label, percent=100 * done // (total or 1))
