"""Names of files that are sent: each is shortened as given, or told from every other."""

import unicodedata
from pathlib import Path

import pytest
from hypothesis import given, strategies as st

from rag.errors import UnreadableFileError
from ui.jobs import file_placement
from ui.jobs.file_names import is_case_insensitive, paths_conflict, safe_name
from ui.jobs.file_placement import NameTakenError, check_conflicts, check_target

MEETING = "Протокол внеочередного общего собрания членов товарищества собственников жилья"
PAIRS = [
    (f"{MEETING} № 1.txt", f"{MEETING} № 2.txt"),
    ("north/a/b/c/d/e/f/g/plan.txt", "south/a/b/c/d/e/f/g/plan.txt"),
    ("n/" + "a/" * 16 + "plan.txt", "s/" + "a/" * 16 + "plan.txt"),
    (".plan.txt", "plan.txt"),
    ("case 12:3.txt", "case 12-3.txt"),
    ("plan\u200f.txt", "plan.txt"),
    ("x\\y.txt", "x/y.txt"),
    (" plan.txt", "plan.txt"),
    ("Re\u0301sume\u0301.txt", "R\u00e9sum\u00e9.txt"),
    ("plan.txt. ", "plan.txt"),
    ("./plan.txt", "plan.txt"),
    ("NUL.txt", "NUL-.txt"),
    ("con/plan.txt", "con-/plan.txt"),
    ("合" * 60 + "一.txt", "合" * 60 + "二.txt"),
]


@pytest.mark.parametrize(("first", "second"), PAIRS)
def test_two_names_never_become_one(first: str, second: str) -> None:
    assert safe_name(first) != safe_name(second)
    assert safe_name(first) == safe_name(first)


@pytest.mark.parametrize(
    "name", ["plan.txt", "a/b c/Straße.md", "الخطة.pdf", "می‌خواهم.txt", 'x" onload="y.pdf']
)
def test_an_ordinary_name_is_kept_as_it_is(name: str) -> None:
    assert str(safe_name(name)) == name


def test_a_name_that_is_changed_can_still_be_recognised() -> None:
    assert safe_name(".plan.txt").name.startswith("plan~")
    shortened = safe_name(f"{MEETING} № 2.txt").name
    assert shortened.startswith("Протокол внеочередного общего")
    assert "жилья № 2~" in shortened
    assert shortened.endswith(".txt")


def test_no_letter_is_cut_in_two() -> None:
    family = "👨‍👩‍👧‍👦"
    stem = safe_name(family * 30 + ".txt").name.partition("~")[0]
    assert stem.replace(family, "") == "…"


def test_a_name_that_looks_changed_is_told_from_one_that_was() -> None:
    changed = str(safe_name(".plan.txt"))
    assert safe_name(changed) not in (safe_name(".plan.txt"), safe_name("plan.txt"))


_LIKE_NAMES = st.text(
    st.sampled_from("aAé" + "e\u0301" + "/\\.: ~\u200fп…0f") | st.characters(), max_size=90
).map(lambda stem: stem + ".txt")


@given(_LIKE_NAMES, _LIKE_NAMES)
def test_names_are_mapped_one_to_one(first: str, second: str) -> None:
    try:
        paths = safe_name(first), safe_name(second)
    except UnreadableFileError:
        return
    assert (paths[0] == paths[1]) == (first == second)
    for path in paths:
        assert unicodedata.is_normalized("NFC", str(path))


@given(st.text(max_size=300) | _LIKE_NAMES)
def test_names_never_lead_out_of_the_folder(name: str) -> None:
    try:
        safe = safe_name(name)
    except UnreadableFileError:
        return
    assert not safe.is_absolute()
    for part in safe.parts:
        assert not part.startswith(".")
        assert not part.endswith((".", " "))
        assert len(part.encode()) <= 140
        assert part.partition(".")[0].lower() not in ("con", "prn", "aux", "nul", "com1", "lpt9")
    assert len(safe.parts) <= 16
    assert "\\" not in str(safe)
    folder = Path("/library/files")
    assert (folder / safe).resolve().is_relative_to(folder)


@pytest.mark.parametrize(
    ("first", "second", "on_one_disk", "on_another"),
    [
        ("plan.txt", "Plan.txt", True, False),
        ("plan.txt", "plan.txt/a.txt", True, True),
        ("a/b.txt", "A", True, False),
        ("plan.txt", "plan.txt", False, False),
        ("plan.txt", "plans.txt", False, False),
    ],
)
def test_which_names_cannot_stand_together(
    first: str, second: str, on_one_disk: bool, on_another: bool
) -> None:
    assert paths_conflict(Path(first), Path(second), ignore_case=True) == on_one_disk
    assert paths_conflict(Path(second), Path(first), ignore_case=False) == on_another


def test_a_disk_that_takes_two_names_for_one_is_noticed(tmp_path: Path) -> None:
    (tmp_path / "files").mkdir()
    assert is_case_insensitive(tmp_path / "files") == (tmp_path / "FILES").exists()
    if not (tmp_path / "FILES").exists():
        (tmp_path / "FILES").symlink_to(tmp_path / "files")
    assert is_case_insensitive(tmp_path / "files")


def test_what_such_a_disk_would_lose_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(file_placement, "is_case_insensitive", lambda folder: True)
    path = tmp_path / "Plan.txt"
    with pytest.raises(NameTakenError, match="upper and lower case"):
        check_conflicts(tmp_path, path, [tmp_path / "plan.txt"])
    check_conflicts(tmp_path, path, [path])
    (tmp_path / "plan.txt").touch()
    (tmp_path / "Plan.txt").unlink(missing_ok=True)
    (tmp_path / "Plan.txt").hardlink_to(tmp_path / "plan.txt")
    check_target(tmp_path, safe_name("plan.txt"))
    listed = list(tmp_path.iterdir())
    monkeypatch.setattr(Path, "iterdir", lambda folder: iter([p for p in listed if p != path]))
    with pytest.raises(NameTakenError, match="upper and lower case"):
        check_target(tmp_path, safe_name("Plan.txt"))
