"""Prometheus metrics of the server."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from ui.app_state import AppState

_SECONDS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10)


class Metrics:
    """Counts and times since the server started, without any question or name in them."""

    def __init__(self, state: AppState) -> None:
        """Register the metrics, some of which are read from `state`."""
        self._registry = CollectorRegistry()
        self._questions = Counter(
            "quoth_questions", "Questions asked", ["outcome"], registry=self._registry
        )
        self._seconds = Histogram(
            "quoth_answer_seconds",
            "From a question's arrival to its answer, waiting included",
            buckets=_SECONDS,
            registry=self._registry,
        )
        self._uploads = Counter("quoth_files", "Files sent", ["outcome"], registry=self._registry)
        self._logins = Counter("quoth_logins", "Log-ins", ["outcome"], registry=self._registry)
        gauges = {
            "quoth_documents": ("Documents", lambda: state.library.counts().documents),
            "quoth_passages": ("Passages", lambda: state.library.counts().passages),
            "quoth_questions_inside": ("Running or waiting", lambda: state.questions.inside),
            "quoth_files_waiting": ("Files to be read", state.uploads.pending),
        }
        for name, (help_text, value) in gauges.items():
            Gauge(name, help_text, registry=self._registry).set_function(value)

    def answered(self, seconds: float, *, answered: bool) -> None:
        """Count a question that was answered, or declined as not in the documents."""
        self._questions.labels("answered" if answered else "declined").inc()
        self._seconds.observe(seconds)

    def refused(self) -> None:
        """Count a question that was malformed or failed."""
        self._questions.labels("refused").inc()

    def busy(self) -> None:
        """Count a question that was turned away because too many were waiting."""
        self._questions.labels("busy").inc()

    def timed_out(self) -> None:
        """Count a question that took too long."""
        self._questions.labels("timed out").inc()

    def cancelled(self) -> None:
        """Count a question whose client disconnected before the answer."""
        self._questions.labels("cancelled").inc()

    def upload(self, outcome: str) -> None:
        """Count a file that was received or refused."""
        self._uploads.labels(outcome).inc()

    def login(self, outcome: str) -> None:
        """Count a log-in by outcome: "entered", "failed", "locked" or "crowded"."""
        self._logins.labels(outcome).inc()

    def text(self) -> bytes:
        """Return all metrics in the text format of Prometheus."""
        return generate_latest(self._registry)
