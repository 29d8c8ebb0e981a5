"""The house's rules: who may import whom, what is light, how large a room may be."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests_support import ROOT

import rag

PACKAGES = ("evaluation", "rag", "ui", "vector_store")
MAY_IMPORT = {
    "vector_store": set(),
    "rag": {"vector_store"},
    "ui": {"rag", "vector_store"},
    "evaluation": {"rag", "vector_store"},
}
MODULES = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))


def imported(path: Path) -> Iterator[str]:
    """Give the packages of ours that a module imports, wherever in it."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            names = [node.module or ""]
        yield from (name.split(".")[0] for name in names if name.split(".")[0] in PACKAGES)


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_imports_go_one_way(path: Path) -> None:
    package = path.relative_to(ROOT).parts[0]
    assert set(imported(path)) - {package} <= MAY_IMPORT[package]


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_modules_and_functions_fit_on_a_screen(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    assert len(source.splitlines()) <= 330
    tree = ast.parse(source)
    assert ast.get_docstring(tree), "a module says what it is"
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            docstring = ast.get_docstring(node, clean=False) or ""
            body = node.end_lineno - node.lineno + 1 - len(docstring.splitlines())
            assert body <= 50, f"{node.name} has {body} lines"


def test_importing_rag_is_light() -> None:
    code = (
        "import sys, rag, rag.cli, rag.library\n"
        "heavy = {'torch', 'transformers', 'sentence_transformers', 'faiss', 'gradio', 'fastapi',"
        " 'lxml', 'pypdfium2', 'olefile', 'python_calamine'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_the_worker_starts_without_what_only_answers_need() -> None:
    code = (
        "import sys, rag.formats.child, rag.formats.reading, rag.formats.mail, rag.formats.pdf\n"
        "heavy = {'torch', 'numpy', 'faiss', 'apsw', 'tantivy', 'click', 'pypdfium2'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_the_public_names_are_these() -> None:
    assert rag.__all__ == [
        "Answer", "AsyncLibrary", "CancelledWorkError", "Citation", "CitedPassage", "Contents",
        "Copy", "Counts", "DeadlineExceededError", "DenseSearch", "Document", "DocumentInfo",
        "Filter", "Followed", "ForeignVectorsError", "Highlight", "Hit", "Library",
        "MissingExtraError", "ModelError", "NotFoundError", "Paragraph", "Passage",
        "PassageInContext", "Problem", "Progress", "QuestionError", "Quoted", "QuothError",
        "Ranked", "Reading", "Report", "Restoration", "Search", "Searched", "SourceError",
        "Status", "StoreBusyError", "StoreDamagedError", "StoreError", "StoreUnwritableError",
        "StoreVersionError", "UnknownLanguage", "UnreadFile", "UnreadableFileError",
        "Verification", "Why", "follow", "restore",
    ]  # fmt: skip
    for name in rag.__all__:
        assert getattr(rag, name).__name__ == name
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        _ = rag.nonsense


def test_every_error_is_a_quoth_error() -> None:
    errors = [getattr(rag, name) for name in rag.__all__ if name.endswith("Error")]
    assert all(issubclass(error, rag.QuothError) for error in errors)
