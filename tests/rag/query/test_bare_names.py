"""Which questions are only names or numbers, and which are questions in a language."""

import pytest

from rag.query.bare_names import is_bare_name


@pytest.mark.parametrize(
    "question",
    [
        "Müller", "müller", "Müller?", "Al Mustafa University", "AL MUSTAFA", "SF-7777",
        "Nasiriyah 2014", "2014", "4711/32-B", "Władysław Sikorski", "Ludwig van Beethoven",
        "de Gaulle", "Universidad de Chile", "Jean-Paul Sartre", "O'Brien", "La Paz", "iPhone 15",
        "XJ7 QZ9 W77", "Кофи Аннан", "Nguyễn Văn Linh", "université Bassora",
        "البصرة", "جامعة البصرة", "جامعة البصرة 2014", "محمد بن سلمان", "دانشگاه تهران",
        "האוניברסיטה העברית", "东京", "北京大学", "シュワルツェネッガー", "กรุงเทพ",
        "서울 대학교", "AL MUSTAFA UNIVERSITY", "?", "",
    ],
)  # fmt: skip
def test_a_name_or_a_number_is_of_no_language(question: str) -> None:
    assert is_bare_name(question)


@pytest.mark.parametrize(
    "question",
    [
        "Wer leitet die Universität?", "wer leitet", "Wer leitet?", "Warum?", "Gdzie jest port?",
        "Gdzie jest?", "Где находится порт?", "Где порт?", "Où est-il ?",
        "Quelles bourses offre l'université de Bassora ?", "bourses université Bassora étudiants",
        "WER LEITET DIE UNIVERSITÄT?", "Wann wurde Al Mustafa gegründet?",
        "متى بُني الميناء؟", "متى بني؟", "من يدفع ثمن الرحلة؟", "چه کسی هزینه سفر را می‌پردازد؟",
        "מי משלם על הנסיעה?", "谁是总统", "日本の首都はどこですか", "東京ですか", "港はどこ？",
        "ท่าเรือสร้างเมื่อไร", "항구는 어디에 있습니까?",
    ],
)  # fmt: skip
def test_a_question_in_a_language_is_no_bare_name(question: str) -> None:
    assert not is_bare_name(question)
