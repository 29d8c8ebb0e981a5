"""Training the cross-encoder: what it is shown, and that it learns."""

import json
from pathlib import Path

import pytest

from evaluation.datasets.beir import DatasetError
from evaluation.datasets.pairs import read_pairs
from evaluation.training.cross_encoder import Network, train
from evaluation.training.cross_encoder_examples import RIVALS, Examples, Group, Source, source
from rag.models.cross_encoder_weights import tensors
from rag.models.registry import SMALL
from rag.models.sentence_transformers import SentenceTransformerEmbedder

TOWNS = "Basra Mosul Najaf Kufa Erbil Kirkuk Hilla Amara Samarra Tikrit".split()
PASSAGES = {
    town: f"{town} lies on a river. The bridge of {town} was opened in {1900 + i} by a mayor. "
    f"It is {i + 3} metres wide."
    for i, town in enumerate(TOWNS)
}


@pytest.fixture
def pairs(tmp_path: Path) -> Path:
    rows = [
        {
            "question": f"When was the first bridge of {town} opened?",
            "title": f"Bridges of {town}",
            "passage": passage,
            "answers": [passage.split("opened in ")[1][:4]],
        }
        for town, passage in PASSAGES.items()
    ]
    path = tmp_path / "towns.jsonl"
    path.write_text("\n".join(map(json.dumps, rows)))
    return path


@pytest.fixture
def towns(pairs: Path) -> Source:
    return source(pairs, read_pairs(pairs, passages=2, questions=2))


def test_what_is_held_out_is_not_learnt(pairs: Path, towns: Source) -> None:
    held_out = read_pairs(pairs, passages=2, questions=2)
    questions = {row.question for row in towns.rows}
    assert len(questions) == len(TOWNS) - 2
    assert not questions & set(held_out.queries.values())
    assert {row.passage for row in towns.rows} == set(PASSAGES.values()) - {
        entry.text for entry in held_out.corpus
    }
    assert towns.titled
    assert towns.language == "en"
    for i, row in enumerate(towns.rows):
        rivals = {rival.passage for rival in towns.rivals[i]}
        assert len(rivals) == len(TOWNS) - 3
        assert rivals == {other.passage for other in towns.rows} - {row.passage}


def drawn(examples: Examples, number: int) -> list[Group]:
    return [examples.draw() for _ in range(number)]


def test_a_group_is_the_excerpt_that_answers_then_others_and_often_a_near_miss(
    towns: Source,
) -> None:
    groups = drawn(Examples([towns], [1.0], seed=0), 200)
    year_of = {town: PASSAGES[town].split("opened in ")[1][:4] for town in TOWNS}
    cut = 0
    for group in groups:
        right, *others = group.pairs
        [town] = (town for town in TOWNS if f"bridge of {town} " in right.excerpt)
        assert right.answers
        assert right.answer is not None
        assert right.excerpt[slice(*right.answer)] == year_of[town]
        assert town.lower() in right.question.lower()
        rivals = [pair for pair in others if town not in pair.excerpt]
        assert len(rivals) == RIVALS
        for pair in others:
            assert not pair.answers
            assert pair.question == right.question
            assert year_of[town] not in pair.excerpt
        cut += len(others) - len(rivals)
    assert 80 < cut < 160
    misses = [(group.pairs[0], miss) for group in groups for miss in group.others]
    assert 110 < len(misses) < 190
    for right, miss in misses:
        assert miss.excerpt == right.excerpt
        assert not miss.answers
        [town] = (town for town in TOWNS if town in right.excerpt)
        assert miss.question != f"When was the first bridge of {town} opened?"
    assert any("last bridge" in miss.question for _, miss in misses)
    questions = [group.pairs[0].question for group in groups]
    assert any(question.islower() for question in questions)  # as typed into a search box
    assert any(question.split()[-1] in year_of.values() for question in questions)  # a claim
    assert any(group.pairs[0].excerpt.startswith("Bridges of ") for group in groups)
    assert drawn(Examples([towns], [1.0], seed=0), 5) == groups[:5]


def rewritten(pairs: Path, **changes: object) -> Path:
    """Give the first row other values."""
    first, *others = map(json.loads, pairs.read_text().splitlines())
    pairs.write_text("\n".join(map(json.dumps, [{**first, **changes}, *others])))
    return pairs


def test_a_question_that_misleads_is_shown_beside_its_passage_only(pairs: Path) -> None:
    rewritten(pairs, answers=[], question="Who painted the bridge of Basra?")
    towns = source(pairs, read_pairs(pairs, passages=0, questions=0))
    groups = drawn(Examples([towns], [1.0], 0), len(towns.rows))
    [group] = [group for group in groups if not group.pairs]
    [pair] = group.others
    assert pair.question == "Who painted the bridge of Basra?"
    assert "Basra" in pair.excerpt
    assert not pair.answers


def test_where_all_of_a_passage_answers_others_of_its_group_are_near_misses(pairs: Path) -> None:
    rows = list(map(json.loads, pairs.read_text().splitlines()))
    for number, row in enumerate(rows):
        row |= {"answers": None, "group": f"g{number // 2}"}
    pairs.write_text("\n".join(map(json.dumps, rows)))
    towns = source(pairs, read_pairs(pairs, passages=0, questions=0))
    assert [towns.rivals[i][0].passage for i in range(4)] == [
        towns.rows[i].passage for i in (1, 0, 3, 2)
    ]
    for group in drawn(Examples([towns], [1.0], 0), 20):
        assert group.pairs[0].answers
        assert group.pairs[0].answer is None


def test_what_has_no_text_is_left_out(pairs: Path) -> None:
    rewritten(pairs, passage="  ")
    towns = source(pairs, read_pairs(pairs, passages=0, questions=0))
    assert len(towns.rows) == len(TOWNS) - 1
    assert all(rival.passage.strip() for rivals in towns.rivals.values() for rival in rivals)


def test_sources_are_drawn_from_by_their_weights(towns: Source) -> None:
    groups = drawn(Examples([towns, towns], [1.0, 0.0], seed=2), len(towns.rows))
    excerpts = [group.pairs[0].excerpt for group in groups]
    shown = [town for text in excerpts for town in TOWNS if f"bridge of {town} " in text]
    assert len(shown) == len(set(shown)) == len(towns.rows)  # all once before any again


@pytest.mark.slow
def test_training_lowers_the_loss_and_writes_the_upper_layers(
    towns: Source, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    base = SentenceTransformerEmbedder(SMALL)
    unseen = drawn(Examples([towns], [1.0], 4), 8)
    network = Network(base, frozen=4)
    before = network.loss(unseen).item()
    path = tmp_path / "trained.safetensors"
    train(network, Examples([towns], [1.0], 3), 12, lambda: network.save(path))
    after = network.loss(unseen).item()
    assert after < 0.9 * before
    changed = {name for name in tensors(path) if "layers." in name}
    assert {name.split("layer.")[1][0] for name in changed} == {"4", "5"}
    again = Network(base, frozen=4, start=tensors(path))
    assert again.loss(unseen).item() == pytest.approx(after, abs=0.1)  # in 8 bits
    assert capsys.readouterr().out == ""  # progress is printed every 50 steps


def test_a_file_that_holds_no_pairs_is_refused(tmp_path: Path, pairs: Path) -> None:
    (tmp_path / "empty.jsonl").write_text("")
    with pytest.raises(DatasetError, match="contains no pairs"):
        source(tmp_path / "empty.jsonl", read_pairs(pairs))


def test_most_questions_of_a_small_file_are_left_to_learn_from(pairs: Path) -> None:
    held_out = read_pairs(pairs)
    assert len(held_out.queries) == len(TOWNS) // 4
    assert len(source(pairs, held_out).rows) == len(TOWNS) - len(TOWNS) // 4


def test_a_part_of_what_is_held_out_is_none_to_learn_from(pairs: Path) -> None:
    held_out = read_pairs(pairs, questions=8)
    part = read_pairs(pairs, questions=8, part=5)
    assert len(part.corpus) == 5
    assert set(part.corpus) < set(held_out.corpus)
    assert set(part.queries) < set(held_out.queries)
    passages = {entry.id for entry in part.corpus}
    assert {query for query, of in held_out.qrels.items() if of.keys() <= passages} == set(
        part.queries
    )


def test_a_file_without_a_question_left_to_learn_from_is_refused(pairs: Path) -> None:
    with pytest.raises(DatasetError, match="every question is held out"):
        source(pairs, read_pairs(pairs, questions=len(TOWNS)))
