"""The house's rules: what is light, how large a module and a folder may be.

Who may import whom is in `pyproject.toml`, and checked by import-linter.
"""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests_support import ROOT

import rag

PACKAGES = ("evaluation", "rag", "ui", "vector_store")
MODULES = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))


def test_no_folder_holds_more_than_twelve_modules() -> None:
    counts: dict[Path, int] = {}
    for path in MODULES:
        if not path.stem.startswith("__"):
            counts[path.parent] = counts.get(path.parent, 0) + 1
    assert {str(folder): count for folder, count in counts.items() if count > 12} == {}
    assert len(MODULES) > 200


def test_imports_are_absolute() -> None:
    for path in MODULES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            assert not (isinstance(node, ast.ImportFrom) and node.level), path


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
        "import sys, rag, rag.cli.main, rag.library\n"
        "heavy = {'torch', 'transformers', 'sentence_transformers', 'faiss', 'gradio', 'fastapi',"
        " 'lxml', 'pypdfium2', 'olefile', 'python_calamine'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_the_worker_starts_without_what_only_answers_need() -> None:
    code = (
        "import sys, rag.formats.worker_process, rag.formats.dispatch\n"
        "import rag.formats.mail.eml, rag.formats.pdf.reader\n"
        "heavy = {'torch', 'numpy', 'faiss', 'apsw', 'tantivy', 'click', 'pypdfium2'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_the_public_names_are_these() -> None:
    assert rag.__all__ == [
        "Answer", "AnswerList", "AsyncLibrary", "CalibrationReport", "CancelledWorkError",
        "Citation", "CitedPassage", "Contents", "Copy", "Counts", "DeadlineExceededError",
        "DenseSearch",
        "Document", "DocumentInfo", "Filter", "Followed", "ForeignVectorsError", "Highlight", "Hit",
        "Library", "Mention", "Mentions", "Missing", "MissingExtraError",
        "ModelChoice", "ModelError", "NotFoundError",
        "Paragraph", "Passage",
        "PassageInContext", "Problem", "Progress", "QuestionError", "Quoted", "QuothError",
        "Ranked", "Reading", "Report", "Restoration", "Search", "Searched", "SourceError", "Status",
        "StoreBusyError", "StoreDamagedError", "StoreError", "StoreUnwritableError",
        "StoreVersionError", "TableRow", "UnknownLanguage", "UnreadFile", "UnreadableFileError",
        "Verification",
        "Why", "follow", "restore",
    ]  # fmt: skip
    for name in rag.__all__:
        assert getattr(rag, name).__name__ == name
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        _ = rag.nonsense


def test_every_error_is_a_quoth_error() -> None:
    errors = [getattr(rag, name) for name in rag.__all__ if name.endswith("Error")]
    assert all(issubclass(error, rag.QuothError) for error in errors)
