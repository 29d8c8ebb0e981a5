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


def test_imports_go_one_way() -> None:
    faults = []
    for path in MODULES:
        package = path.relative_to(ROOT).parts[0]
        wrong = set(imported(path)) - {package} - MAY_IMPORT[package]
        faults += [f"{path.relative_to(ROOT)} imports {other}" for other in sorted(wrong)]
    assert faults == []
    assert len(MODULES) > 200


def unfit(path: Path) -> Iterator[str]:
    """Give what is too long in a module, or is missing from it."""
    source = path.read_text(encoding="utf-8")
    if len(source.splitlines()) > 330:
        yield f"it has {len(source.splitlines())} lines"
    tree = ast.parse(source)
    if not ast.get_docstring(tree):
        yield "it does not say what it is"
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            docstring = ast.get_docstring(node, clean=False) or ""
            body = node.end_lineno - node.lineno + 1 - len(docstring.splitlines())
            if body > 50:
                yield f"{node.name} has {body} lines"


def test_modules_and_functions_fit_on_a_screen() -> None:
    assert [f"{path.relative_to(ROOT)}: {one}" for path in MODULES for one in unfit(path)] == []


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
