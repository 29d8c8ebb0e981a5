"""Quoth's Python API: from files to passages, from a question to an answer.

    from rag import Library

The stub `__init__.pyi` lists the public names, for type checkers and for this module alike. Each
name is imported when it is first used, so that importing this package costs next to nothing.
"""

import ast
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any


@cache
def _modules() -> dict[str, str]:
    """Return the module that defines each public name, as the stub's imports say."""
    stub = ast.parse(Path(__file__).with_suffix(".pyi").read_text(encoding="utf-8"))
    imports = [node for node in stub.body if isinstance(node, ast.ImportFrom)]
    return {alias.name: str(node.module) for node in imports for alias in node.names}


def __getattr__(name: str) -> Any:
    if name == "__all__":
        return sorted(_modules())
    if name.startswith("__") or name not in _modules():
        raise AttributeError(f"module 'rag' has no attribute {name!r}")
    return getattr(import_module(_modules()[name]), name)
