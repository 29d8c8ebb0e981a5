"""python -m tests.frameworks [FOLDER]: these tests with the real frameworks, and mypy over them.

Makes a virtual environment in FOLDER (.venv-frameworks), or brings it up to date: the frameworks
bring over a hundred packages that neither Quoth nor its other tests need.
"""

import argparse
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
EXTRAS = "benchmarks,haystack,langchain,llamaindex"
TOOLS = (
    "hypothesis>=6.130", "langchain-tests>=1.1", "lxml-stubs>=0.5", "mypy>=1.18", "pytest>=8.4",
)  # fmt: skip
SHOWN = ("beir", "haystack-ai", "langchain-core", "langchain-tests", "llama-index-core", "mteb")
_VERSIONS = """
import sys, importlib.metadata
for name in sys.argv[1:]: print(name, importlib.metadata.version(name), flush=True)
"""


def main(folder: Path) -> int:
    """Run the tests; return 0 when all is well."""
    bin_ = folder / ("Scripts" if sys.platform == "win32" else "bin")
    python = str(bin_ / "python")
    subprocess.run([sys.executable, ROOT / "install.py", folder, EXTRAS], check=True)
    subprocess.run([python, "-m", "pip", "install", "--quiet", *TOOLS], check=True)
    subprocess.run([python, "-c", _VERSIONS, *SHOWN], check=True)
    environment = {**os.environ, "HAYSTACK_TELEMETRY_ENABLED": "False", "HF_HUB_OFFLINE": "1"}
    # The plugin that langchain-tests brings wants settings of its own; anyio's runs its tests.
    tests = (python, "-m", "pytest", "-p", "no:asyncio", "tests/frameworks")
    types = (python, "-m", "mypy", "-p", "rag.integrations", "-m", "evaluation.quality.benchmarks")
    return max(
        subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode
        for command in (types, tests)
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tests.frameworks", description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, default=ROOT / ".venv-frameworks")
    sys.exit(main(parser.parse_args().folder.resolve()))
