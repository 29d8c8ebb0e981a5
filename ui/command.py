"""The commands quoth chat, quoth mcp and quoth keys."""

import contextlib
from pathlib import Path

import click

from rag.cli.indexing.output import indexing_progress, show_report
from rag.cli.options import LIBRARY_OPTION, MODEL_OPTION, examples
from rag.cli.output import warn
from rag.config import library_folder, library_is_named
from rag.default_library import Opened, is_library, open_to_ask, seed_questions
from rag.library import Library
from rag.library_folder import LibraryFolder
from ui.security.api_keys import Keys
from ui.security.passwords import read_password, write_password
from ui.serving.json_logs import write_logs
from ui.serving.sockets import HOST, is_this_machine_only, listen

_EXAMPLES = 4
_NO_LIBRARY = "No library yet: {} the two seed documents. Add yours with: quoth index PATH"


def _hosts(
    context: click.Context, option: click.Parameter, names: tuple[str, ...]
) -> tuple[str, ...]:
    """Return names of hosts. Raises click.BadParameter for anything else."""
    from ui.security.hosts import parse_authority

    for name in names:
        try:
            parse_authority(name if ":" not in name else f"[{name}]")
        except ValueError as error:
            raise click.BadParameter(
                f"{name!r} is not a host. Give a host name or an IP address."
            ) from error
    return names


@click.command(
    epilog=examples(
        "quoth chat papers/", "quoth chat --host 0.0.0.0 --set-password", "quoth chat --log -"
    )
)
@click.argument("paths", nargs=-1, type=click.Path())
@LIBRARY_OPTION
@MODEL_OPTION
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=7860,
    show_default=True,
    help="Where to listen; 0 takes any free port.",
)
@click.option(
    "--host",
    default=HOST,
    show_default=True,
    help="The address to listen on; any other than this machine's needs a password.",
)
@click.option(
    "--name",
    "names",
    multiple=True,
    metavar="HOST",
    callback=_hosts,
    help="A name under which others reach the page; may be repeated.",
)
@click.option(
    "--root-path", default="", metavar="/PATH", help="The path that a proxy serves the page under."
)
@click.option("--set-password", is_flag=True, help="Ask for a password, store its hash, and exit.")
@click.option("--open-to-anyone", is_flag=True, help="Serve others without a password.")
@click.option("--log", metavar="FILE", help="Log events as lines of JSON (-: to stderr).")
@click.option("--log-questions", is_flag=True, help="Log the text of questions too.")
def chat(
    paths: tuple[str, ...],
    library: Path | None,
    model: str | None,
    port: int,
    host: str,
    names: tuple[str, ...],
    root_path: str,
    set_password: bool,
    open_to_anyone: bool,
    log: str | None,
    log_questions: bool,
) -> None:
    """Open the chat page in a browser.

    PATHS are added first. Without PATHS and without a library, the page shows the two seed
    documents. REST, MCP and gradio_client are served too (docs/api.md).
    """
    password_file = LibraryFolder(library or library_folder()).password
    if set_password:
        password = click.prompt("Password", hide_input=True, confirmation_prompt=True)
        write_password(password_file, password)
        click.echo(f"Stored its hash in {password_file}.")
        return
    password_hash = _password_hash(password_file, host, open_to_anyone)
    if log:
        _write_logs(log)
    with contextlib.closing(listen(port, host)) as bound:
        opened = _opened(paths, library, model)
        with opened.library as served:
            if opened.seeds:
                warn(_NO_LIBRARY.format("showing"))
            from ui.app_state import AppState  # loads Gradio
            from ui.security.guard import LOCAL_HOSTS
            from ui.served_library import OwnLibrary
            from ui.server import Serving, serve

            serving = Serving(
                hosts=LOCAL_HOSTS | {host, *names},
                password=password_hash,
                keys=_keys(library),
                needs_key=password_hash is not None or not is_this_machine_only(host),
                root_path=_root_path(root_path),
                log_questions=log_questions,
            )
            own = OwnLibrary(library_folder(), model) if opened.seeds else None
            examples = seed_questions(answerable_only=True)[:_EXAMPLES] if opened.seeds else []
            serve(AppState(served, examples, own=own), bound, _say_ready, serving)


@click.command()
@LIBRARY_OPTION
@MODEL_OPTION
def mcp(library: Path | None, model: str | None) -> None:
    """Serve an assistant (MCP).

    It uses standard input and output. The assistant can ask and read, but change nothing.
    """
    opened = open_to_ask(library, model)
    with opened.library as served:
        if opened.seeds:
            warn(_NO_LIBRARY.format("asking"))
        import anyio

        from ui.api.mcp_server import serve_stdio
        from ui.api.stdio import input_ended_by_signals
        from ui.app_state import AppState
        from ui.service import Service
        from ui.serving.metrics import Metrics

        with contextlib.closing(AppState(served)) as state, input_ended_by_signals():
            anyio.run(serve_stdio, Service(state, Metrics(state)))


@click.group()
def keys() -> None:
    """Make, list and revoke the API keys of a library."""


@keys.command()
@click.argument("name")
@click.option("--write", is_flag=True, help="Allow it to add and remove documents too.")
@LIBRARY_OPTION
def add(name: str, write: bool, library: Path | None) -> None:
    """Make a key called NAME and print it, once."""
    click.echo(_keys(library).add(name, "write" if write else "read"))
    click.echo("Save it now: only its hash is stored, so it cannot be shown again.", err=True)


@keys.command("list")
@LIBRARY_OPTION
def list_keys(library: Path | None) -> None:
    """List the keys: name, access, and the day each was made."""
    for key in _keys(library).all():
        click.echo(f"{key.name}  {key.access}  {key.made}")


@keys.command()
@click.argument("name")
@LIBRARY_OPTION
def revoke(name: str, library: Path | None) -> None:
    """Revoke the key called NAME; a running server refuses it at once."""
    _keys(library).revoke(name)
    click.echo(f"Revoked {name}.")


def _keys(library: Path | None) -> Keys:
    return Keys(LibraryFolder(library or library_folder()).api_keys)


def _say_ready(url: str) -> None:
    click.echo(f"Quoth is ready: {url}  (Ctrl-C stops)")


def _opened(paths: tuple[str, ...], folder: Path | None, model: str | None) -> Opened:
    if not paths:
        if folder is None and library_is_named() and not is_library(library_folder()):
            # A server's own library (docs/deploy): its documents are uploaded on the page.
            return Opened(Library.open(model=model), seeds=False)
        return open_to_ask(folder, model)
    library = Library.open(folder, model=model)
    try:
        with indexing_progress() as progress:
            report = library.add(paths, progress=progress)
        show_report(report, library.status())
    except BaseException:
        library.close()
        raise
    return Opened(library, seeds=False)


def _password_hash(file: Path, host: str, open_to_anyone: bool) -> str | None:
    """Return the hash of the password to ask for, or None if none is needed.

    Raises click.UsageError when one is needed and none is set.
    """
    if file.is_file() and not open_to_anyone:
        return read_password(file)
    if is_this_machine_only(host) or open_to_anyone:
        return None
    raise click.UsageError(
        f"On {host} others can reach your documents. Set a password first (quoth chat "
        "--set-password), or pass --open-to-anyone."
    )


def _write_logs(target: str) -> None:
    try:
        write_logs(target)
    except OSError as error:
        raise click.UsageError(f"Cannot write to {target}: {error.strerror}.") from error


def _root_path(path: str) -> str:
    return f"/{path.strip('/')}" if path.strip("/") else ""
