"""Results of an evaluation: systems' rankings, their comparisons, and a set's answers."""

from dataclasses import dataclass
from functools import cached_property

from evaluation.datasets.beir import Dataset
from evaluation.datasets.trec import Rankings
from evaluation.quality.answers import AnsweredQuestion, Kind
from evaluation.quality.statistics import (
    Bin,
    Mean,
    area_under_risk,
    auroc,
    mean_with_interval,
    randomisation_p,
    reliability,
    risk_coverage,
)
from rag.retrieval.fitted_weights import fitted_on

ANSWERABLE: Kind = "answerable"
MAIN = "nDCG@10"
"""The measure that systems are compared by."""


@dataclass(frozen=True)
class SystemResult:
    """One system's rankings for every answerable question, and how good they are."""

    name: str
    rankings: Rankings
    """Each question's corpus ids, best first."""
    per_question: dict[str, tuple[float, ...]]
    """Each measure's values, in the order of the questions."""
    seconds: tuple[float, ...]
    """Each question's time to rank; empty for a run from a file."""

    @cached_property
    def means(self) -> dict[str, Mean]:
        """Each measure's mean over the questions."""
        return {name: mean_with_interval(values) for name, values in self.per_question.items()}


@dataclass(frozen=True, slots=True)
class Comparison:
    """The difference of two systems in nDCG@10, and its p-value."""

    one: str
    other: str
    difference: float
    """The mean of `one` minus the mean of `other`."""
    p: float


@dataclass(frozen=True)
class Evaluation:
    """The results of one set."""

    dataset: Dataset
    systems: tuple[SystemResult, ...]
    answered: tuple[AnsweredQuestion, ...]
    """The answers a user would get; empty when they were not measured."""
    verbatim: float
    """Share of the passages in the answers that equal their source's slice; it must be 1."""

    @property
    def name(self) -> str:
        """The set's name."""
        return self.dataset.name

    @property
    def fitted(self) -> bool:
        """Whether Quoth's constants were fitted on this set."""
        return self.name in fitted_on()

    @cached_property
    def comparisons(self) -> tuple[Comparison, ...]:
        """The system named quoth, or else the first, compared with every other one."""
        if not self.systems:
            return ()
        ours = next((s for s in self.systems if s.name == "quoth"), self.systems[0])
        our_values = ours.per_question[MAIN]
        return tuple(
            Comparison(
                ours.name,
                other.name,
                ours.means[MAIN].mean - other.means[MAIN].mean,
                randomisation_p(our_values, other.per_question[MAIN]),
            )
            for other in self.systems
            if other is not ours
        )

    def declined(self, kind: Kind) -> tuple[int, int]:
        """Return how many questions of a kind were declined, and how many there are."""
        questions = self._questions(kind)
        return sum(not question.answer.answered for question in questions), len(questions)

    def may_answer(self, kind: Kind) -> int:
        """Return how many questions of a kind got an answer that only may answer."""
        return sum(q.answer.state == "may_answer" for q in self._questions(kind))

    def declined_below(self, threshold: float, kind: Kind) -> float | None:
        """Return the share of a kind of question that a threshold of confidence would decline.

        None when the set has no question of the kind.
        """
        questions = self._questions(kind)
        declined = sum(question.answer.confidence < threshold for question in questions)
        return declined / len(questions) if questions else None

    @property
    def truncated(self) -> int:
        """How many questions were too long, so that only their beginning was searched for."""
        return sum(question.answer.truncated_at is not None for question in self.answered)

    def auroc(self, kind: Kind = "written near miss") -> float | None:
        """Return the AUROC of confidence as a test of answerability, against a kind of question.

        None unless there are both answerable questions and some of that kind.
        """
        answerable, others = (
            [question.answer.confidence for question in self._questions(one)]
            for one in (ANSWERABLE, kind)
        )
        return auroc(answerable, others) if answerable and others else None

    def risk_coverage(self) -> list[tuple[float, float]]:
        """Return the risk-coverage curve; an answer is right if its first passage is."""
        scores = [question.answer.confidence for question in self.answered]
        return risk_coverage(scores, [question.right for question in self.answered])

    def risk(self) -> float | None:
        """Return the area under the risk-coverage curve; None when answers were not measured."""
        return area_under_risk(self.risk_coverage()) if self.answered else None

    def reliability(self) -> list[Bin]:
        """Return the reliability diagram of the first passages' probabilities."""
        scores = [question.first_score for question in self.answered]
        return reliability(scores, [question.right for question in self.answered])

    def highlight_accuracy(self) -> tuple[int, int]:
        """Return how many highlighted sentences contain a gold answer, and how many could."""
        outcomes = (question.highlight_is_right() for question in self.answered)
        judged = [outcome for outcome in outcomes if outcome is not None]
        return sum(judged), len(judged)

    def _questions(self, kind: Kind) -> list[AnsweredQuestion]:
        return [question for question in self.answered if question.kind == kind]
