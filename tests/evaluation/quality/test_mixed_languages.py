"""Libraries of several languages: which passages each share has, and what is measured."""

from evaluation.datasets.beir import Dataset, Entry
from evaluation.quality.mixed_languages import outcomes, smaller, together, without_long
from rag import Library


def made(name: str, passages: int, length: int = 1) -> Dataset:
    """Return a set whose even passages each answer the question of their number."""
    return Dataset(
        name,
        tuple(Entry(f"p{n}", "", f"{name} passage number{n} " * length) for n in range(passages)),
        {f"q{n}": f"{name} number{n}" for n in range(0, passages, 2)},
        {f"q{n}": {f"p{n}": 1} for n in range(0, passages, 2)},
        {},
        {},
    )


def test_a_smaller_set_keeps_the_passages_that_answer() -> None:
    small = smaller(made("en", 40), passages=6, questions=4)
    assert list(small.qrels) == ["q0", "q10", "q20", "q30"]
    assert [entry.id for entry in small.corpus] == ["p0", "p10", "p20", "p30", "p1", "p2"]
    assert without_long(made("en", 4, length=9), 50).corpus == ()


def test_several_sets_take_turns() -> None:
    mixed = together([made("ar", 4), made("fa", 2)])
    ids = [entry.id for entry in mixed.corpus]
    assert ids == ["ar/p0", "fa/p0", "ar/p2", "fa/p1", "ar/p1", "ar/p3"]
    assert mixed.qrels["ar/q2"] == {"ar/p2": 1}
    assert mixed.queries["fa/q0"] == "fa number0"


def test_each_share_is_asked_in_every_way() -> None:
    english, foreign = made("en", 40), together([made("ar", 20)])
    seconds: dict[str, list[float]] = {}
    with Library.in_memory(model="hashing") as library:
        rows = list(
            outcomes({"hashing": library}, english, foreign, {"q0": "ar number0"}, 5, seconds)
        )
    assert [(row.share, row.kind, row.questions) for row in rows] == [
        (2, "English", 20), (2, "other language", 1), (2, "English on other", 1),
        (5, "English", 20), (5, "other language", 2), (5, "English on other", 1),
        (20, "English", 20), (20, "other language", 5), (20, "English on other", 1),
    ]  # fmt: skip
    assert all(row.ndcg == 1 for row in rows)
    assert len(seconds["hashing"]) == 1  # 41 passages: one whole batch
