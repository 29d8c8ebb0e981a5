"""Questions on their way to the library: through the queue, counted and noted, whoever asks."""

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
    """Lets questions in, a few at a time, and keeps count of what became of them."""

    def __init__(
        self, queue: AdmissionQueue, metrics: Metrics, *, log_questions: bool = False
    ) -> None:
        """Let questions through `queue`; note their texts only with `log_questions`."""
        self._queue = queue
        self._metrics = metrics
        self._log_questions = log_questions

    async def run(
        self, question: str, work: Callable[[], Result], answered: Callable[[Result], bool]
    ) -> Result:
        """Return what `work` finds for a question, in its turn.

        Raises BusyError when too many wait, DeadlineExceededError, or what `work` raises.
        """
        began = time.perf_counter()
        try:
            found = await self._queue.run(work)
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
        seconds = time.perf_counter() - began
        self._metrics.answered(seconds, answered=answered(found))
        told: dict[str, Any] = {"ms": round(seconds * 1000), "answered": answered(found)}
        if self._log_questions:
            told["question"] = question
        _log.info("asked", extra={"fields": told})
        return found
