"""What every framework's retriever gives: an answer's quotes, or none when nothing answers."""

from typing import Any

from rag.answers import Answer, CitedPassage


def given(answer: Answer, *, nearest_misses: bool) -> tuple[CitedPassage, ...]:
    """Return the passages to hand on, best first: without an answer none, unless misses are wanted.

    A model that is handed a miss words an answer from it all the same.
    """
    return answer.passages if answer.answered or nearest_misses else ()


def metadata(answer: Answer, passage: CitedPassage) -> dict[str, Any]:
    """Return, in plain values, where a quote stands and how likely it answers.

    What `Citation.to_dict` gives, and: `cited`, the citation as people write it; `headings`;
    `score`, the passage's own probability; `answered` and `confidence`, the whole answer's;
    `answer_sentence`, the sentence that most likely holds the answer.
    """
    [sentence] = [mark for mark in passage.highlights if mark.kind == "answer"]
    return {
        **passage.citation.to_dict(),
        "also": list(passage.citation.also),
        "cited": str(passage.citation),
        "headings": list(passage.headings),
        "score": passage.score,
        "answered": answer.answered,
        "confidence": answer.confidence,
        "answer_sentence": passage.text[sentence.start : sentence.end],
    }
