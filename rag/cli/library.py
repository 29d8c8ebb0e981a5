"""`quoth status`, `documents`, `mark`, `remove` and `switch`: a library's contents and model."""

import csv
import json
import sys
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from rag.cli.indexing.output import indexing_progress
from rag.cli.options import LIBRARY_OPTION, examples
from rag.cli.output import console, show_status, visible
from rag.default_library import open_existing
from rag.documents.listing import ORDERS, ListedDocument, checked_order
from rag.documents.lookup import paths_under
from rag.documents.unread import groups_of
from rag.export.quotes import inert
from rag.export.tables import unread_csv
from rag.ids import document_id
from rag.marking.marks import STATUSES
from rag.models.registry import named
from rag.text.encodings import encodable
from rag.text.plurals import counted
from vector_store.records import UnreadFile


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print the status as a JSON object.")
@LIBRARY_OPTION
def status(as_json: bool, library: Path | None) -> None:
    """Show what the library holds.

    Lists its documents, the model that searches them, and every file that could not be read.
    """
    with open_existing(library) as opened:
        report = opened.status()
    if as_json:
        click.echo(json.dumps(asdict(report), indent=2))
    else:
        show_status(report)


@click.command(
    epilog=examples(
        "quoth documents type:pdf after:2019 --order date",
        "quoth documents status:unseen --csv > to-read.csv",
        "quoth documents --not-read --csv",
    )
)
@click.argument("filters", nargs=-1)
@click.option("--find", default="", metavar="WORDS", help="Only with these in name or author.")
@click.option("--order", type=click.Choice(ORDERS), default="name", show_default=True)
@click.option("--reverse", is_flag=True, help="The last comes first.")
@click.option("--not-read", is_flag=True, help="List the files that were not read, by reason.")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON object per line.")
@click.option("--csv", "as_csv", is_flag=True, help="Print CSV.")
@LIBRARY_OPTION
def documents(
    filters: tuple[str, ...],
    find: str,
    order: str,
    reverse: bool,
    not_read: bool,
    as_json: bool,
    as_csv: bool,
    library: Path | None,
) -> None:
    """List documents with their date, author, status and tags.

    FILTERS are those of a question: type:pdf, folder:reports, author:keller, status:unseen,
    tag:urgent, after:2019-01. Dates are the documents' own, else those of their files.
    """
    form = "json" if as_json else "csv" if as_csv else ""
    with open_existing(library) as opened:
        if not_read:
            _show_unread(opened.status().unread, form)
            return
        listed = opened.list_documents(
            " ".join(map(_quoted, filters)), find=find, order=checked_order(order), reverse=reverse
        )
    _show_documents(listed, form)


def _quoted(argument: str) -> str:
    """Return a filter as a question has it: the shell has taken the quotes off."""
    kind, colon, value = argument.partition(":")
    return f'{kind}:"{value}"' if colon and " " in value and '"' not in value else argument


@click.command(
    epilog=examples(
        "quoth mark notes.md --status relevant --tag urgent",
        'quoth mark "mail/*" --status read --untag urgent',
    )
)
@click.argument("documents", nargs=-1, required=True)
@click.option("--status", type=click.Choice(STATUSES), help="How far you have come with them.")
@click.option("--tag", "tags", multiple=True, metavar="TAG", help="Add a tag; may be repeated.")
@click.option("--untag", "dropped", multiple=True, metavar="TAG", help="Remove a tag.")
@LIBRARY_OPTION
def mark(
    documents: tuple[str, ...],
    status: str | None,
    tags: tuple[str, ...],
    dropped: tuple[str, ...],
    library: Path | None,
) -> None:
    """Set the status of documents, and their tags.

    DOCUMENTS are names, files, folders or patterns such as "mail/*", as in --where.
    """
    if status is None and not tags and not dropped:
        raise click.UsageError("Say what to mark them with: --status, --tag or --untag.")
    with open_existing(library) as opened:
        count = opened.mark(documents, status=status, add_tags=tags, remove_tags=dropped)
    console().print(f"Marked {counted(count, 'document')}.")


@click.command(epilog=examples("quoth remove notes.md papers/2019/"))
@click.argument("paths", nargs=-1, required=True, type=click.Path())
@LIBRARY_OPTION
def remove(paths: tuple[str, ...], library: Path | None) -> None:
    """Remove documents from the library; their files stay as they are.

    PATHS name documents, or folders that contain them.
    """
    with open_existing(library) as opened:
        with opened.store.view() as view:
            ids = [document_id(path) for path in paths_under(view, paths)]
        remaining = opened.casework.count_quotes_of(ids)
        removed = opened.remove(paths)
    if not removed:
        raise click.UsageError(
            "The library has no document at these paths. To list its documents: quoth status"
        )
    console().print(f"Removed {counted(removed, 'document')}.")
    if remaining:
        quotes = counted(remaining, "quote")
        console().print(f"Your cases still hold {quotes} of it. To see them: quoth cases list")


@click.command(epilog=examples("quoth switch multilingual"))
@click.argument("model")
@LIBRARY_OPTION
def switch(model: str, library: Path | None) -> None:
    """Re-embed the library with another MODEL.

    MODEL is small, multilingual, a folder, or a hub name. The files are not read again. Until
    the switch is complete the old model answers questions; after an interruption, run the same
    command to continue.
    """
    with open_existing(library) as opened, indexing_progress() as progress:
        documents = opened.switch(model, progress=progress)
    console().print(f"{counted(documents, 'document')} now searched by {named(model)}.")


def _show_documents(documents: Sequence[ListedDocument], form: str) -> None:
    """Print documents as lines, or as "json" or "csv"."""
    if form == "json":
        for one in documents:
            click.echo(json.dumps(_values(one), ensure_ascii=False))
    elif form == "csv":
        _print_csv(map(_values, documents))
    else:
        out = console()
        for one in documents:
            tags = "".join(f"  #{tag}" for tag in one.mark.tags)
            out.print(
                f"{one.date[:10]:10}  {one.mark.status:10}  {visible(one.info.name)}"
                + visible(f"  ({one.author})" if one.author else "")
                + visible(tags)
            )
        out.print(f"{counted(len(documents), 'document')}.")


def _show_unread(files: Sequence[UnreadFile], form: str) -> None:
    """Print the files that were not read, grouped by reason, or as "json" or "csv"."""
    if form == "csv":
        click.echo(b"".join(unread_csv(files)).decode("utf-8-sig"), nl=False)
        return
    if form == "json":
        for file in files:
            values = {"name": encodable(file.name), "reason": file.reason}
            click.echo(json.dumps(values, ensure_ascii=False))
        return
    out = console()
    for group in groups_of(files):
        out.print(f"{counted(len(group.files), 'file')}: {visible(group.reason)}")
        for file in group.files:
            out.print(f"  {visible(file.name)}")


def _values(one: ListedDocument) -> dict[str, Any]:
    info = one.info
    return {
        "id": one.id,
        "name": encodable(info.name),
        "title": encodable(info.title),
        "type": encodable(one.type),
        "language": info.language,
        "author": encodable(one.author),
        "date": one.date,
        "own_date": one.own_date,
        "modified": one.modified,
        "size": one.size,
        "passages": info.passages,
        "status": one.mark.status,
        "tags": list(one.mark.tags),
        "sha256": info.sha256,
    }


def _print_csv(rows: Iterable[dict[str, Any]]) -> None:
    writer = None
    for row in rows:
        if writer is None:
            writer = csv.DictWriter(sys.stdout, list(row), lineterminator="\n")
            writer.writeheader()
        row["tags"] = "; ".join(row["tags"])
        writer.writerow({key: inert(cell) for key, cell in row.items()})
