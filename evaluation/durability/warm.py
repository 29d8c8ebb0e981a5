"""Imported by the process that all others are forked from: what takes long is loaded once."""

from evaluation.durability import corruptions, power, restorations, writing
from evaluation.durability.models import warm_up

__all__ = ["corruptions", "power", "restorations", "writing"]

warm_up()
