"""People's judgements as an evaluation set in the BEIR layout.

The corpus is every passage of the library. A passage is relevant to a question if it contains a
span that was judged to answer it. Unanswerable questions go to `unanswerable.jsonl`.
"""

import json
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
    (folder / "qrels").mkdir(parents=True, exist_ok=True)
    _write(folder / "corpus.jsonl", corpus)
    _write(folder / "queries.jsonl", [q for q in questions if relevant[q["_id"]]])
    _write(folder / "unanswerable.jsonl", [q for q in questions if not relevant[q["_id"]]])
    lines = [
        f"{query_id}\t{corpus_id}\t1\n"
        for query_id, corpus_ids in relevant.items()
        for corpus_id in corpus_ids
    ]
    (folder / "qrels" / "test.tsv").write_text("query-id\tcorpus-id\tscore\n" + "".join(lines))
    return len(rows)


def _contains(passage: Passage, answer: dict[str, Any]) -> bool:
    paragraph = passage.paragraph
    inside: bool = paragraph.start <= answer["start"] and answer["end"] <= paragraph.end
    return inside and passage.document.path == answer["document"]


def _write(path: Path, rows: list[dict[str, str]]) -> None:
    text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    path.write_text(text, encoding="utf-8", errors="replace")
