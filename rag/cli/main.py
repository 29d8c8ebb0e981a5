"""The command line: quoth index, ask, status and the rest, and what other packages add.

Packages above this one add commands through the entry-point group "quoth.commands", so that
nothing here imports them. Exit status: 0 answered or done, 1 not answered or not verified, 2 a
usage or input error, 130 interrupted, 128 and the signal's number when ended by another. What runs
until it is told to stop ends with 0 then.
"""

import io
import json
import logging
import os
import sys
from collections.abc import Sequence
from dataclasses import asdict
from importlib.metadata import entry_points
from pathlib import Path
from typing import TYPE_CHECKING

import click

from rag.cli.integrity import restore, verify
from rag.cli.judgements import export, judge
from rag.cli.options import LIBRARY_OPTION, MODEL_OPTION, examples
from rag.cli.output import (
    console,
    indexing_progress,
    show_answer,
    show_report,
    show_round,
    show_status,
    warn,
)
from rag.cli.signals import TerminatedError, interrupt_on_signals
from rag.errors import QuothError, SourceError

if TYPE_CHECKING:
    from rag.library import Library


class _Commands(click.Group):
    """A group whose commands may come from other packages, imported when they are called."""

    def list_commands(self, context: click.Context) -> list[str]:
        added = [point.name for point in entry_points(group="quoth.commands")]
        return sorted({*super().list_commands(context), *added})

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        own = super().get_command(context, name)
        if own is not None:
            return own
        for point in entry_points(group="quoth.commands", name=name):
            command: click.Command = point.load()
            return command
        return None


_BELOW = """\b
Begin with:
  quoth chat papers/          read a folder, and ask in the browser
  quoth index papers/         only read it
  quoth ask "Who may vote?"   quote what answers

\b
Completion by Tab, for as long as the shell runs; in its start-up file, for good:
  bash   eval "$(_QUOTH_COMPLETE=bash_source quoth)"
  zsh    eval "$(_QUOTH_COMPLETE=zsh_source quoth)"
  fish   _QUOTH_COMPLETE=fish_source quoth | source

\b
Exit status: 0 answered or done, 1 not answered or not verified,
2 bad usage or input, 130 interrupted.
"""


@click.group(
    cls=_Commands,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog=_BELOW,
)
@click.version_option(package_name="quoth", message="quoth %(version)s")
def commands() -> None:
    """Answers from your documents, word for word.

    What is indexed is kept in one library, your own unless --library names another. Nothing
    leaves this machine. Each command's --help tells more.
    """


def _codes(context: click.Context, option: click.Parameter, given: str | None) -> tuple[str, ...]:
    """Return the codes of languages, checked."""
    codes = tuple(code.strip().lower() for code in (given or "").split(",") if code.strip())
    from rag.text.languages import NAMES

    for code in codes:
        if code not in NAMES:
            raise click.BadParameter(f"{code!r} is no language's ISO 639-1 code, such as ar or en")
    return codes


@commands.command(epilog=examples(
    "quoth index papers/ notes.md", "quoth index papers/ --watch",
    "quoth index archive/ --languages ar,en --library archive.quoth",
))  # fmt: skip
@click.argument("paths", nargs=-1, required=True, type=click.Path())
@LIBRARY_OPTION
@MODEL_OPTION
@click.option("--languages", callback=_codes, metavar="CODES",
              help="What the documents are in, such as ar,en: chooses the model.")  # fmt: skip
@click.option(
    "--watch", is_flag=True, help="Then follow them, and take in what changes, until Ctrl-C."
)
def index(
    paths: tuple[str, ...],
    library: Path | None,
    model: str | None,
    languages: tuple[str, ...],
    watch: bool,
) -> None:
    """Add files and folders to the library, or bring them up to date.

    Files that did not change are passed over; of a folder, those that are gone are forgotten. A
    file that cannot be read is reported with the reason.

    A new library's model is chosen by the languages of what is indexed first: all-MiniLM-L6-v2
    for English, multilingual-e5-small for any other.
    """
    from rag.indexing.discovery import is_gone, resolved
    from rag.indexing.model_choice import model_for
    from rag.library import Library

    model = model or (model_for(languages) if languages else None)
    with Library.open(library, model=model) as opened:
        try:
            with indexing_progress() as progress:
                report = opened.add(paths, progress=progress)
            show_report(report, opened.status())
        except KeyboardInterrupt:
            documents = opened.status().counts.documents
            warn(
                f"Interrupted. The library holds {documents} whole documents; "
                "run the same command again to go on."
            )
            raise
        except SourceError as error:
            if not watch or any(map(is_gone, map(resolved, paths))):
                raise
            warn(str(error))
        if watch:
            _follow(opened, paths)


def _follow(library: "Library", paths: Sequence[str]) -> None:
    """Follow files and folders, telling what changes, until interrupted."""
    from rag.maintenance.watcher import Follower

    try:
        console().print("Following what changes there; Ctrl-C ends it.")
        sys.stdout.flush()
        for found in Follower(library, paths).rounds():
            show_round(found)
            sys.stdout.flush()
    except KeyboardInterrupt:
        console().print("No longer following.")


@commands.command(epilog=examples("quoth switch multilingual"))
@click.argument("model")
@LIBRARY_OPTION
def switch(model: str, library: Path | None) -> None:
    """Embed the library anew by another MODEL.

    MODEL is small, multilingual, a folder or a hub name. The files are not read again. Questions
    are answered by the old model meanwhile; after an interruption the same command goes on.
    """
    from rag.default_library import open_existing
    from rag.models.registry import named

    with open_existing(library) as opened, indexing_progress() as progress:
        documents = opened.switch(model, progress=progress)
    console().print(
        f"{documents} document{'' if documents == 1 else 's'} now searched by {named(model)}."
    )


@commands.command(epilog=examples(
    'quoth ask "Which subjects do the scholarships cover?"',
    """quoth ask 'What pays for "clean water" type:pdf' -k 3""",
    'quoth ask --where "reports/*" --json "Who signed?" | jq .answered',
))  # fmt: skip
@click.argument("question")
@click.option("-k", "count", type=click.IntRange(1, 100), default=5, show_default=True,
              help="How many passages at most.")  # fmt: skip
@click.option("--where", multiple=True, metavar="PATTERN",
              help='Search only these: a document, a folder, or a pattern such as "*.md"; '
                   "may be repeated.")  # fmt: skip
@click.option("--after", "earlier", metavar="QUESTION", default="",
              help='The question before, for one such as "And in Qom?".')  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print the answer as a JSON object.")
@LIBRARY_OPTION
@MODEL_OPTION
@click.pass_context
def ask(
    context: click.Context,
    question: str,
    count: int,
    where: tuple[str, ...],
    earlier: str,
    as_json: bool,
    library: Path | None,
    model: str | None,
) -> None:
    """Quote the passages that answer QUESTION.

    When none does, the nearest misses are shown as such. "-" reads the question from standard
    input. "exact phrase", -word, document:name, folder:name, type:md, after:2024-05 and before:2025
    in it are kept to.
    """
    from rag.chat.followups import follow
    from rag.default_library import open_to_ask
    from rag.indexing.discovery import followed
    from rag.query.syntax import parse

    if question == "-":
        question = sys.stdin.read()
    opened = open_to_ask(library, model)
    if opened.seeds:
        warn("No library yet: asking the two seed documents. Add yours with: quoth index PATH")
    with opened.library as asked:
        before = parse(earlier) if earlier.strip() else None
        named = [followed(pattern) for pattern in where]
        answer = follow(asked, question, before, k=count, where=named).answer
    if as_json:
        click.echo(json.dumps(answer.to_dict(), indent=2))
    else:
        show_answer(answer)
    context.exit(0 if answer.answered else 1)


@commands.command()
@click.option("--json", "as_json", is_flag=True, help="Print the status as a JSON object.")
@LIBRARY_OPTION
def status(as_json: bool, library: Path | None) -> None:
    """Show what the library holds.

    Its documents, the model that searches them, and every file that could not be read.
    """
    from rag.default_library import open_existing

    with open_existing(library) as opened:
        found = opened.status()
    if as_json:
        click.echo(json.dumps(asdict(found), indent=2))
    else:
        show_status(found)


@commands.command(epilog=examples("quoth remove notes.md papers/2019/"))
@click.argument("paths", nargs=-1, required=True, type=click.Path())
@LIBRARY_OPTION
def remove(paths: tuple[str, ...], library: Path | None) -> None:
    """Forget documents; the files stay as they are.

    PATHS are those of documents, or of folders above them.
    """
    from rag.default_library import open_existing

    with open_existing(library) as opened:
        removed = opened.remove(paths)
    if not removed:
        raise click.UsageError(
            "None of the library's documents is there. See what it holds: quoth status"
        )
    console().print(f"Removed {removed} document{'' if removed == 1 else 's'}.")


for _command in (verify, restore, judge, export):
    commands.add_command(_command)


def main() -> None:
    """Run the command line and exit with its status."""
    logging.basicConfig(format="quoth: %(message)s", level=logging.ERROR)
    logging.getLogger("quoth").setLevel(logging.WARNING)
    for stream in (sys.stdin, sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a quote may hold what the terminal lacks
    interrupt_on_signals()
    sys.exit(run(sys.argv[1:]))


def run(arguments: Sequence[str]) -> int:
    """Run a command; turn every failure into one clear sentence, and return the exit status."""
    try:
        status = commands.main(list(arguments), prog_name="quoth", standalone_mode=False)
    except QuothError as error:
        warn(str(error))
    except click.ClickException as error:
        error.show()
    except (KeyboardInterrupt, click.Abort) as interruption:
        cause = interruption.__cause__ or interruption  # click raises its own in its place
        return 128 + cause.number if isinstance(cause, TerminatedError) else 130
    except BrokenPipeError:  # whoever read our output has stopped, as `head` does
        sys.stdout = open(os.devnull, "w")  # noqa: PTH123, SIM115
        return 141
    else:
        return status if isinstance(status, int) else 0
    return 2
