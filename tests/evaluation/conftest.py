"""A labelled set made by hand."""

import json
from pathlib import Path

import pytest
from tests_support import write_files

CORPUS = {
    "rivers": "The Tigris and the Euphrates meet near Basra and flow to the sea.",
    "schools": "The university offers scholarships for medicine and engineering.",
    "food": "Dates are pressed into syrup after the harvest in autumn.",
}
QUERIES = {
    "q1": ("Which rivers meet near Basra?", "rivers"),
    "q2": ("For which subjects are there scholarships?", "schools"),
    "q3": ("Which rivers meet near Basra, in short?", "food"),  # judged so that it is missed
}


def jsonl(rows: list[dict]) -> str:
    """Return rows as JSON lines."""
    return "".join(json.dumps(row) + "\n" for row in rows)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder in the BEIR layout: three passages, three questions, one unanswerable."""
    qrels = "".join(f"{query}\t{entry}\t1\n" for query, (_, entry) in QUERIES.items())
    return write_files(
        tmp_path / "set",
        {
            "corpus.jsonl": jsonl([{"_id": i, "text": text} for i, text in CORPUS.items()]),
            "queries.jsonl": jsonl([{"_id": i, "text": text} for i, (text, _) in QUERIES.items()]),
            "qrels/test.tsv": "query-id\tcorpus-id\tscore\n" + qrels,
            "answers.jsonl": jsonl(
                [
                    {"_id": "q1", "answers": ["The Tigris and the Euphrates"]},
                    {"_id": "q2", "answers": ["medicine and engineering", "medicine"]},
                ]
            ),
            "unanswerable.jsonl": jsonl([{"_id": "u1", "text": "How do I reset a router?"}]),
        },
    )
