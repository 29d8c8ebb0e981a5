"""An answer's quotes and their metadata, as every framework's retriever returns them."""

from typing import Any

from rag.answers import Answer, CitedPassage


def passages_of(answer: Answer, *, nearest_misses: bool) -> tuple[CitedPassage, ...]:
    """Return the passages to pass on, best first; without an answer, none or the nearest misses.

    None is the safe choice: a language model writes an answer from misses, too.
    """
    return answer.passages if answer.answered or nearest_misses else ()


def metadata(answer: Answer, passage: CitedPassage) -> dict[str, Any]:
    """Return a quote's citation and scores, as plain values.

    The fields of `Citation.to_dict`, and: `cited`, the citation as text; `headings`; `columns`, the
    names of a table's columns; `fields`, a mail's sender and so on; `score`, the passage's own
    probability; `answered`, `state` and `confidence` of the whole answer; `answer_sentence`, the
    sentence that most likely holds the answer.
    """
    [sentence] = [highlight for highlight in passage.highlights if highlight.kind == "answer"]
    return {
        **passage.citation.to_dict(),
        "also": list(passage.citation.also),
        "cited": str(passage.citation),
        "headings": list(passage.headings),
        "columns": passage.columns,
        "fields": dict(passage.fields),
        "score": passage.score,
        "answered": answer.answered,
        "state": answer.state,
        "confidence": answer.confidence,
        "answer_sentence": passage.text[sentence.start : sentence.end],
    }
