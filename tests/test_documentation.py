"""The documentation is true: its commands and examples run, and what it names exists."""

import ast
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from api_support import application
from page_support import serving
from tests_support import BASRA, QOM, ROOT, SEEDS

PAGES = {
    str(path.relative_to(ROOT)): path.read_text(encoding="utf-8")
    for path in (*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("evaluation/*.md"))
}
README = PAGES["README.md"]
FOLDERS = "docs|evaluation|rag|seeds|tests|ui|vector_store"


def fenced(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)


@pytest.fixture
def clone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Change to a folder with the data of a clone: the seed documents."""
    shutil.copytree(SEEDS, tmp_path / "clone" / "seeds")
    monkeypatch.chdir(tmp_path / "clone")
    return tmp_path / "clone"


@pytest.mark.usefixtures("small_model")
def test_the_commands_print_what_the_readme_shows(clone: Path) -> None:
    [console] = fenced("console")
    quoth = Path(sys.executable).parent / "quoth"
    parts = re.split(r"^\$ ", console, flags=re.MULTILINE)[1:]
    assert parts
    for part in parts:
        command, _, expected = part.partition("\n")
        completed = subprocess.run(
            ["sh", "-c", command.replace("quoth", shlex.quote(str(quoth)), 1)],
            capture_output=True,
            text=True,
            env={**os.environ, "PYTHONIOENCODING": "utf-8"},
            check=False,
        )
        assert completed.stdout.strip() == expected.strip(), completed.stderr
        assert completed.returncode == 0


def test_the_python_example_runs(clone: Path, capsys: pytest.CaptureFixture[str]) -> None:
    [code] = fenced("python")
    exec(compile(code, "README.md", "exec"), {})
    assert "The Al Mustafa International University in Qom" in capsys.readouterr().out


def test_the_examples_of_the_python_page_run(
    clone: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = PAGES["docs/python.md"]
    examples = re.findall(r"^```python\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    for code in examples:
        exec(compile(code, "docs/python.md", "exec"), {})
    printed = capsys.readouterr().out
    assert f"[1] {BASRA}, paragraph 4" in printed
    assert "'something else' is not the id of a passage." in printed
    assert re.search(r"^([1-9]) of \1$", printed, re.MULTILINE)
    assert len(examples) == 4


def test_the_python_page_names_every_error() -> None:
    import rag

    page = PAGES["docs/python.md"]
    named = {word for word in re.findall(r"\w+Error", page.split("## Errors")[1])}
    assert named == {name for name in rag.__all__ if name.endswith("Error")}


def test_the_readme_is_short_enough_to_read() -> None:
    assert len(README.split()) <= 450
    assert README.count("![") == 1


def test_the_layout_names_every_folder_and_no_other() -> None:
    layout = README.split("## Layout")[1].split("```")[1].strip().splitlines()
    assert len(layout) <= 25
    package, named = "", set()
    for line in layout:
        folders = re.findall(r"\w+(?=/)", line)
        if not line.startswith(" "):
            package = folders.pop(0)
            named.add(package)
        named |= {f"{package}/{folder}" for folder in folders}
    packages = ("vector_store", "rag", "ui", "evaluation")
    folders = {
        str(path.parent.relative_to(ROOT))
        for package in packages
        for path in (ROOT / package).glob("*/__init__.py")
    }
    assert named == {*packages, "seeds", "tests", *folders}


def test_the_formats_page_names_every_suffix_and_every_module() -> None:
    from rag.formats.registry import KINDS, TEXTS

    page = PAGES["docs/formats.md"]
    table = page.split("Not read:")[0]
    assert set(re.findall(r"(?<= )\.[a-z0-9]+", table)) == set(KINDS | TEXTS)
    listed = page.split("## Where each format is read")[1].split("```")[1]
    named = {line.split()[0] for line in listed.strip().splitlines()}
    formats = ROOT / "rag" / "formats"
    modules = {path.stem for path in formats.glob("*.py")}
    folders = {f"{path.parent.name}/" for path in formats.glob("*/__init__.py")}
    assert named == (modules - {"__init__"}) | folders


@pytest.mark.parametrize("page", PAGES)
def test_what_a_page_names_exists(page: str) -> None:
    names = re.findall(rf"(?:`|^    python )((?:{FOLDERS})/[\w./-]*)", PAGES[page], re.MULTILINE)
    assert [name for name in names if not (ROOT / name).exists()] == []
    modules = re.findall(rf"\b(?:{FOLDERS})(?:\.[a-z_]\w*)+", PAGES[page])
    paths = {module: ROOT / module.replace(".", "/") for module in modules}
    assert [
        module
        for module, path in paths.items()
        if not path.with_suffix(".py").is_file() and not path.is_dir()
    ] == []
    links = re.findall(r"\]\((?!https?:)([^)#]+)", PAGES[page])
    assert [link for link in links if not (ROOT / page).parent.joinpath(link).exists()] == []


def defined_in(path: Path) -> set[str]:
    """Return the names of a module's functions and classes, and of methods as Class.method."""
    names = set()
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            names.add(node.name)
        if isinstance(node, ast.ClassDef):
            methods = ast.FunctionDef | ast.AsyncFunctionDef
            names |= {f"{node.name}.{item.name}" for item in node.body if isinstance(item, methods)}
    return names


def test_the_walkthrough_names_functions_where_they_are() -> None:
    steps = re.findall(r"`([\w.]+)` \(`([\w/]+\.py)`\)", PAGES["docs/walkthrough.md"])
    assert len(steps) > 30
    assert [step for step in steps if step[0] not in defined_in(ROOT / step[1])] == []


def test_the_version_in_the_changelog_is_the_packages() -> None:
    from importlib.metadata import version

    changelog = PAGES["CHANGELOG.md"]
    assert re.search(r"^## \[([\d.]+)\]", changelog, re.MULTILINE)[1] == version("quoth")


def test_the_seed_documents_are_unchanged() -> None:
    import hashlib

    digests = {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in SEEDS.glob("*.txt")}
    assert digests == {
        BASRA: "ecbb06c63ec47e1a3133ca8db167003598be327b70ac145ee7847cda81ab176f",
        QOM: "e27df138e4acb146a076848c851b282cde2e25977ffcf625fcb40fb42346f4e7",
    }


@pytest.mark.slow
@pytest.mark.usefixtures("small_model")
def test_the_examples_of_the_api_run(
    clone: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = PAGES["docs/api.md"]
    examples = re.findall(r"^```python\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    assert len(examples) == 2
    with serving(tmp_path) as address:
        for code in examples:
            addressed = code.replace("http://127.0.0.1:7860", address)
            exec(compile(addressed, "docs/api.md", "exec"), {})
            assert "engineering, medicine, and the humanities" in capsys.readouterr().out


@pytest.mark.slow
def test_the_commands_of_the_api_run(tmp_path: Path) -> None:
    page = PAGES["docs/api.md"]
    [console] = re.findall(r"^```console\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    commands = re.findall(r"^\$ (quoth .*?)(?: +#.*)?$", console, re.MULTILINE)
    assert len(commands) == 4
    quoth = Path(sys.executable).parent / "quoth"
    outputs = []
    for command in commands:
        completed = subprocess.run(
            [quoth, *shlex.split(command)[1:]],
            capture_output=True,
            text=True,
            env={**os.environ, "QUOTH_LIBRARY": str(tmp_path)},
            check=True,
        )
        outputs.append(completed.stdout)
    assert re.fullmatch(r"notebook  read  \S+\nimporter  write  \S+\n", outputs[2])


def test_the_page_on_the_api_names_every_route(tmp_path: Path) -> None:
    page = PAGES["docs/api.md"]
    with application(tmp_path, with_gradio=False) as (client, _):
        paths = client.get("/api/openapi.json").json()["paths"]
    assert len(paths) > 10
    assert [path for path in paths if f"/api{path}" not in page] == []
