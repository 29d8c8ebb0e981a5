"""The read_labels follow-ups: they quote the seeds, and the rules hold on them."""

import pytest
from tests_support import SEEDS

from evaluation.quality.followups import measure, read_labels, summary
from rag import Library


def test_every_label_stands_where_it_says() -> None:
    rows = read_labels()
    assert len({row["question"] for row in rows}) == len(rows) >= 30
    assert sum(not row["carries"] for row in rows) >= 10
    for row in rows:
        for gold in row["answers"]:
            text = (SEEDS / gold["document"]).read_text(encoding="utf-8")
            assert text[gold["start"] : gold["end"]] == gold["text"]


@pytest.mark.slow
def test_carried_words_find_what_the_question_alone_does_not(seeds_library: Library) -> None:
    figures = summary(measure(seeds_library, read_labels()))
    assert figures["first_with"] > figures["first_without"] + 0.2
    assert figures["carried_when_they_should"] > 0.8
    assert figures["carried_when_they_should_not"] < 0.1
