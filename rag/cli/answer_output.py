"""What `quoth ask` prints: quotes with their citations, or what was searched without an answer.

Quotes are in colour on a terminal, plain text in a pipe.
"""

import unicodedata

from rich.console import Console
from rich.text import Text

from rag.answers import Answer, CitedPassage, UnknownLanguage, missing_sentences, percent
from rag.chat.presentation import Presentation, present
from rag.cli.output import console, visible, warn
from rag.models.registry import multilingual
from rag.query.scope import Searched
from rag.retrieval.calibration import likelihood
from rag.text.plurals import counted

_RIGHT_TO_LEFT = ("R", "AL", "AN")
_ISOLATE, _END_ISOLATE = "\N{FIRST STRONG ISOLATE}", "\N{POP DIRECTIONAL ISOLATE}"
_STYLES = {"answer": "bold", "exact": "bold italic", "term": "underline"}
"""Of highlights by their kind."""


def show_answer(answer: Answer) -> None:
    """Print an answer's state, its quotes with their citations, and what is missing."""
    out = console()
    if answer.carried:
        words = ", ".join(map(visible, answer.carried))
        out.print(f"Also using from the previous question: {words}", style="dim")
    if answer.unknown_language:
        warn(_unknown_language(answer.unknown_language))
    if answer.truncated_at is not None:
        warn(f"The question is long: only its first {answer.truncated_at:,} characters were used.")
    if answer.suggestion:
        out.print(Text(f"Did you mean: {visible(answer.suggestion)}", style="bold"))
    presentation = present(answer)
    if answer.state == "not_found":
        _show_nearest(out, presentation, answer)
    else:
        _show_quotes(out, presentation, answer)


def _unknown_language(language: UnknownLanguage) -> str:
    message = (
        f"The model {language.model} does not know {language.name}: only the question's words "
        "were searched for, not its meaning."
    )
    if language.model == multilingual():
        return message
    return f"{message} A multilingual model may know it: quoth switch {multilingual()}"


def _show_quotes(out: Console, presentation: Presentation, answer: Answer) -> None:
    state = "Answered" if answer.state == "answered" else "May answer, read it"
    passages = counted(len(presentation.strong), "passage")
    documents = counted(presentation.documents, "document")
    scope = _scope(answer.searched)
    out.print(f"{state}: {passages} from {documents}, quoted word for word (searched {scope}).")
    if answer.state == "may_answer":
        _show_missing(out, answer)
    out.print()
    _show_passages(out, presentation.strong, presentation, dim=False)
    weak = len(presentation.weak)
    if weak:
        out.print(f"{counted(weak, 'weaker match', 'weaker matches')}:\n", style="dim")
    _show_passages(out, presentation.weak, presentation, dim=True)


def _show_nearest(out: Console, presentation: Presentation, answer: Answer) -> None:
    searched = answer.searched
    passages = counted(searched.passages, "passage")
    documents = counted(searched.documents, "document")
    out.print(f"Not found in your documents (searched {passages} of {documents}).", style="bold")
    _show_missing(out, answer)
    if searched.unreadable:
        files = counted(searched.unreadable, "file")
        out.print(f"{files} could not be read; to list them: quoth status")
    if presentation.nearest:
        out.print("The nearest passages, which do not seem to answer:\n", style="dim")
    _show_passages(out, presentation.nearest, presentation, dim=True)


def _show_missing(out: Console, answer: Answer) -> None:
    for sentence in missing_sentences(answer.missing):
        out.print(visible(sentence))


def _scope(searched: Searched) -> str:
    """Return how many documents were searched, and how many files could not be."""
    if not searched.unreadable:
        return counted(searched.documents, "document")
    files = searched.documents + searched.unreadable
    return f"{searched.documents} of {files} files; {searched.unreadable} could not be read"


def _show_passages(
    out: Console, passages: tuple[CitedPassage, ...], presentation: Presentation, *, dim: bool
) -> None:
    for passage in passages:
        if passage.headings:
            out.print(Text(" › ".join(map(visible, passage.headings)), style="dim"))
        for line in passage.lines_above:
            out.print(Text(visible(line), style="dim"))
        out.print(_quote(passage, dim=dim, coloured=out.is_terminal))
        out.print(_citation(passage, out), style="cyan", end="")
        out.print(f"   {_chance(passage, presentation)}\n", style="dim")


def _chance(passage: CitedPassage, presentation: Presentation) -> str:
    """Return how likely a passage answers, or that it holds the words searched for."""
    if presentation.holds_words:
        return "holds your words"
    return f"{likelihood(passage.score, presentation.threshold)} ({percent(passage.score)})"


def _quote(passage: CitedPassage, *, dim: bool, coloured: bool) -> Text:
    """Return the quote verbatim; on a terminal alone, control characters are replaced."""
    text = Text(visible(passage.text) if coloured else passage.text, style="dim" if dim else "")
    for highlight in passage.highlights:
        text.stylize(_STYLES[highlight.kind], highlight.start, highlight.end)
    return _isolated(text) if coloured else text


def _citation(passage: CitedPassage, out: Console) -> str:
    citation = str(passage.citation)
    return _isolated(Text(visible(citation))).plain if out.is_terminal else citation


def _isolated(text: Text) -> Text:
    """Isolate right-to-left text, so that it does not reorder the text beside it."""
    if not any(unicodedata.bidirectional(character) in _RIGHT_TO_LEFT for character in text.plain):
        return text
    paragraphs = text.split("\n", allow_blank=True)
    return Text("\n").join(
        Text.assemble(_ISOLATE, paragraph, _END_ISOLATE) for paragraph in paragraphs
    )
