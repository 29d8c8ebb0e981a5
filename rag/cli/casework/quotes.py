"""`quoth cases keep` and the like: quotes of a case."""

from pathlib import Path

import click

from rag.cli.casework.work import casework_of
from rag.cli.options import LIBRARY_OPTION, examples
from rag.cli.output import console, visible

_QUOTE = click.argument("quote")


@click.command(
    epilog=examples("quoth cases keep Harbour 603dd70d6a5b4ba5132abb1d-f84067222fd2-17-33")
)
@click.argument("case")
@click.argument("passage")
@click.option("--question", default="", help="The question that led to it.")
@click.option("--note", default="", help="What you have to say about it.")
@click.option("--tag", "tags", multiple=True, help="A tag; may be given several times.")
@LIBRARY_OPTION
def keep(
    case: str,
    passage: str,
    question: str,
    note: str,
    tags: tuple[str, ...],
    library: Path | None,
) -> None:
    """Keep a passage in CASE, by the id of its citation in `quoth ask --json`."""
    with casework_of(library) as (opened, casework):
        quote = opened.passage(passage, around=0).passage
        entry = casework.keep(case, quote, question=question, note=note, tags=tags)
    console().print(f"Kept as {entry.id}: {visible(str(entry.quote.citation))}")


@click.command()
@_QUOTE
@LIBRARY_OPTION
def drop(quote: str, library: Path | None) -> None:
    """Move QUOTE to the bin."""
    with casework_of(library) as (_, casework):
        casework.delete_quote(quote)
    console().print(f"Deleted. To undo it: quoth cases restore {quote}")


@click.command()
@_QUOTE
@click.argument("text")
@LIBRARY_OPTION
def note(quote: str, text: str, library: Path | None) -> None:
    """Replace the note of QUOTE by TEXT; an empty one removes it."""
    with casework_of(library) as (_, casework):
        casework.annotate(quote, note=text)


@click.command()
@_QUOTE
@click.argument("tags", nargs=-1)
@LIBRARY_OPTION
def tag(quote: str, tags: tuple[str, ...], library: Path | None) -> None:
    """Replace the tags of QUOTE by TAGS; none removes them."""
    with casework_of(library) as (_, casework):
        casework.annotate(quote, tags=tags)


@click.command()
@_QUOTE
@click.option("--to", "case", help="The case to move it to; by default it stays in its own.")
@click.option("--position", type=click.IntRange(min=1), help="Its new number; by default the last.")
@LIBRARY_OPTION
def move(quote: str, case: str | None, position: int | None, library: Path | None) -> None:
    """Move QUOTE within its case, or to another."""
    with casework_of(library) as (_, casework):
        casework.move(quote, case=case, position=None if position is None else position - 1)
