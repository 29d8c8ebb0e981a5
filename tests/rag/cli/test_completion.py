"""Pressing Tab in each shell completes a command and a file."""

import fcntl
import os
import pty
import select
import shlex
import shutil
import subprocess
import sys
import termios
import time
from pathlib import Path

import pytest
from tests_support import PATIENCE

START = {
    "bash": (
        "bash --norc --noprofile -i",
        'eval "$(_QUOTH_COMPLETE=bash_source quoth)"',
    ),
    "zsh": (
        "zsh -f -i",
        'autoload -U compinit && compinit -u -D; eval "$(_QUOTH_COMPLETE=zsh_source quoth)"',
    ),
    "fish": (
        "fish --no-config --interactive",
        "_QUOTH_COMPLETE=fish_source quoth | source",
    ),
}


class Terminal:
    """A shell at a terminal of its own."""

    def __init__(self, command: str, folder: Path) -> None:
        self._ours, theirs = pty.openpty()
        bin_ = Path(sys.executable).parent
        environment = {
            **os.environ,
            "PATH": f"{bin_}:{os.environ['PATH']}",
            "TERM": "xterm",
            "HOME": str(folder),
            "PS1": "> ",
        }
        self._process = subprocess.Popen(
            shlex.split(command),
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            cwd=folder,
            env=environment,
            start_new_session=True,
            preexec_fn=_take_terminal,
        )
        os.close(theirs)

    def type(self, keys: str) -> None:
        os.write(self._ours, keys.encode())

    def shows(self, text: str) -> bool:
        """Wait until the text is shown, and tell whether it was."""
        seen, end = "", time.monotonic() + PATIENCE
        while text not in seen and time.monotonic() < end:
            if select.select([self._ours], [], [], 0.1)[0]:
                seen += os.read(self._ours, 4096).decode("utf-8", "replace")
                if "\x1b[c" in seen or "\x1b[0c" in seen:  # fish asks what terminal this is
                    seen = seen.replace("\x1b[c", "").replace("\x1b[0c", "")
                    self.type("\x1b[?1;2c")
        return text in seen

    def close(self) -> None:
        self._process.kill()
        self._process.wait()
        os.close(self._ours)


def _take_terminal() -> None:
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


@pytest.mark.parametrize(
    "shell", ["bash", *(pytest.param(shell, marks=pytest.mark.slow) for shell in ("zsh", "fish"))]
)
def test_tab_completes_a_command_and_a_file(shell: str, tmp_path: Path) -> None:
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not installed")
    (tmp_path / "scenery.txt").write_text("Hills.")
    command, completion = START[shell]
    terminal = Terminal(command, tmp_path)
    try:
        terminal.type(f"{completion}; echo rea''dy\r")
        assert terminal.shows("ready")
        # What Tab puts into the line is shown by running it: echoes differ from shell to shell.
        terminal.type("echo start; quoth verif\t--help\r")
        assert terminal.shows("Usage: quoth verify")
        terminal.type("quoth remove scen\t--library none\r")
        assert terminal.shows("There is no library in")
        terminal.type("quoth index scen\t--model hashing\r")
        assert terminal.shows("Read 1 file into 1 passage")
    finally:
        terminal.close()
