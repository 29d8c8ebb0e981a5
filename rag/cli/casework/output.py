"""What `quoth cases show` prints."""

from rag.casework.records import Case
from rag.cli.output import console, visible
from rag.export.blocks import lines_above
from rag.export.cases import remark_on


def show_case(case: Case) -> None:
    """Print a case: its questions, and its quotes with their notes and tags."""
    out = console()
    out.print(f"{visible(case.name)}  {case.id}")
    if case.note:
        out.print(visible(case.note))
    for question in case.questions:
        state = f"  {question.state.replace('_', ' ')}" if question.state else ""
        out.print(f"  question: {visible(question.question)}{state}")
    for entry in case.quotes:
        out.print()
        for line in lines_above(entry.quote):
            out.print(visible(line))
        out.print(visible(entry.quote.text))
        out.print(f"{visible(str(entry.quote.citation))}   {entry.id}")
        if remark := remark_on(entry.condition):
            out.print(remark)
        if entry.note:
            out.print(f"Note: {visible(entry.note)}")
        if entry.tags:
            out.print(f"Tags: {visible(', '.join(entry.tags))}")
