"""The `quoth` command: main.py starts it; each other module holds a few of its subcommands."""
