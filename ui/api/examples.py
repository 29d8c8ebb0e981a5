"""An example of each response of REST for its description, taken from the seed documents."""

from typing import Any

from ui.api.casework.examples import casework_examples

_DOCUMENT = "ad74983804ff380967ec7b97"
_SHA256 = "ecbb06c63ec47e1a3133ca8db167003598be327b70ac145ee7847cda81ab176f"
_NAME = "000_93ec68f33ac78272.txt"
_QUESTION = "Which university offers scholarships?"
_TEXT = (
    "Education has been another focal point of Iraq-Gaza cooperation. Universities in Basra have "
    "started offering scholarships to students from Gaza, focusing on areas like engineering, "
    "medicine, and the humanities. This educational exchange helps build long-term professional "
    "relationships and fosters a network of young leaders and intellectuals committed to the cause "
    "of peace and development in their respective societies."
)
_CITATION = {
    "id": f"{_DOCUMENT}-{_SHA256[:12]}-1308-1729",
    "number": 1,
    "document_id": _DOCUMENT,
    "document": _NAME,
    "title": "000_93ec68f33ac78272",
    "page": None,
    "paragraph": 4,
    "start": 1308,
    "end": 1729,
    "sha256": _SHA256,
    "place": "",
    "also": [],
}
_WHY = {"dense_rank": 1, "dense_score": 0.4414, "lexical_rank": 1, "lexical_score": 6.0091}
_QUOTED: dict[str, Any] = {
    "text": _TEXT,
    "citation": _CITATION,
    "headings": [],
    "columns": "",
    "fields": {},
}
_ANSWER: dict[str, Any] = {
    "question": _QUESTION,
    "answered": True,
    "confidence": 0.9717,
    "passages": [
        {
            **_QUOTED,
            "score": 0.9717,
            "highlights": [
                {"start": 65, "end": 210, "kind": "answer"},
                {"start": 65, "end": 77, "kind": "term"},
            ],
            "why": _WHY,
        }
    ],
    "searched": {"documents": 2, "passages": 19, "unreadable": 0},
    "carried": [],
    "unknown_language": None,
    "truncated_at": None,
    "state": "answered",
    "missing": [],
    "threshold": 0.15,
    "suggestion": "",
}
_PASSAGE = {**_QUOTED, "score": 15.4948, "confidence": 0.9717, "why": _WHY}
_ENTRY = {
    "id": _DOCUMENT,
    "name": _NAME,
    "title": "000_93ec68f33ac78272",
    "sha256": _SHA256,
    "passages": 9,
    "language": "en",
    "also": [],
    "fields": {},
    "type": "txt",
    "author": "",
    "date": "2024-05-31",
    "modified": "2024-05-31",
    "size": 3210,
    "status": "read",
    "tags": ["basra"],
}
_FILE = {"file": 7, "name": "papers/notes.md", "state": "reading", "reason": ""}

EXAMPLES: dict[str, dict[str, Any]] = {
    **casework_examples(_ANSWER),
    "Answer": _ANSWER,
    "Answers": {"answers": [_ANSWER]},
    "AnswerList": {
        "question": _QUESTION,
        "passages": _ANSWER["passages"],
        "may_answer": 6,
        "documents": 2,
        "read": 25,
        "threshold": 0.15,
        "searched": _ANSWER["searched"],
        "dates": {_DOCUMENT: "2024-05-31"},
        "complete": False,
        "next": "WyJhIiwiYiJd",
    },
    "Mentions": {
        "of": "scholarships",
        "order": "document",
        "mentions": [{**_QUOTED, "spans": [[97, 109]], "date": "2024-05-31"}],
        "count": 1,
        "documents": 1,
        "complete": False,
        "searched": _ANSWER["searched"],
        "next": "WyJhIiwiYiJd",
    },
    "SearchResult": {"question": _QUESTION, "passages": [_PASSAGE]},
    "PassageRead": {**_QUOTED, "before": [], "after": []},
    "Documents": {"documents": [_ENTRY], "total": 1, "next": None},
    "DocumentText": {"document": _ENTRY, "text": _TEXT},
    "DocumentMarked": {"id": _DOCUMENT, "status": "relevant", "tags": ["basra"]},
    "DocumentNamed": {"id": _DOCUMENT, "name": _NAME},
    "FileAdded": _FILE,
    "FilesAdded": {"files": [_FILE], "waiting": 1},
    "ServerStatus": {
        "version": "0.1.0",
        "ready": True,
        "model": "all-MiniLM-L6-v2",
        "runtime": "openvino-bf16",
        "counts": {
            "documents": 2,
            "passages": 19,
            "windows": 19,
            "unread": 0,
            "languages": ["en"],
        },
        "waiting": 0,
        "unknown_languages": {},
        "unread": [],
        "dense_search": {"kind": "exact", "recall": 1.0},
    },
}
"""By the name of the response's schema."""
