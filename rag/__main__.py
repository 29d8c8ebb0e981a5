"""python -m rag: the same as the command quoth."""

from rag.cli import main

main()
