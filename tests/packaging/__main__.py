"""python -m tests.packaging [PYTHON | FOLDER...]: build Quoth, install it elsewhere, use it there.

Builds the sdist and from it the wheel, checks both, and installs the wheel with every PYTHON (the
default: each of 3.11 to 3.13 that this machine has) into an environment of its own, outside the
checkout; a FOLDER is an environment that is there, and is kept.
"""

import argparse
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import urllib.request
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TOOLS = ("build>=1.3", "check-wheel-contents>=0.6.3", "twine>=6")
VERSIONS = ("3.11", "3.12", "3.13")
PACKAGES = ("evaluation", "rag", "ui", "vector_store")
QUESTION = "What do Iranian media based in Qom feature?"


def main(pythons: list[str]) -> None:
    """Check everything; stop at the first thing that is wrong."""
    with tempfile.TemporaryDirectory(prefix="quoth-packaging-") as name:
        folder = Path(name)
        wheel = build(folder)
        check_contents(wheel)
        done = []
        for python in pythons:
            there = Path(python).is_dir()
            made = Path(python).resolve() if there else folder / "environment"
            maker = made / "bin" / "python" if there else python
            run(maker, ROOT / "install.py", made, wheel, cwd=folder)
            version = run(made / "bin" / "python", "-c", _VERSION, cwd=folder).strip()
            print(f"With Python {version}:", flush=True)
            use(made / "bin", folder / f"home-{version}")
            if not there:
                shutil.rmtree(made)
            done.append(version)
    missing = [v for v in VERSIONS if not any(d.startswith(f"{v}.") for d in done)]
    print(f"All is well with {', '.join(done)}. Not tried: {', '.join(missing) or 'none'}.")


_VERSION = "import platform; print(platform.python_version())"


def build(folder: Path) -> Path:
    """Build in `folder`, and check that sdist and checkout make the same wheel; return it."""
    tools = folder / "tools"
    run(sys.executable, "-m", "venv", tools)
    run(tools / "bin" / "pip", "install", "--quiet", *TOOLS)
    builder = (tools / "bin" / "python", "-m", "build", "--quiet")
    run(*builder, "--outdir", folder / "dist", ROOT)  # the wheel is made from the sdist
    run(*builder, "--wheel", "--outdir", folder / "direct", ROOT)
    [wheel], [direct] = (list((folder / n).glob("*.whl")) for n in ("dist", "direct"))
    assert digest(wheel) == digest(direct), "the sdist makes another wheel than the checkout"
    [sdist] = (folder / "dist").glob("*.tar.gz")
    run(tools / "bin" / "twine", "check", "--strict", sdist, wheel)
    run(tools / "bin" / "check-wheel-contents", "--config", ROOT / "pyproject.toml", wheel)
    with tarfile.open(sdist) as archive:
        held = {name.partition("/")[2] for name in archive.getnames()}
    assert {"install.py", "docs/python.md", "tests/conftest.py", "CONTRIBUTING.md"} <= held
    print(f"{sdist.name} makes {wheel.name}, the same as the checkout does", flush=True)
    return wheel


def digest(file: Path) -> str:
    """Return a file's digest."""
    return hashlib.sha256(file.read_bytes()).hexdigest()


def check_contents(wheel: Path) -> None:
    """Check that the wheel holds every module and asset, the seeds, types and licence."""
    with zipfile.ZipFile(wheel) as archive:
        held = set(archive.namelist())
        [points] = [n for n in held if n.endswith(".dist-info/entry_points.txt")]
        commands = archive.read(points).decode()
    code = {
        path.relative_to(ROOT).as_posix()
        for package in (*PACKAGES, "seeds")
        for path in (ROOT / package).rglob("*")
        if path.suffix in (".py", ".json", ".jsonl", ".js", ".css", ".html", ".txt", ".typed")
    }
    assert {name for name in held if ".dist-info/" not in name} == code
    assert {f"{package}/py.typed" for package in PACKAGES} <= held
    assert any(name.endswith(".dist-info/licenses/LICENSE") for name in held)
    assert "quoth = rag.cli.main:main" in commands
    assert "chat = ui.command:chat" in commands
    print(f"The wheel holds all {len(code)} files, the licence and the commands", flush=True)


def use(bin_: Path, home: Path) -> None:
    """Index, ask, serve and import in an environment that has nothing but the wheel."""
    home.mkdir()
    quoth, python = bin_ / "quoth", bin_ / "python"
    assert re.fullmatch(r"quoth \d+\.\d+\.\d+\n", run(quoth, "--version", cwd=home))
    where = run(python, "-c", "import rag, seeds; print(rag.__file__, *seeds.__path__)", cwd=home)
    assert str(ROOT) not in where, f"not the installed package: {where}"
    seeds = Path(where.split()[1])
    run(python, "-c", "from rag import Library; Library.in_memory().close()", cwd=home)
    report = run(quoth, "index", *sorted(seeds.glob("*.txt")), cwd=home)
    assert "Read 2 files into 19 passages" in report, report
    answer = run(quoth, "ask", "-k", "1", QUESTION, cwd=home)
    assert "Moreover, Iranian media based in Qom frequently feature stories" in answer, answer
    run(quoth, "ask", "How long is the Danube?", cwd=home, status=1)
    assert "All 19 passages of 2 documents equal" in run(quoth, "verify", cwd=home)
    health = serve(quoth, home)
    print(f"  index, ask, verify; quoth chat answers /healthz with {health!r}", flush=True)


def serve(quoth: Path, home: Path) -> str:
    """Start `quoth chat` and return what /healthz answers."""
    chat = subprocess.Popen(
        [quoth, "chat", "--port", "0"],
        stdout=subprocess.PIPE, text=True, cwd=home, env=environment(home),
    )  # fmt: skip
    try:
        assert chat.stdout is not None
        found = (re.search(r"http://127\.0\.0\.1:\d+", line) for line in chat.stdout)
        address = next(filter(None, found))[0]
        with urllib.request.urlopen(f"{address}/healthz", timeout=180) as response:
            assert response.status == 200
            return response.read().decode().strip()
    finally:
        chat.terminate()
        chat.communicate(timeout=180)


def environment(home: Path) -> dict[str, str]:
    """Return an environment without anything of this checkout or this person."""
    dropped = {"PYTHONPATH", "VIRTUAL_ENV", "QUOTH_LIBRARY", "QUOTH_CACHE"}
    kept = {name: value for name, value in os.environ.items() if name not in dropped}
    homes = {f"XDG_{kind}_HOME": str(home / kind) for kind in ("DATA", "CACHE", "CONFIG")}
    return {**kept, **homes, "HOME": str(home), "PYTHONUNBUFFERED": "1"}


def run(*command: str | Path, cwd: Path | None = None, status: int = 0) -> str:
    """Run a command and return what it printed; it must end with `status`."""
    env = environment(cwd) if cwd else None
    done = subprocess.run(
        command, cwd=cwd, env=env, stdout=subprocess.PIPE, text=True, check=False
    )  # fmt: skip
    assert done.returncode == status, f"{command} ended with {done.returncode}: {done.stdout}"
    return done.stdout


if __name__ == "__main__":
    there = [found for v in VERSIONS if (found := shutil.which(f"python{v}"))]
    parser = argparse.ArgumentParser(prog="python -m tests.packaging", description=__doc__)
    parser.add_argument("pythons", nargs="*", metavar="PYTHON | FOLDER", default=there)
    main(parser.parse_args().pythons)
