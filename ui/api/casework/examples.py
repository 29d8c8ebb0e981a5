"""An example of each response about cases, taken from the seed documents."""

from typing import Any

_CASE_ID = "3a55a28b08e14d54"
_QUOTE_ID = "e35de7f0a12359cf"
_CONVERSATION_ID = "b8264af006f7f2f2"
_CREATED = "2026-11-27T09:30:00.000000+00:00"
_CASE = {"id": _CASE_ID, "name": "Scholarships", "created": _CREATED, "quotes": 1}


def casework_examples(answer: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the examples by the name of the response's schema, around one of an answer."""
    kept_quote = _kept_quote(answer)
    about = {"question": answer["question"], "created": _CREATED}
    question = {**about, "state": answer["state"], "search": None, "nearest": []}
    conversation = {
        "id": _CONVERSATION_ID,
        "title": answer["question"],
        "created": _CREATED,
        "changed": _CREATED,
    }
    return {
        "CaseEntry": _CASE,
        "CaseList": {"cases": [_CASE]},
        "CaseRead": {
            "format": "quoth-case",
            "version": 1,
            "id": _CASE_ID,
            "name": "Scholarships",
            "note": "",
            "created": _CREATED,
            "questions": [question],
            "quotes": [kept_quote],
        },
        "QuoteInCase": {"case": _CASE, "kept": kept_quote},
        "RecordChanged": {"id": _CASE_ID},
        "ConversationList": {"conversations": [{**conversation, "turns": 1}]},
        "ConversationRead": {
            **conversation,
            "turns": [{"id": "1d8f6a9f6bd8b633", **about, "answer": answer}],
        },
    }


def _kept_quote(answer: dict[str, Any]) -> dict[str, Any]:
    [passage] = answer["passages"]
    citation = passage["citation"]
    place = {name: citation[name] for name in ("document_id", "sha256", "start", "end")}
    names = ("text", "citation", "headings", "columns", "fields")
    return {
        "id": _QUOTE_ID,
        "question": answer["question"],
        "state": answer["state"],
        "created": _CREATED,
        "note": "For the article.",
        "tags": ["Basra"],
        "quote": {name: passage[name] for name in names},
        "condition": {"state": "unchanged", "words_remain": True, **place},
    }
