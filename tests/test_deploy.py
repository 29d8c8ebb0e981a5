"""The commands, options and files of docs/deploy exist and are what the page says."""

import configparser
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from tests_support import ROOT

from rag.cli.main import commands
from rag.errors import SourceError
from ui.command import _opened

DEPLOY = ROOT / "docs" / "deploy"
CONTAINERFILE = (DEPLOY / "Containerfile").read_text(encoding="utf-8")
SERVICE = (DEPLOY / "quoth.service").read_text(encoding="utf-8")


def options_of(name: str) -> set[str]:
    command = commands.get_command(None, name)
    return {option for parameter in command.params for option in parameter.opts}


def test_every_command_and_option_shown_exists() -> None:
    page = (DEPLOY / "README.md").read_text(encoding="utf-8")
    shown = re.findall(r"quoth chat ([^\n`]*)", page + SERVICE)
    used = {word for line in shown for word in line.split() if word.startswith("--")}
    assert used == {"--set-password", "--host", "--log"}
    mentioned = set(re.findall(r"`(--(?:name|root-path))\b", page))
    assert mentioned == {"--name", "--root-path"}
    assert used | mentioned <= options_of("chat")
    assert 'CMD ["chat", "--host", "0.0.0.0"]' in CONTAINERFILE


def test_a_server_creates_the_library_that_its_environment_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QUOTH_LIBRARY", str(tmp_path / "library"))
    for _ in range(2):
        opened = _opened((), None, None)
        with opened.library:
            assert (opened.seeds, opened.library.documents()) == (False, [])
            assert opened.library.folder == str(tmp_path / "library")
    with pytest.raises(SourceError, match="There is no library"):
        _opened((), tmp_path / "other", None)


def test_the_container_is_built_of_what_the_wheel_needs(tmp_path: Path) -> None:
    lines = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    admitted = {line[1:] for line in lines if line.startswith("!")}
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    [packages] = re.findall(r"^packages = \[(.*)\]$", project.split("targets.wheel")[1], re.M)[:1]
    files = {"install.py", "pyproject.toml", "README.md", "LICENSE"}
    assert admitted == files | set(re.findall(r'"(\w+)"', packages))
    assert all((ROOT / name).exists() for name in admitted)


def test_container_and_service_write_to_their_own_folders_only() -> None:
    for variable in ("HOME", "XDG_DATA_HOME", "QUOTH_LIBRARY", "QUOTH_CACHE"):
        [inside] = re.findall(rf"\b{variable}=(\S+)", CONTAINERFILE)
        assert inside == "/data" or inside.startswith("/data/")
        [on_host] = re.findall(rf"\b{variable}=(\S+)", SERVICE)
        assert on_host.startswith(("/var/lib/quoth", "/var/cache/quoth"))
    assert re.search(r"^USER 1000:1000$", CONTAINERFILE, re.M)
    unit = configparser.RawConfigParser(strict=False)
    unit.read_string(SERVICE)
    hardened = {
        "dynamicuser": "yes", "protectsystem": "strict", "nonewprivileges": "yes",
        "ipaddressdeny": "any", "ipaddressallow": "localhost", "capabilityboundingset": "",
    }  # fmt: skip
    assert {name: unit["Service"][name] for name in hardened} == hardened


def test_systemd_accepts_every_line_of_the_unit(tmp_path: Path) -> None:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd is not installed")
    unit = tmp_path / "quoth.service"
    unit.write_text(SERVICE.replace("/opt/quoth/bin/quoth", "/bin/true"))
    verified = subprocess.run(
        ["systemd-analyze", "verify", str(unit)], capture_output=True, text=True, check=False
    )
    assert (verified.returncode, verified.stderr) == (0, "")
