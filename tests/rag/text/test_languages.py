"""Languages: told from texts and questions, and what follows from them."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from tests_support import write_files

from rag import Library
from rag.indexing.model_choice import model_for
from rag.models.base import Embedder
from rag.models.hashing import HashingEmbedder
from rag.models.registry import MULTILINGUAL, SMALL, is_installed
from rag.query.query import AnalyzedQuestion, analyse
from rag.retrieval.pipeline import Models
from rag.text import languages
from rag.text.languages import NAMES, language_of_question, language_of_text
from rag.text.sentences import sentences

ARABIC = "تقدم جامعة البصرة منحا دراسية لطلاب غزة في الطب والهندسة والزراعة."
PERSIAN = "دانشگاه تهران در سال ۱۳۱۳ تأسیس شد و قدیمی‌ترین دانشگاه مدرن ایران است."
HEBREW = "האוניברסיטה העברית בירושלים נוסדה בשנת 1918 ונפתחה בשנת 1925."
FRENCH = "L'université de Bassora offre des bourses aux étudiants de Gaza."
ENGLISH = "The university of Basra offers scholarships to students from Gaza."


@pytest.mark.parametrize(
    ("language", "text"),
    [("ar", ARABIC), ("fa", PERSIAN), ("he", HEBREW), ("fr", FRENCH), ("en", ENGLISH), ("", "12")],
)
def test_the_language_of_a_text_is_told(language: str, text: str) -> None:
    assert language_of_text(text) == language


@pytest.mark.parametrize(
    ("language", "question"),
    [
        ("en", "Who pays for it?"),
        ("en", "scholarships in Basra"),
        ("ar", "من يدفع ثمن الرحلة؟"),
        ("fa", "چه کسی هزینه سفر را می‌پردازد؟"),
        ("he", "מי משלם על הנסיעה?"),
        ("fr", "Où se trouve l'université ?"),
        ("de", "Wann wurde die Brücke gebaut?"),
        ("es", "¿Quién paga el viaje?"),
    ],
)
def test_the_language_of_a_question_is_told(language: str, question: str) -> None:
    assert language_of_question(question, {"en"}) == language


def analysed(library: Library, text: str, embedder: Embedder) -> AnalyzedQuestion:
    with library.store.view() as view:
        return analyse(text, embedder, view)


def test_a_question_that_may_be_in_many_is_in_one_of_the_documents() -> None:
    assert language_of_question("Basra 2003", {"en"}) == "en"
    assert language_of_question("Basra 2003", {"fr"}) == "fr"


def test_every_language_has_a_name_and_the_models_are_chosen_by_them() -> None:
    assert NAMES["fa"] == "Persian"
    assert model_for([]) == model_for(["en", ""]) == SMALL
    assert model_for(["en", "ar"]) == (MULTILINGUAL if is_installed(MULTILINGUAL) else SMALL)


def test_sentences_end_where_their_language_ends_them() -> None:
    def split(text: str, language: str) -> list[str]:
        return [text[a:b] for a, b in sentences(text, language)]

    assert split("متى بدأ؟ بدأ في 2003. انتهى.", "ar") == ["متى بدأ؟", "بدأ في 2003.", "انتهى."]
    assert split("کی آمد؟ دیروز آمد.", "fa") == ["کی آمد؟", "دیروز آمد."]
    assert split("מתי? אתמול.", "he") == ["מתי?", "אתמול."]
    assert split("東京は首都です。人口は多い。", "ja") == ["東京は首都です。", "人口は多い。"]
    assert split("他来了。真的吗？是的！", "zh") == ["他来了。", "真的吗？", "是的！"]
    assert split("यह घर है। वह बड़ा है।", "hi") == ["यह घर है।", "वह बड़ा है।"]


class _EnglishOnly(HashingEmbedder):
    languages = frozenset({"en"})


def test_a_question_in_a_language_the_model_does_not_know_is_searched_by_its_words(
    tmp_path: Path,
) -> None:
    write_files(tmp_path, {"fr.txt": FRENCH, "en.txt": ENGLISH})
    with Library.open(tmp_path / "library", model="hashing") as library:
        library.add([tmp_path / "fr.txt", tmp_path / "en.txt"])
        assert library.counts().languages == ("en", "fr")
        asked = analysed(library, "Quelles bourses offre l'université ?", _EnglishOnly())
        assert (asked.language, asked.known) == ("fr", False)
        assert analysed(library, "Which scholarships?", _EnglishOnly()).known
        library._models.switch(Models.of(_EnglishOnly(), None))
        answer = library.ask("Quelles bourses offre l'université de Bassora ?")
        assert answer.passages[0].text == FRENCH
        assert answer.unknown_language is not None
        assert (answer.unknown_language.code, answer.unknown_language.name) == ("fr", "French")
        assert library.ask("Which scholarships?").unknown_language is None
        for name in ("Władysław Sikorski", "البصرة", "Bourses Bassora"):
            assert not analysed(library, name, _EnglishOnly()).known
            assert library.ask(name).unknown_language is None
        port = library.ask("متى بُني الميناء؟").unknown_language
        assert port is not None
        assert port.name == "Arabic"


def test_plain_english_needs_no_detector(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(languages, "_detector", None)
    assert language_of_text("This is what the law of the sea says, and who wrote it.") == "en"
    with pytest.raises(TypeError):  # half of it is not
        language_of_text("This is what the law says. Voilà où l’été a été créé à Évian: là-bas.")
    with pytest.raises(TypeError):
        language_of_text("Salle des fêtes. The end. Rue de la gare, place du marché, cour du roi.")


class _Spelling(_EnglishOnly):
    """Has no token longer than a letter for what is not lower case or not a word."""

    def knows(self, words: Sequence[str]) -> bool:
        return all(word.isalpha() and len(word) > 2 for word in words)


def test_a_code_is_searched_by_its_words_and_no_language_is_blamed(tmp_path: Path) -> None:
    write_files(tmp_path, {"en.txt": "The valve XJ7 QZ9 is shut by hand."})
    with Library.open(tmp_path / "library", model="hashing") as library:
        library.add(tmp_path / "en.txt")
        library._models.switch(Models.of(_Spelling(), None))
        assert not analysed(library, "XJ7 QZ9", _Spelling()).known
        answer = library.ask("XJ7 QZ9")
        assert answer.passages[0].text == "The valve XJ7 QZ9 is shut by hand."
        assert answer.unknown_language is None


class _Japanese(_Spelling):
    languages = frozenset({"en", "ja"})


def test_pairs_of_letters_do_not_decide_whether_a_language_is_known(tmp_path: Path) -> None:
    with Library.open(tmp_path / "library", model="hashing") as library:
        assert analysed(library, "日本の首都はどこですか", _Japanese()).known
        assert analysed(library, "首都 は 東京 か", _Japanese()).known
        assert not analysed(library, "日本の首都はどこですか", _Spelling()).known


def test_marks_and_terms_stand_in_the_original_text(tmp_path: Path) -> None:
    write_files(
        tmp_path, {"a.txt": ARABIC, "b.txt": PERSIAN, "c.txt": "東京は日本の首都です。" * 3}
    )
    with Library.open(tmp_path / "library", model="hashing") as library:
        library.add([tmp_path / name for name in ("a.txt", "b.txt", "c.txt")])
        first = library.ask("ما هي المنح التي تقدمها الجامعة؟").passages[0]
        marked = {first.text[h.start : h.end] for h in first.highlights if h.kind == "term"}
        assert first.text == ARABIC
        assert marked == {"تقدم", "جامعة", "منحا"}
        japanese = library.ask("日本の首都").passages[0]
        marks = [japanese.text[h.start : h.end] for h in japanese.highlights if h.kind == "term"]
        assert marks == ["日本の首都"] * 3  # overlapping pairs are marked as one
