"""People's judgements as an evaluation set in the BEIR layout.

The corpus is every passage of the library. A passage is relevant to a question if it contains a
span that was judged to answer it. Unanswerable questions go to `unanswerable.jsonl`.
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rag.library import Library
from vector_store.records import Passage


def write_set(library: Library, folder: Path) -> int:
    """Write a library's judged questions to a folder; return how many there are.

    Raises OSError when the folder cannot be written.
    """
    rows = library.labelled_questions()
    corpus: list[dict[str, str]] = []
    relevant: dict[str, list[str]] = {row["id"]: [] for row in rows}
    for info in library.documents():
        for passage in library.contents(info.path).passages:
            corpus_id = f"{info.id}-{passage.paragraph.number}"
            corpus.append({"_id": corpus_id, "title": info.title, "text": passage.text})
            for row in rows:
                if any(_contains(passage, answer) for answer in row["answers"]):
                    relevant[row["id"]].append(corpus_id)
    questions = [{"_id": row["id"], "text": row["question"]} for row in rows]
    files = {
        "corpus": corpus,
        "queries": [q for q in questions if relevant[q["_id"]]],
        "unanswerable": [q for q in questions if not relevant[q["_id"]]],
    }
    write_layout(folder, files, {query: dict.fromkeys(ids, 1) for query, ids in relevant.items()})
    return len(rows)


def write_layout(
    folder: Path,
    files: Mapping[str, Sequence[Mapping[str, Any]]],
    qrels: Mapping[str, Mapping[str, int]],
) -> None:
    """Write the rows of each .jsonl file by its name, and the relevance of entries by query.

    Raises OSError.
    """
    (folder / "qrels").mkdir(parents=True, exist_ok=True)
    for name, rows in files.items():
        text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
        (folder / f"{name}.jsonl").write_text(text, encoding="utf-8", errors="replace")
    lines = [
        f"{query}\t{entry}\t{score}\n"
        for query, relevant in qrels.items()
        for entry, score in relevant.items()
    ]
    table = folder / "qrels" / "test.tsv"
    table.write_text("query-id\tcorpus-id\tscore\n" + "".join(lines), encoding="utf-8")


def _contains(passage: Passage, answer: dict[str, Any]) -> bool:
    paragraph = passage.paragraph
    inside: bool = paragraph.start <= answer["start"] and answer["end"] <= paragraph.end
    return inside and passage.document.path == answer["document"]
