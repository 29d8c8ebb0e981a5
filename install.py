"""Make a virtual environment with Quoth in it: python install.py FOLDER [EXTRA | WHEEL].

What is installed is this folder, editable, with the extras named (as "dev"), or a built wheel.

On Linux the registry's newest torch brings gigabytes of GPU libraries that Quoth has no use for.
Where pip would fetch those, the CPU build of the same version is installed first, by uv, which
knows where it is kept. Needs only Python's standard library.
"""

import json
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent
GPU_LIBRARIES = ("nvidia-", "cuda-", "triton")


def main(folder: Path, what: str) -> None:
    """Make the environment, or bring it up to date."""
    python = folder / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    if not python.exists():
        print(f"Making a virtual environment in {folder} ...", flush=True)
        venv.create(folder, with_pip=True)
    pip = (str(python), "-m", "pip", "--disable-pip-version-check")
    run(*pip, "install", "--quiet", "--upgrade", "pip")
    torch = next(
        line.split('"')[1]
        for line in (ROOT / "pyproject.toml").read_text().splitlines()
        if line.strip().startswith('"torch==')
    )
    print(f"Installing {torch}, CPU build ...", flush=True)
    if brings_gpu_libraries(pip, torch):
        run(*pip, "install", "--quiet", "uv")
        run(str(python), "-m", "uv", "pip", "install", "--quiet", "--python", str(python),
            "--torch-backend", "cpu", torch)  # fmt: skip
    else:
        run(*pip, "install", "--quiet", torch)
    print("Installing Quoth ...", flush=True)
    if what.endswith(".whl"):
        run(*pip, "install", "--quiet", what)
    else:
        run(*pip, "install", "--quiet", "--editable", f"{ROOT}[{what}]" if what else str(ROOT))


def brings_gpu_libraries(pip: tuple[str, ...], requirement: str) -> bool:
    """Ask pip what it would install for a requirement, without installing anything."""
    plan = subprocess.run(
        [*pip, "install", "--quiet", "--dry-run", "--report", "-", requirement],
        check=True, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    names = [item["metadata"]["name"] for item in json.loads(plan.stdout)["install"]]
    return any(name.startswith(GPU_LIBRARIES) for name in names)


def run(*command: str) -> None:
    """Run a command; stop with its exit status when it fails."""
    finished = subprocess.run(command, check=False)
    if finished.returncode:
        sys.exit(finished.returncode)


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve(), " ".join(sys.argv[2:3]))
