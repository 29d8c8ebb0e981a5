"""Questions on their way through the queue: timed, counted and logged, whichever interface."""

import logging
import time
from collections.abc import Callable
from typing import Any, TypeVar

import anyio

from rag.errors import CancelledWorkError, DeadlineExceededError, QuothError
from ui.admission import AdmissionQueue, BusyError
from ui.serving.metrics import Metrics

Result = TypeVar("Result")

_log = logging.getLogger("quoth.page")


class QuestionRunner:
    """Runs questions through a queue and counts their outcomes."""

    def __init__(
        self, queue: AdmissionQueue, metrics: Metrics, *, log_questions: bool = False
    ) -> None:
        """Run questions through `queue`; log their text only if `log_questions`."""
        self._queue = queue
        self._metrics = metrics
        self._log_questions = log_questions

    async def run(self, question: str, work: Callable[[], tuple[Result, bool]]) -> Result:
        """Return the result of `work`, which also returns whether the question was answered.

        Raises BusyError when too many questions wait, DeadlineExceededError, or what `work`
        raises.
        """
        start = time.perf_counter()
        try:
            result, answered = await self._queue.run(work)
        except BusyError:
            self._metrics.busy()
            raise
        except DeadlineExceededError:
            self._metrics.timed_out()
            raise
        except (CancelledWorkError, anyio.get_cancelled_exc_class()):
            self._metrics.cancelled()
            raise
        except QuothError:
            self._metrics.refused()
            raise
        seconds = time.perf_counter() - start
        self._metrics.answered(seconds, answered=answered)
        fields: dict[str, Any] = {"ms": round(seconds * 1000), "answered": answered}
        if self._log_questions:
            fields["question"] = question
        _log.info("asked", extra={"fields": fields})
        return result
