"""Many questions asked at once as HTML: the form, and the table of their answers."""

from rag.answers import percent
from rag.listing.records import TableRow
from rag.text.html_escaping import Html
from ui.html.elements import icon_button
from ui.html.passages import citation_button
from ui.html.translations import Wording


def question_list(words: Wording) -> Html:
    """Return the form for a list of questions, with an empty table for their answers."""
    columns = Html().join(
        Html('<th scope="col">{}</th>').format(words.say(key))
        for key in ("question", "column_answer", "column_quote", "column_source")
    )
    return Html(
        '<article class="turn batch" data-refused="" data-question=""><header>'
        '<h2 tabindex="-1">{title}</h2>{close}</header>'
        '<form><label for="list-of-questions">{help}</label>'
        '<textarea id="list-of-questions" rows="6" dir="auto"></textarea><div class="controls">'
        '<label class="file">{choose}<input type="file" accept=".txt,.csv,text/plain"></label>'
        '<button type="submit" class="ask-each">{ask}</button>'
        '<button type="button" class="stop-list" hidden>{stop}</button>'
        '<button type="button" class="as-csv" hidden>{csv}</button></div></form>'
        '<p class="counted" aria-live="polite"></p><div class="scrolled-table" tabindex="0" '
        'role="region" aria-label="{title}" hidden><table><thead><tr>{columns}</tr></thead>'
        "<tbody></tbody></table></div></article>"
    ).format(
        title=words.say("ask_list"),
        close=icon_button("close-list", words.say("close_list"), "close"),
        help=words.say("ask_list_help"),
        choose=words.say("choose_file"),
        ask=words.say("ask_each"),
        stop=words.say("stop_list"),
        csv=words.say("as_csv"),
        columns=columns,
    )


def question_row(row: TableRow, words: Wording) -> Html:
    """Return a question's row: its state, its best quote and where that stands."""
    state = words.say(row.state or "refused")
    chance = percent(row.confidence) if row.state else ""
    cited = row.citation
    return Html(
        '<tr class="card" data-key="{key}" data-start="{start}" data-end="{end}" data-sha="{sha}" '
        'data-marks=""><th scope="row"><button type="button" dir="auto" '
        'data-ask="{question}">{question}</button>{meant}</th>'
        '<td><span class="state {kind}">{state}</span> <span class="chance">{chance}</span></td>'
        '<td dir="auto">{quote}</td><td>{source}</td></tr>'
    ).format(
        key=cited.document_id if cited else "",
        start=cited.start if cited else "",
        end=cited.end if cited else "",
        sha=cited.sha256 if cited else "",
        question=row.question,
        meant=_meant(row, words),
        kind=row.state or "refused",
        state=state,
        chance=chance,
        quote=row.quote or row.error,
        source=citation_button(cited, words) if cited else Html(),
    )


def _meant(row: TableRow, words: Wording) -> Html:
    if not row.suggestion:
        return Html()
    return Html(
        '<p class="meant">{} <button type="button" dir="auto" data-ask="{}">{}</button></p>'
    ).format(words.say("did_you_mean"), row.suggestion, row.suggestion)
