"""The answers a user would get: to a set's questions, to near misses, and to what is off subject.

A near miss looks as if the corpus answered it: the set's own unanswerable questions, which people
wrote beside a passage, and questions whose answers are taken out (`datasets.near_misses`). What is
off subject is about everyday matters that no public text tells (`off_subject.jsonl`).
"""

import json
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Literal

from evaluation.datasets.corpus import Corpus, main_language
from evaluation.datasets.near_misses import near_misses
from rag import Answer
from rag.query.syntax import plain
from rag.text.languages import language_of_question

Kind = Literal["answerable", "written near miss", "answer removed", "off subject"]
KINDS: tuple[Kind, ...] = ("answerable", "written near miss", "answer removed", "off subject")
_MOST_REMOVED = 150
"""Questions whose answers are taken out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AnsweredQuestion:
    """A question of a set and its answer."""

    id: str
    kind: Kind
    answer: Answer
    retrieved: tuple[str, ...]
    """Corpus ids of the answer's passages, best first."""
    relevant: frozenset[str]
    """Corpus ids that answer the question; empty for an unanswerable one."""
    gold: tuple[str, ...]
    """Gold answer strings, where the set has them."""
    seconds: float
    """From question to answer."""

    @property
    def right(self) -> bool:
        """Whether the first passage of the answer is relevant."""
        return bool(self.retrieved) and self.retrieved[0] in self.relevant

    @property
    def first_score(self) -> float:
        """The probability that the first passage answers; 0 for an answer without passages."""
        return self.answer.passages[0].score if self.answer.passages else 0.0

    def highlight_is_right(self) -> bool | None:
        """Return whether the highlighted sentence of the first gold passage has a gold answer.

        None when the answer has no relevant passage that contains a gold answer.
        """
        for entry, passage in zip(self.retrieved, self.answer.passages, strict=True):
            golds = [gold for gold in self.gold if gold in passage.text]
            if entry in self.relevant and golds:
                [span] = [h for h in passage.highlights if h.kind == "answer"]
                return any(gold in passage.text[span.start : span.end] for gold in golds)
        return None


def answer_all(corpus: Corpus) -> tuple[AnsweredQuestion, ...]:
    """Ask the questions of a set, then near misses, then what is off subject.

    Of a library made from the set, what answers up to 150 of its questions is removed at the end.
    """
    dataset = corpus.dataset
    judged = {query: dataset.queries[query] for query in dataset.qrels}
    answered = [
        *_ask(corpus, judged, "answerable"),
        *_ask(corpus, dataset.unanswerable, "written near miss"),
    ]
    answered += _ask(corpus, off_subject(judged or dataset.unanswerable), "off subject")
    if not corpus.own:
        answered += _ask_without_answers(corpus)
    return tuple(answered)


def _ask(corpus: Corpus, questions: Mapping[str, str], kind: Kind) -> Iterator[AnsweredQuestion]:
    dataset = corpus.dataset
    for query, text in questions.items():
        start = time.perf_counter()
        answer = corpus.library.ask(plain(text))
        seconds = time.perf_counter() - start
        answerable = kind == "answerable"
        yield AnsweredQuestion(
            id=query,
            kind=kind,
            answer=answer,
            retrieved=tuple(corpus.id_cited(p.citation) for p in answer.passages),
            relevant=frozenset(dataset.qrels[query] if answerable else ()),
            gold=dataset.answers.get(query, ()) if answerable else (),
            seconds=seconds,
        )


def _ask_without_answers(corpus: Corpus) -> Iterator[AnsweredQuestion]:
    """Remove what answers some questions from the library, and ask them."""
    misses = near_misses(corpus.dataset.sample(2 * _MOST_REMOVED))
    if len(misses.removed) == len(corpus.dataset.corpus):
        return
    with corpus.library.store.writer() as writer:
        writer.remove(misses.removed)
    questions = {f"{query} without its answer": text for query, text in misses.questions.items()}
    yield from _ask(corpus, questions, "answer removed")


def off_subject(questions: Mapping[str, str]) -> dict[str, str]:
    """Return questions by id that no corpus answers, in the language of most of `questions`."""
    language = main_language(
        list(questions.values()), lambda text: language_of_question(text, {"en"})
    )
    file = files("evaluation.quality").joinpath("off_subject.jsonl")
    rows = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    own = [row["text"] for row in rows if row["language"] == language]
    texts = own or [row["text"] for row in rows if row["language"] == "en"]
    return {f"off subject {number}": text for number, text in enumerate(texts, start=1)}


def verbatim_share(corpus: Corpus, answered: tuple[AnsweredQuestion, ...]) -> float:
    """Return the share of the answers' passages that equal their source's slice; it must be 1."""
    library = corpus.library
    # Of documents that were removed to ask near misses, the set itself has the text.
    texts = {entry.id: entry.text for entry in corpus.dataset.corpus}
    texts |= {info.path: library.contents(info.path).document.text for info in library.documents()}
    passages = [passage for question in answered for passage in question.answer.passages]
    equal = sum(
        texts[p.citation.path][p.citation.start : p.citation.end] == p.text for p in passages
    )
    return equal / len(passages) if passages else 1.0
