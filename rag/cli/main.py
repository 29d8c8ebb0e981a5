"""The entry point of the `quoth` command: its subcommands, error messages and exit status.

Packages above `rag` add subcommands through the entry-point group "quoth.commands", so that
nothing here imports them.

Exit status: 0 answered or done; 1 not answered or not verified; 2 bad usage or input; 130
interrupted; 128 plus the signal's number when ended by another signal; 141 when the reader of the
output has closed the pipe. A command that runs until it is stopped exits with 0.
"""

import io
import logging
import os
import sys
from collections.abc import Sequence
from importlib.metadata import entry_points

import click

from rag.cli.ask import ask
from rag.cli.calibration import calibrate
from rag.cli.casework.cases import cases
from rag.cli.indexing.command import index
from rag.cli.integrity import restore, verify
from rag.cli.judgements import export, judge
from rag.cli.library import documents, mark, remove, status, switch
from rag.cli.lists import mentions
from rag.cli.output import warn
from rag.cli.signals import TerminatedError, interrupt_on_signals
from rag.errors import QuothError

_ENTRY_POINTS = "quoth.commands"
_EPILOG = """\b
Getting started:
  quoth chat papers/          index a folder and ask in the browser
  quoth index papers/         index a folder
  quoth ask "Who may vote?"   quote the passages that answer

\b
Tab completion, in this shell or, from its start-up file, in every new one:
  bash   eval "$(_QUOTH_COMPLETE=bash_source quoth)"
  zsh    eval "$(_QUOTH_COMPLETE=zsh_source quoth)"
  fish   _QUOTH_COMPLETE=fish_source quoth | source

\b
Exit status: 0 answered or done, 1 not answered or not verified,
2 bad usage or input, 130 interrupted.
"""


class _Commands(click.Group):
    """A group that also finds commands of other packages and imports them when they are called."""

    def list_commands(self, context: click.Context) -> list[str]:
        plugins = [point.name for point in entry_points(group=_ENTRY_POINTS)]
        return sorted({*super().list_commands(context), *plugins})

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        command = super().get_command(context, name)
        if command is not None:
            return command
        for point in entry_points(group=_ENTRY_POINTS, name=name):
            plugin: click.Command = point.load()
            return plugin
        return None


@click.group(
    cls=_Commands,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog=_EPILOG,
)
@click.version_option(package_name="quoth", message="quoth %(version)s")
def commands() -> None:
    """Answers from your documents, word for word.

    All documents go into one library, your own unless --library names another. Nothing leaves
    this machine. See each command's --help for details.
    """


for _command in (
    *(index, ask, mentions, status, remove, switch, verify, restore),
    *(judge, calibrate, export),
    *(cases, documents, mark),
):
    commands.add_command(_command)


def main() -> None:
    """Run the command line and exit with its status."""
    logging.basicConfig(format="quoth: %(message)s", level=logging.ERROR)
    for stream in (sys.stdin, sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # the terminal may lack a quote's characters
    interrupt_on_signals()
    sys.exit(run(sys.argv[1:]))


def run(arguments: Sequence[str]) -> int:
    """Run a command and return its exit status; print any failure as one clear sentence."""
    try:
        status = commands.main(list(arguments), prog_name="quoth", standalone_mode=False)
    except QuothError as error:
        warn(str(error))
    except click.ClickException as error:
        error.show()
    except (KeyboardInterrupt, click.Abort) as interruption:
        cause = interruption.__cause__ or interruption  # click wraps it in an Abort of its own
        return 128 + cause.number if isinstance(cause, TerminatedError) else 130
    except BrokenPipeError:  # the reader of our output has stopped, as `head` does
        sys.stdout = open(os.devnull, "w")  # noqa: PTH123, SIM115
        return 141
    else:
        return status if isinstance(status, int) else 0
    return 2
