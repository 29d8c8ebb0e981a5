"""Training the cross-encoder: what it is shown, and that it learns."""

import json
from pathlib import Path

import pytest

from evaluation.datasets.beir import DatasetError
from evaluation.datasets.pairs import read_pairs
from evaluation.training.cross_encoder import Network, train
from evaluation.training.cross_encoder_examples import Examples, Source, source
from rag.models.cross_encoder_weights import BASE, tensors
from rag.models.hashing import HashingEmbedder
from rag.models.registry import SMALL, model_digest
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
    return source(pairs, HashingEmbedder(), read_pairs(pairs, passages=2, questions=2))


def test_what_is_kept_back_is_not_learnt(pairs: Path, towns: Source) -> None:
    held_out = read_pairs(pairs, passages=2, questions=2)
    questions = {towns.dataset.queries[query] for query in towns.queries}
    assert questions == set(towns.dataset.queries.values()) - set(held_out.queries.values())
    texts = {entry.id: entry.text for entry in towns.dataset.corpus}
    golds = {texts[p] for query in towns.queries for p in towns.dataset.qrels[query]}
    assert golds == set(PASSAGES.values()) - {entry.text for entry in held_out.corpus}
    assert towns.titled
    for query, rivals in towns.rivals.items():
        assert len(set(rivals)) == len(TOWNS) - 1 - len(held_out.qrels)
        assert not {passage for r in held_out.qrels.values() for passage in r} & set(rivals)
        assert not towns.dataset.qrels[query].keys() & set(rivals)


def test_a_group_is_the_excerpt_that_answers_then_rivals_and_often_a_misleading_question(
    towns: Source,
) -> None:
    examples = Examples([towns], [1.0], seed=0)
    groups = [examples.draw() for _ in range(200)]
    year_of = {town: PASSAGES[town].split("opened in ")[1][:4] for town in TOWNS}
    for group in groups:
        right, *rivals = group.pairs
        [town] = (town for town in TOWNS if f"bridge of {town} " in right.excerpt)
        assert right.answers
        assert right.answer is not None
        assert right.excerpt[slice(*right.answer)] == year_of[town]
        assert town.lower() in right.question.lower()
        assert len(rivals) == 3
        for rival in rivals:
            assert not rival.answers
            assert rival.question == right.question
            assert town not in rival.excerpt
    misled = [(g.pairs[0], g.misleading) for g in groups if g.misleading]
    assert 80 < len(misled) < 160
    for right, misleading in misled:
        assert misleading.excerpt == right.excerpt
        assert not misleading.answers
        [town] = (town for town in TOWNS if town in right.excerpt)
        assert misleading.question != f"When was the first bridge of {town} opened?"
    questions = {misleading.question for _, misleading in misled}
    assert any("last bridge" in question for question in questions)
    worded = [g.pairs[0].question for g in groups]
    assert any(question.islower() for question in worded)  # as typed into a search box
    assert any(question.split()[-1] in year_of.values() for question in worded)  # a claim
    assert any(g.pairs[0].excerpt.startswith("Bridges of ") for g in groups)
    again = Examples([towns], [1.0], seed=0)
    assert [again.draw() for _ in range(5)] == groups[:5]


def test_a_name_that_only_the_title_has_misleads_nobody(tmp_path: Path) -> None:
    rows = [
        {
            "question": f"When did the Beatles {verb}?",
            "title": "The Beatles",
            "passage": f"The band did {verb} in {year}.",
            "answers": [str(year)],
        }
        for year, verb in enumerate(("split", "meet", "tour"), start=1960)
    ]
    path = tmp_path / "bands.jsonl"
    path.write_text("\n".join(map(json.dumps, rows)))
    bands = source(path, HashingEmbedder(), read_pairs(path, passages=0, questions=0))
    examples = Examples([bands], [1.0], seed=0)
    for _ in range(100):
        group = examples.draw()
        if group.misleading:
            own, changed = group.pairs[0].question, group.misleading.question
            assert changed.lower().rstrip("?") != own.lower().rstrip("?")


def test_what_has_no_answer_or_no_text_is_left_out(pairs: Path) -> None:
    rows = list(map(json.loads, pairs.read_text().splitlines()))
    rows[0]["answers"], rows[1]["passage"] = [], "  "
    pairs.write_text("\n".join(map(json.dumps, rows)))
    towns = source(pairs, HashingEmbedder(), read_pairs(pairs, passages=1, questions=0))
    learnt = {towns.dataset.queries[query] for query in towns.queries}
    assert learnt == {row["question"] for row in rows[2:]}
    assert "p1" not in {rival for rivals in towns.rivals.values() for rival in rivals}


def test_sources_are_drawn_from_by_their_weights(towns: Source) -> None:
    only_first = Examples([towns, towns], [1.0, 0.0], seed=2)
    streamed = [only_first.draw().pairs[0].excerpt for _ in range(len(towns.queries))]
    shown = [town for text in streamed for town in TOWNS if f"bridge of {town} " in text]
    assert len(shown) == len(set(shown)) == len(towns.queries)  # all once before any again


@pytest.mark.slow
def test_training_lowers_the_loss_and_writes_the_upper_layers(
    towns: Source, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    base = SentenceTransformerEmbedder(SMALL)
    assert model_digest(SMALL) == BASE
    fresh = Network(base)
    network = train(Examples([towns], [1.0], 3), 12, base)
    chance = Examples([towns], [1.0], 4)
    unseen = [chance.draw() for _ in range(8)]
    assert network.loss(unseen).item() < 0.9 * fresh.loss(unseen).item()
    network.save(tmp_path / "trained.safetensors")
    changed = {name for name in tensors(tmp_path / "trained.safetensors") if "layers." in name}
    layers = {name.split("layer.")[1][0] for name in changed}
    assert layers == {"2", "3", "4", "5"}
    assert capsys.readouterr().out == ""  # progress is printed every 50 steps


def test_a_file_that_holds_no_pairs_is_refused(tmp_path: Path, pairs: Path) -> None:
    (tmp_path / "empty.jsonl").write_text("")
    with pytest.raises(DatasetError, match="contains no pairs"):
        source(tmp_path / "empty.jsonl", HashingEmbedder(), read_pairs(pairs))
