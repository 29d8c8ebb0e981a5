"""The panel of cases as HTML: the list of cases, and one of them with its quotes."""

from collections.abc import Sequence

from rag.casework.bounds import LONGEST_NAME, LONGEST_NOTE
from rag.casework.records import Case, CaseQuestion, CaseSummary
from rag.export.cases import CASE_FORMATS
from rag.text.html_escaping import Html
from ui.html.cases.quotes import kept_quote
from ui.html.elements import icon, icon_button, isolated
from ui.html.translations import Wording

MOST_SHOWN = 200
"""Quotes of a case on one page."""
_FORMAT_NAMES = {
    "markdown": "Markdown",
    "docx": "Word",
    "csv": "CSV",
    "bibtex": "BibTeX",
    "csl": "CSL",
    "json": "JSON",
    "dossier": "Word",
    "dossier-html": "HTML",
}
_DOSSIERS = ("dossier", "dossier-html")


def cases_panel(
    cases: Sequence[CaseSummary], case: Case | None, first: int, deleted: int, words: Wording
) -> Html:
    """Return the panel, showing a case from its quote `first` on, counted from 0.

    `deleted` things are in the bin.
    """
    return Html(
        '<header><h2 id="cases-title" tabindex="-1">{title}</h2><span class="gap"></span>{close}'
        '</header><div class="chooser">{choice}<button type="button" class="plain new-case">{add}'
        '{new}</button><button type="button" class="plain import-case">{import_}</button></div>'
        "{case}{bin}"
    ).format(
        title=words.say("cases"),
        close=icon_button("close", words.say("cases_close"), "close"),
        choice=_choice(cases, case, words) if case else "",
        add=icon("add"),
        new=words.say("case_new"),
        import_=words.say("case_import"),
        case=_case(case, cases, first, words) if case else _hint(words.say("case_empty")),
        bin=_bin(deleted, words),
    )


def _choice(cases: Sequence[CaseSummary], case: Case, words: Wording) -> Html:
    options = Html().join(_option(one, one.id == case.id) for one in cases)
    return Html('<select class="choice" aria-label="{}">{}</select>').format(
        words.say("case"), options
    )


def _option(case: CaseSummary, is_shown: bool) -> Html:
    option = Html('<option value="{}">{} ({})</option>')
    if is_shown:
        option = Html('<option value="{}" selected>{} ({})</option>')
    return option.format(case.id, case.name, f"{case.quotes:,}")


def _case(case: Case, cases: Sequence[CaseSummary], first: int, words: Wording) -> Html:
    others = [one for one in cases if one.id != case.id]
    shown = case.quotes[first : first + MOST_SHOWN]
    before = [None, *(entry.question for entry in shown)]
    quotes = Html().join(
        kept_quote(entry, others, words, question=entry.question != previous)
        for entry, previous in zip(shown, before, strict=False)
    )
    return Html(
        '<div class="about-case"><label class="field"><span>{name}</span><input dir="auto" '
        'class="case-name" maxlength="{longest_name}" value="{name_text}"></label>'
        '<label class="field"><span>{note}</span><textarea dir="auto" class="case-note" rows="2" '
        'maxlength="{longest}">\n{note_text}</textarea></label></div>'
        '<div class="tools"><span class="many">{count}</span><span class="gap"></span>{export}'
        '{delete}</div>{absent}<ol class="quotes-kept" start="{start}">{quotes}</ol>{rest}'
    ).format(
        name=words.say("case_name"),
        longest_name=LONGEST_NAME,
        name_text=case.name,
        note=words.say("case_note"),
        longest=LONGEST_NOTE,
        note_text=case.note,
        count=words.count("quotes_count", len(case.quotes)),
        export=_export_menu(words),
        delete=icon_button("delete-case", words.say("case_delete"), "remove"),
        absent=_absences(case.questions, words),
        start=first + 1,
        quotes=quotes or Html('<li class="hint">{}</li>').format(words.say("case_empty")),
        rest=_pages(len(case.quotes), first, words),
    )


def _absences(questions: Sequence[CaseQuestion], words: Wording) -> Html:
    """Return the questions of a case that were not found, each with a button to take it out."""
    lacking = [question for question in questions if question.state == "not_found"]
    if not lacking:
        return Html()
    items = Html().join(
        Html("<li>{}{}</li>").format(
            isolated(one.question),
            icon_button(
                "drop-question",
                words.say("case_drop_question", question=one.question),
                "close",
                question=one.question,
            ),
        )
        for one in lacking
    )
    return Html('<div class="absences"><h3>{}</h3><ul>{}</ul></div>').format(
        words.say("not_found"), items
    )


def _export_menu(words: Wording) -> Html:
    def buttons(names: Sequence[str]) -> Html:
        return Html().join(
            Html('<button type="button" data-case-format="{}">{}</button>').format(
                name, _FORMAT_NAMES[name]
            )
            for name in names
        )

    quotes = [name for name in CASE_FORMATS if name not in _DOSSIERS]
    return Html(
        '<details class="menu case-export"><summary class="tool">{icon}<span>{label}</span>'
        '</summary><div class="panel"><div class="formats">{formats}</div><p>{dossier}</p>'
        '<div class="formats">{dossiers}</div></div></details>'
    ).format(
        icon=icon("export"),
        label=words.say("export"),
        formats=buttons(quotes),
        dossier=words.say("dossier"),
        dossiers=buttons(_DOSSIERS),
    )


def _pages(total: int, first: int, words: Wording) -> Html:
    """Return buttons to the quotes before and after those shown; empty when all are shown."""
    if total <= MOST_SHOWN:
        return Html()
    return Html('<nav class="pages">{}{}</nav>').format(
        _page(words.say("quotes_before"), first - MOST_SHOWN, first > 0),
        _page(words.say("quotes_after"), first + MOST_SHOWN, first + MOST_SHOWN < total),
    )


def _page(label: str, first: int, exists: bool) -> Html:
    if not exists:
        return Html()
    return Html('<button type="button" class="plain page" data-first="{}">{}</button>').format(
        max(first, 0), label
    )


def _hint(text: str) -> Html:
    return Html('<p class="hint">{}</p>').format(text)


def _bin(deleted: int, words: Wording) -> Html:
    if not deleted:
        return Html()
    return Html(
        '<footer><button type="button" class="plain empty-bin">{}</button></footer>'
    ).format(words.say("bin_empty", n=f"{deleted:,}"))
