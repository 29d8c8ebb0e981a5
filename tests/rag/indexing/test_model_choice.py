"""Which model a new library begins with: by the shares of languages, and said with the reason."""

from pathlib import Path

import pytest
from tests_support import write_files

from rag import Library, ModelChoice, SourceError, library_models
from rag.cli.main import run
from rag.indexing import model_choice
from rag.indexing.discovery import find
from rag.indexing.model_choice import SAMPLE, choice_for, sampled_texts
from rag.models.hashing import HashingEmbedder
from rag.models.registry import MULTILINGUAL, SMALL

ENGLISH = "The university of Basra has offered scholarships to the students from Gaza."
FRENCH = "L'université de Bassora offre des bourses aux étudiants de Gaza et à leurs amis."
GERMAN = "Die Universität von Basra vergibt Stipendien an Studierende aus dem Gazastreifen."


@pytest.fixture(autouse=True)
def installed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Choose as where both models are installed, whether they are or not."""
    monkeypatch.setattr(model_choice, "is_installed", lambda name: True)


@pytest.fixture
def no_model(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Load a hashing embedder in place of every model; return the names that were to be loaded."""
    names: list[str] = []

    def embedder_for(model: str, runtime: str | None = None) -> HashingEmbedder:
        names.append(model)
        return HashingEmbedder()

    monkeypatch.setattr(library_models, "embedder_for", embedder_for)
    return names


def model_chosen(*texts: str) -> str:
    choice = choice_for(texts)
    assert choice is not None
    return choice.model


def test_the_share_of_other_languages_decides() -> None:
    assert model_chosen(*[ENGLISH] * 39, FRENCH) == SMALL
    assert model_chosen(*[ENGLISH] * 38, FRENCH, GERMAN) == MULTILINGUAL
    assert model_chosen(ENGLISH, FRENCH) == MULTILINGUAL
    assert model_chosen(FRENCH) == MULTILINGUAL
    assert model_chosen(ENGLISH) == SMALL


def test_what_has_no_language_counts_for_none() -> None:
    choice = choice_for([ENGLISH, "12", "3.14 42"])
    assert choice == ModelChoice(SMALL, {"en": 1.0})
    assert choice_for(["12"]) == ModelChoice(SMALL, {})
    assert choice_for([]) is None


def test_one_long_file_counts_no_more_than_is_looked_at() -> None:
    book = f"{FRENCH}\n" * 1_000
    choice = choice_for([book, *[f"{ENGLISH}\n" * 60] * 19])
    assert choice is not None
    assert list(choice.languages) == ["en", "fr"]
    assert choice.languages["fr"] == pytest.approx(0.05, abs=0.005)
    assert sum(choice.languages.values()) == pytest.approx(1)


@pytest.mark.parametrize(
    ("languages", "reason"),
    [
        ({"en": 1.0}, "since all of the text is English"),
        ({}, "since no language was recognised in the text"),
        ({"en": 0.97, "fr": 0.02, "de": 0.01},
         "since 97 % of the text is English (2 % French, 1 % German)"),
        ({"en": 0.999, "fr": 0.001},
         "since more than 99 % of the text is English (less than 1 % French)"),
        ({"en": 0.6, "ar": 0.4}, "since 40 % of the text is not English (40 % Arabic)"),
        ({"ar": 1.0}, "since 100 % of the text is not English (100 % Arabic)"),
        ({"en": 0.5, "fr": 0.2, "de": 0.1, "es": 0.1, "it": 0.05, "nl": 0.05},
         "since 50 % of the text is not English (20 % French, 10 % German, 10 % Spanish, "
         "2 others)"),
    ],
)  # fmt: skip
def test_the_reason_names_the_languages(languages: dict[str, float], reason: str) -> None:
    foreign = 1 - languages.get("en", 0) if languages else 0
    model = MULTILINGUAL if foreign >= model_choice.THRESHOLD else SMALL
    assert ModelChoice(model, languages).reason == reason


def test_a_model_that_is_not_installed_is_not_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(model_choice, "is_installed", lambda name: False)
    choice = choice_for([FRENCH])
    assert choice == ModelChoice(SMALL, {"fr": 1.0})
    assert choice.reason == (
        "although 100 % of the text is not English (100 % French), since multilingual-e5-small "
        "is not installed"
    )


def test_a_file_that_cannot_be_read_decides_nothing(tmp_path: Path) -> None:
    files = {f"{number:03}.txt": ENGLISH for number in range(2 * SAMPLE)}
    files |= {f"{number:03}.txt": "" for number in range(0, 2 * SAMPLE, 2)}
    write_files(tmp_path, files | {"001.txt": FRENCH})
    discovered = find([tmp_path]).files
    assert list(sampled_texts(discovered)) == [FRENCH]  # the first that can be read
    assert list(sampled_texts(discovered[::2])) == []


def test_a_sample_is_at_regular_intervals(tmp_path: Path) -> None:
    write_files(tmp_path, {f"{number:03}.txt": f"Text {number}." for number in range(3 * SAMPLE)})
    assert list(sampled_texts(find([tmp_path]).files)) == [
        f"Text {number}." for number in range(0, 3 * SAMPLE, 3)
    ]


def test_only_the_run_that_begins_a_library_reports_a_choice(
    tmp_path: Path, no_model: list[str]
) -> None:
    write_files(tmp_path / "docs", {"en.txt": ENGLISH, "fr.txt": FRENCH})
    with Library.open(tmp_path / "library") as library:
        choice = library.add(tmp_path / "docs").model_choice
        assert choice is not None
        assert (choice.model, list(choice.languages)) == (MULTILINGUAL, ["fr", "en"])
        assert no_model == [MULTILINGUAL]
        assert library.add(tmp_path / "docs").model_choice is None
    with Library.open(tmp_path / "other", model="hashing") as library:
        assert library.add(tmp_path / "docs").model_choice is None


def test_a_run_that_reads_nothing_leaves_the_choice_to_the_next(
    tmp_path: Path, no_model: list[str]
) -> None:
    write_files(tmp_path, {"empty.txt": "", "fr.txt": FRENCH})
    with Library.open(tmp_path / "library") as library:
        with pytest.raises(SourceError):
            library.add(tmp_path / "empty.txt")
        library.add(tmp_path / "fr.txt")
    assert no_model == [MULTILINGUAL]


def test_the_command_says_what_was_chosen_why_and_how_to_change_it(
    tmp_path: Path, no_model: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    write_files(tmp_path / "docs", {"en.txt": ENGLISH})
    assert run(["index", str(tmp_path / "docs")]) == 0
    assert capsys.readouterr().out.splitlines()[1:] == [
        "Model: all-MiniLM-L6-v2, since all of the text is English. "
        "To change it: quoth switch multilingual-e5-small"
    ]
    assert run(["index", str(tmp_path / "docs")]) == 0
    assert "Model:" not in capsys.readouterr().out
    write_files(tmp_path / "french", {"fr.txt": FRENCH})
    folder = tmp_path / "l"
    assert run(["index", str(tmp_path / "french"), "--library", str(folder)]) == 0
    assert capsys.readouterr().out.splitlines()[1] == (
        "Model: multilingual-e5-small, since 100 % of the text is not English (100 % French). "
        f"To change it: quoth switch small --library {folder}"
    )
