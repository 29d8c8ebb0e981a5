"""What was fitted on a library's judgements, as the library stores it.

It applies to the model and to the constants that it was fitted for, and to no others: after
`quoth switch`, or when another version of Quoth has other constants, the library is as shipped
until it is fitted again.
"""

import hashlib
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, fields, replace
from functools import cache

from rag.documents.status import Calibrated
from rag.models.cross_encoder_weights import shipped_digest
from rag.retrieval.calibration import ANSWERED, AS_SHIPPED, THRESHOLD, Recalibration
from rag.retrieval.fitted_weights import weights_of
from rag.retrieval.pipeline import Models
from vector_store.base import StoreView, VectorSource


@dataclass(frozen=True, slots=True, kw_only=True)
class CalibrationRecord:
    """A fit, and what it was fitted on and for. No text of a document or question is in it."""

    fitted: str
    """The day, in ISO 8601."""
    judgements: int
    """How many the library had, so that it can be told when many have come since."""
    questions: int
    """How many questions the fit used."""
    unanswerable: int
    """How many of the judged questions the documents do not answer."""
    slope: float
    offset: float
    threshold: float | None
    """None for the one that Quoth ships with."""
    promise: float | None
    """The share that was promised, kept for the next fit; None without a promise."""
    model: str
    constants: str
    """What `constants_of` returns for the models that it was fitted for."""

    @property
    def recalibration(self) -> Recalibration:
        """What the fit changes."""
        return Recalibration(
            self.slope, self.offset, THRESHOLD if self.threshold is None else self.threshold
        )

    def encoded(self) -> str:
        """Return it as JSON."""
        return json.dumps(asdict(self))

    def applies_to(self, source: VectorSource | None) -> bool:
        """Tell whether it was fitted for the model of these vectors, and for today's constants."""
        return source is not None and self.constants == constants_of(source)

    def status(self, source: VectorSource | None) -> Calibrated:
        """Return what `Library.status` says of it, in a library of these vectors."""
        return Calibrated(
            fitted=self.fitted,
            questions=self.questions,
            unanswerable=self.unanswerable,
            slope=self.slope,
            offset=self.offset,
            threshold=self.recalibration.threshold,
            promise=self.promise,
            model=self.model,
            applies=self.applies_to(source),
        )


_FIELDS = {field.name for field in fields(CalibrationRecord)}


def recorded(view: StoreView) -> CalibrationRecord | None:
    """Return a library's record; None without one, or when another version wrote other fields."""
    encoded = view.calibration()
    values = {} if encoded is None else json.loads(encoded)
    return CalibrationRecord(**values) if values.keys() == _FIELDS else None


def constants_of(source: VectorSource) -> str:
    """Return a digest of all that decides the uncalibrated probability and the thresholds."""
    return _digest(source.model, source.fingerprint)


@cache
def _digest(model: str, fingerprint: str) -> str:
    weights = json.dumps(asdict(weights_of(model)), sort_keys=True)
    parts = weights, fingerprint, shipped_digest(model), f"{THRESHOLD} {ANSWERED}"
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def recalibration_of(record: CalibrationRecord | None, models: Models) -> Recalibration:
    """Return what a record changes for models; nothing when it was fitted for others."""
    if record is None or not record.applies_to(models.embedder.source):
        return AS_SHIPPED
    return record.recalibration


def recalibrated(
    view: StoreView, load: Callable[[VectorSource | None], Models]
) -> Callable[[VectorSource | None], Models]:
    """Return a function that loads models as `load` does, with what the view's record changes."""

    def loaded(source: VectorSource | None) -> Models:
        models = load(source)
        return replace(models, recalibration=recalibration_of(recorded(view), models))

    return loaded
