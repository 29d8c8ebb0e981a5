"""The answers a user would get to each question of a set."""

import time
from dataclasses import dataclass

from evaluation.datasets.corpus import Corpus
from rag import Answer
from rag.query.syntax import plain


@dataclass(frozen=True, slots=True, kw_only=True)
class AnsweredQuestion:
    """A question of a set and its answer."""

    id: str
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
    """Ask every question of a set, the unanswerable ones last."""
    dataset = corpus.dataset
    judged = {query: dataset.queries[query] for query in dataset.qrels}
    answered = []
    for query, text in {**judged, **dataset.unanswerable}.items():
        start = time.perf_counter()
        answer = corpus.library.ask(plain(text))
        seconds = time.perf_counter() - start
        answered.append(
            AnsweredQuestion(
                id=query,
                answer=answer,
                retrieved=tuple(corpus.id_cited(p.citation) for p in answer.passages),
                relevant=frozenset(dataset.qrels.get(query, {})),
                gold=dataset.answers.get(query, ()),
                seconds=seconds,
            )
        )
    return tuple(answered)


def verbatim_share(corpus: Corpus, answered: tuple[AnsweredQuestion, ...]) -> float:
    """Return the share of the answers' passages that equal their source's slice; it must be 1."""
    library = corpus.library
    texts = {info.path: library.contents(info.path).document.text for info in library.documents()}
    passages = [passage for question in answered for passage in question.answer.passages]
    equal = sum(
        texts[p.citation.path][p.citation.start : p.citation.end] == p.text for p in passages
    )
    return equal / len(passages) if passages else 1.0
