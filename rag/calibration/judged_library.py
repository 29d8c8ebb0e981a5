"""The part of a library that records people's judgements and learns from them."""

from collections.abc import Callable, Sequence
from typing import Any

from rag import judgements
from rag.answers import CitedPassage, Hit, Quoted
from rag.calibration.judged import JudgedQuestion, judged_question, judgements_of_question
from rag.calibration.promise import checked_promise
from rag.calibration.record import recalibrated, recalibration_of, recorded
from rag.calibration.report import (
    LEAST_QUESTIONS,
    CalibrationReport,
    fitted,
    is_due,
    observations,
    reported,
)
from rag.errors import QuestionError
from rag.library_models import LibraryModels
from rag.query import syntax
from rag.retrieval import pipeline
from rag.retrieval.pipeline import Models
from vector_store.base import StoreView, VectorSource, VectorStore


class JudgedLibrary:
    """The base of `rag.Library`; it is not used on its own."""

    _store: VectorStore
    _models: LibraryModels

    def judge(self, question: str, passage: CitedPassage | Quoted | None, *, answers: bool) -> None:
        """Remember what a person says of a passage shown for a question: it answers, or not.

        Without a passage: that nothing shown answers. Raises QuestionError for an empty
        question, and for `answers` without a passage.
        """
        typed = syntax.checked(syntax.plain(question), 1).typed
        self._store.note_feedback(judgements.said_of(typed, passage, answers=answers))

    def take_back(self, question: str, passage: CitedPassage | Quoted | None) -> None:
        """Forget what was said of a passage for a question, as if it had never been said.

        Without a passage: that nothing answers; what was said of its passages before counts again.
        Raises QuestionError for an empty question.
        """
        typed = syntax.checked(syntax.plain(question), 1).typed
        quote = judgements.said_of(typed, passage, answers=False).quote
        with self._store.view() as view:
            previous = judgements_of_question(view.feedback(), typed)
        for one in dict.fromkeys(previous):
            if one.quote == quote:
                self._store.forget_feedback(one)

    def judged(self, question: str) -> JudgedQuestion | None:
        """Return what was said of a question, however it is spelt; None when nothing was."""
        with self._store.view() as view:
            return judged_question(view.feedback(), question)

    def labelled_questions(self) -> list[dict[str, Any]]:
        """Return the questions that were judged, as `quoth evaluate` reads them."""
        with self._store.view() as view:
            return judgements.labelled_questions(view)

    def calibrate(self, promise: float | None = None) -> CalibrationReport:
        """Fit the probability to the judged questions, from 20 of them on.

        Every judged question is asked again. With `promise`, a share above 0 and below 1, the
        threshold is set so that of questions like the judged ones that the documents do not
        answer, at most that share is answered. A promise stays until `reset_calibration`; where
        too little was judged for it, the report says how much is missing, and a later fit keeps
        it.

        Raises SettingError for a promise that is no such share, StoreUnwritableError,
        ForeignVectorsError or ModelError.
        """
        if promise is not None:
            checked_promise(promise)
        with self._store.view() as view:
            feedback, record, source = view.feedback(), recorded(view), view.source()
        models = self._models.load(source)
        if promise is None and record is not None:
            promise = record.promise
        # Each question in a view of its own: an open view keeps old data on disk.
        seen = observations(feedback, self._first_as_shipped)
        new = fitted(feedback, seen, models.embedder.source, promise)
        if promise is not None or record is not None or len(seen) >= LEAST_QUESTIONS:
            self._store.note_calibration(new.encoded())
        return reported(len(seen), recalibration_of(record, models), new)

    def calibrate_if_due(self) -> CalibrationReport | None:
        """Fit as `calibrate` does where enough was judged since the last fit; None where not.

        That is with 20 judged questions in all and, since the last fit, five judgements and a
        tenth of all of them, or a change of the model. Raises as `calibrate` does.
        """
        with self._store.view() as view:
            due = is_due(recorded(view), view.feedback(), view.source())
        return self.calibrate() if due else None

    def reset_calibration(self) -> None:
        """Forget what was fitted on judgements, and any promise; the judgements stay.

        Raises StoreUnwritableError.
        """
        self._store.note_calibration(None)

    def _first_as_shipped(self, question: str) -> Sequence[Hit] | None:
        """Return the first passage with its probability as shipped; None for exact phrases."""
        try:
            search = syntax.checked(question, 1)
        except QuestionError:  # judged by a program that asks in its own way
            return None
        if search.is_phrases:
            return None
        with self._store.view() as view:
            return pipeline.retrieve(view, self._models.load, search, 1).hits

    def _loader(self, view: StoreView) -> Callable[[VectorSource | None], Models]:
        """Return a function that loads the models, with what the judgements change."""
        return recalibrated(view, self._models.load)
