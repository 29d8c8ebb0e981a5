"""A kept quote as HTML, with its note, its tags and what has become of its document."""

from collections.abc import Sequence

from rag.casework.bounds import LONGEST_NOTE
from rag.casework.records import CaseSummary, Condition, KeptQuote
from rag.export.blocks import lines_above
from rag.text.html_escaping import Html
from ui.html.elements import icon_button, isolated
from ui.html.passages import column_names, document_fields, page_or_place
from ui.html.translations import Wording

_LONGEST_TAGS = 2_000


def kept_quote(
    entry: KeptQuote,
    others: Sequence[CaseSummary],
    words: Wording,
    *,
    question: bool,
    alone: bool = False,
) -> Html:
    """Return a quote of a case; `others` are the cases that it can be moved to.

    `question` says whether to show the question that led to it, `alone` that no others are shown.
    """
    quote, citation = entry.quote, entry.quote.citation
    return Html(
        '<li class="kept" data-quote="{id}" data-citation="{citation}" '
        'data-above="{above}"{data}>{question}{headings}{fields}{columns}'
        '<blockquote dir="auto">{text}</blockquote>{link}{condition}'
        '<label class="field"><span>{note}</span><textarea dir="auto" rows="2" '
        'maxlength="{longest}" data-field="note">\n{note_text}</textarea></label>'
        '<label class="field"><span>{tags}</span><input dir="auto" data-field="tags" '
        'maxlength="{longest_tags}" value="{tag_text}"></label>{tools}</li>'
    ).format(
        id=entry.id,
        citation=citation,
        above="\n".join(lines_above(quote)),
        data=_place(entry.condition),
        question=_question(entry, words) if question else "",
        headings=_headings(quote.headings),
        fields=document_fields(quote.fields, words),
        columns=column_names(quote.columns, words),
        text=quote.text,
        link=_citation(entry, words),
        condition=_condition(entry.condition, words),
        note=words.say("quote_note"),
        longest=LONGEST_NOTE,
        note_text=entry.note,
        tags=words.say("quote_tags"),
        longest_tags=_LONGEST_TAGS,
        tag_text=", ".join(entry.tags),
        tools=_tools(others, words, alone=alone),
    )


def _place(condition: Condition | None) -> Html:
    """Return where the quote can be opened now, as attributes; empty where it cannot."""
    if condition is None or condition.state == "gone" or not condition.words_remain:
        return Html()
    return Html(' data-key="{}" data-start="{}" data-end="{}" data-sha="{}"').format(
        condition.document_id, condition.start, condition.end, condition.sha256
    )


def _question(entry: KeptQuote, words: Wording) -> Html:
    if not entry.question:
        return Html()
    state = Html()
    if entry.state is not None:
        state = Html('<span class="state {}">{}</span> ').format(
            entry.state, words.say(entry.state)
        )
    return Html('<h3 dir="auto">{}{}</h3>').format(state, isolated(entry.question))


def _headings(headings: Sequence[str]) -> Html:
    if not headings:
        return Html()
    trail = Html(" › ").join(isolated(heading) for heading in headings)
    return Html('<p class="headings" dir="auto">{}</p>').format(trail)


def _citation(entry: KeptQuote, words: Wording) -> Html:
    """Return the citation: a button where the quote can be opened, else text."""
    citation = entry.quote.citation
    parts = (
        page_or_place(citation.page, citation.place, words),
        words.html("paragraph_n", n=citation.paragraph),
    )
    label = Html(
        '<span class="number">{number}</span> {document} <span class="place">{location}</span>'
    ).format(
        number=citation.number,
        document=isolated(citation.document, "document"),
        location=Html(" · ").join(filter(None, parts)),
    )
    if not _place(entry.condition):
        return Html('<p class="citation">{}</p>').format(label)
    return Html('<button type="button" class="citation" title="{}">{}</button>').format(
        words.say("open", document=citation.document), label
    )


def _condition(condition: Condition | None, words: Wording) -> Html:
    """Return what has become of the document, if anything has."""
    if condition is None or condition.state == "unchanged":
        return Html()
    if condition.state == "gone":
        text = words.say("quote_gone")
    else:
        text = words.say("quote_changed" if condition.words_remain else "quote_lost")
    return Html('<p class="condition" role="note">{}</p>').format(text)


def _tools(others: Sequence[CaseSummary], words: Wording, *, alone: bool) -> Html:
    options = Html().join(
        Html('<option value="{}">{}</option>').format(case.id, case.name) for case in others
    )
    move = Html()
    if others:
        move = Html(
            '<select class="move" aria-label="{label}"><option value="">{label}</option>{options}'
            "</select>"
        ).format(label=words.say("quote_move"), options=options)
    return Html(
        '<div class="tools">{copy}{link}{up}{down}{move}<span class="gap"></span>{delete}</div>'
    ).format(
        copy=icon_button("copy", words.say("copy"), "copy"),
        link=icon_button("link", words.say("quote_link"), "link"),
        up="" if alone else icon_button("up", words.say("quote_up"), "before"),
        down="" if alone else icon_button("down", words.say("quote_down"), "after"),
        move=move,
        delete=icon_button("drop", words.say("quote_delete"), "remove"),
    )


def one_quote(entry: KeptQuote, case: CaseSummary, words: Wording) -> Html:
    """Return a quote on its own, as its link shows it, with the name of its case."""
    return Html(
        '<section class="one-quote" data-case="{id}"><h2 tabindex="-1">{cases}: {name}</h2>'
        '<ol class="quotes-kept">{quote}</ol></section>'
    ).format(
        id=case.id,
        cases=words.say("case"),
        name=isolated(case.name),
        quote=kept_quote(entry, (), words, question=True, alone=True),
    )
