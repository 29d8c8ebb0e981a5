"""Preloaded by the process that all trials are forked from, so that slow imports happen once."""

from evaluation.durability import writer
from evaluation.durability.models import warm_up
from evaluation.durability.trials import corruptions, power_cuts, restores

__all__ = ["corruptions", "power_cuts", "restores", "writer"]

warm_up()
