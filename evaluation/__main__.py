"""python -m evaluation SET...: the same as quoth evaluate."""

import sys

from rag.cli.main import run

sys.exit(run(["evaluate", *sys.argv[1:]]))
