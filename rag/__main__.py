"""python -m rag: the same as the command quoth."""

from rag.cli.main import main

main()
