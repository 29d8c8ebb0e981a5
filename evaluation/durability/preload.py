"""Imported by the process that all others are forked from: what takes long is loaded once."""

from evaluation.durability import writer
from evaluation.durability.models import warm_up
from evaluation.durability.trials import corruptions, power_cuts, restores

__all__ = ["corruptions", "power_cuts", "restores", "writer"]

warm_up()
