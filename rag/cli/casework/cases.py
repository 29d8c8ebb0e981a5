"""`quoth cases`: making, reading, exporting and deleting cases."""

import json
from pathlib import Path

import click

from rag.casework.bounds import LARGEST_IMPORT
from rag.casework.interchange import case_values
from rag.cli.casework import quotes
from rag.cli.casework.output import show_case
from rag.cli.casework.work import casework_of
from rag.cli.options import LIBRARY_OPTION, examples
from rag.cli.output import console, visible
from rag.errors import NotFoundError
from rag.export.cases import CASE_FORMATS
from rag.export.report import absence_report, case_question
from rag.text.plurals import counted

_ENDINGS = {
    ".md": "markdown",
    ".docx": "docx",
    ".csv": "csv",
    ".bib": "bibtex",
    ".csl.json": "csl",
    ".dossier.docx": "dossier",
    ".html": "dossier-html",
    ".json": "json",
}


@click.group(
    epilog=examples(
        'quoth cases new "Harbour Light"',
        'quoth cases keep "Harbour Light" ID --note "the payment"',
        'quoth cases export "Harbour Light" dossier.html',
    )
)
def cases() -> None:
    """Keep quotes in cases, with notes and tags.

    CASE is a case's name or id, QUOTE the id of a kept quote. The ids of passages to keep are in
    `quoth ask --json`; the chat page keeps quotes in the same cases.
    """


@cases.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print the cases as a JSON array.")
@LIBRARY_OPTION
def list_cases(as_json: bool, library: Path | None) -> None:
    """List the cases, that made last first."""
    with casework_of(library) as (_, casework):
        summaries = casework.cases()
    if as_json:
        rows = [
            {
                "id": case.id,
                "name": case.name,
                "created": case.created.isoformat(),
                "quotes": case.quotes,
            }
            for case in summaries
        ]
        click.echo(json.dumps(rows, indent=2))
        return
    for case in summaries:
        console().print(f"{case.id}  {visible(case.name)}  {counted(case.quotes, 'quote')}")
    if not summaries:
        console().print("There are no cases yet. To make one: quoth cases new NAME")


@cases.command()
@click.argument("case")
@click.option("--json", "as_json", is_flag=True, help="Print the case as a JSON object.")
@LIBRARY_OPTION
def show(case: str, as_json: bool, library: Path | None) -> None:
    """Show the quotes of CASE, and whether their documents have changed since."""
    with casework_of(library) as (_, casework):
        shown = casework.case(case)
    if as_json:
        click.echo(json.dumps(case_values(shown), indent=2))
    else:
        show_case(shown)


@cases.command()
@click.argument("name")
@click.option("--note", default="", help="What the case is about.")
@LIBRARY_OPTION
def new(name: str, note: str, library: Path | None) -> None:
    """Make a case called NAME."""
    with casework_of(library) as (_, casework):
        console().print(f"Made the case {casework.new(name, note).id}.")


@cases.command()
@click.argument("case")
@click.argument("name")
@LIBRARY_OPTION
def rename(case: str, name: str, library: Path | None) -> None:
    """Call CASE by another NAME."""
    with casework_of(library) as (_, casework):
        casework.change(case, name=name)


@cases.command()
@click.argument("case")
@LIBRARY_OPTION
def delete(case: str, library: Path | None) -> None:
    """Move CASE with its quotes to the bin."""
    with casework_of(library) as (_, casework):
        id = casework.delete(case)
    console().print(f"Deleted. To undo it: quoth cases restore {id}")


@cases.command()
@click.argument("id")
@LIBRARY_OPTION
def restore(id: str, library: Path | None) -> None:
    """Take a case or quote back out of the bin by its ID."""
    with casework_of(library) as (_, casework):
        kinds = {deletion.id: deletion.kind for deletion in casework.bin()}
        if id not in kinds:
            raise NotFoundError(f"{id[:40]!r} is not in the bin. To list it: quoth cases bin")
        if kinds[id] == "case":
            casework.restore(id)
        elif kinds[id] == "quote":
            casework.restore_quote(id)
        else:
            casework.conversations.restore(id)
    console().print("Restored.")


@cases.command("bin")
@click.option("--empty", is_flag=True, help="Drop all of it for good.")
@LIBRARY_OPTION
def show_bin(empty: bool, library: Path | None) -> None:
    """List what was deleted and can be restored: the last hundred deletions, for thirty days."""
    with casework_of(library) as (_, casework):
        if empty:
            dropped = counted(casework.empty_bin(), "deletion")
            console().print(f"Emptied the bin of {dropped}.")
            return
        for deletion in casework.bin():
            moment = f"{deletion.deleted:%Y-%m-%d %H:%M}"
            name = visible(" ".join(deletion.name.split()))
            console().print(f"{deletion.id}  {deletion.kind}  {moment}  {name}")


@cases.command(epilog=examples("quoth cases export Harbour quotes.docx"))
@click.argument("case")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option(
    "--format",
    "format_name",
    type=click.Choice(list(CASE_FORMATS)),
    help="By default as the end of FILE says; .html and .dossier.docx are dossiers.",
)
@LIBRARY_OPTION
def export(case: str, file: Path, format_name: str | None, library: Path | None) -> None:
    """Write CASE to FILE, with notes, tags and sources.

    A JSON file is complete: `quoth cases import` makes the same case of it.
    """
    name = format_name or _format_of(file)
    with casework_of(library) as (_, casework):
        data = CASE_FORMATS[name].write(casework.case(case))
    try:
        file.write_bytes(data)
    except OSError as error:
        raise click.UsageError(f"Cannot write {file}: {error.strerror}.") from error
    console().print(f"Wrote {visible(str(file))}.")


def _format_of(file: Path) -> str:
    """Return the format that a file's name ends in. Raises click.UsageError."""
    name = file.name.lower()
    endings = sorted(_ENDINGS, key=len, reverse=True)
    for ending in endings:
        if name.endswith(ending):
            return _ENDINGS[ending]
    raise click.UsageError(
        f"The name {file.name!r} tells no format. End it in one of {', '.join(_ENDINGS)}, or give "
        "--format."
    )


@cases.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@LIBRARY_OPTION
def import_case(file: Path, library: Path | None) -> None:
    """Make a case of FILE, which `quoth cases export` wrote as JSON."""
    try:
        with file.open("rb") as opened:
            data = opened.read(LARGEST_IMPORT + 1)
    except OSError as error:
        raise click.UsageError(f"Cannot read {file}: {error.strerror}.") from error
    with casework_of(library) as (_, casework):
        case = casework.import_case(data)
    console().print(
        f"Made the case {case.id}, {visible(case.name)}, of {counted(case.quotes, 'quote')}."
    )


@cases.command()
@click.argument("case")
@click.argument("question")
@LIBRARY_OPTION
def absent(case: str, question: str, library: Path | None) -> None:
    """Keep in CASE the report that the documents do not answer QUESTION.

    It is searched for now. Where passages answer, or may, nothing is kept.
    """
    with casework_of(library) as (opened, casework):
        report = absence_report(opened, opened.ask(question))
        casework.note_question(case, case_question(report))
    console().print("Kept. It is in the dossier of the case.")


for _command in (quotes.keep, quotes.drop, quotes.note, quotes.tag, quotes.move):
    cases.add_command(_command)
