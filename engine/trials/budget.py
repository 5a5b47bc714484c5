"""How much of a training fits into a trial: decided by a fixed price list, never by a clock, so that it repeats."""

import math
from typing import NamedTuple

from engine.experiment.specs import TrainingSpec
from engine.training.timetable import Timetable

STEP_S, PRODUCT_S, ROW_S = 1e-4, 1.7e-10, 5e-6
"""Seconds on a slow core: of a step, of a sample times a parameter in it, of judging a sample (measured, one thread)."""
LEAST_EPOCHS, LEAST_SAMPLES = 3, 500
"""Epochs are left out first, down to so many; then samples, down to so many."""


class Portion(NamedTuple):
    """A part of a training."""

    samples: int
    epochs: int


def training_s(training: TrainingSpec, n_parameters: int, samples: int, epochs: int) -> float:
    """Return what `epochs` epochs over so many samples cost, in nominal seconds."""
    table = Timetable.of(training, samples)
    return epochs * (table.steps_per_epoch * STEP_S + samples * n_parameters * PRODUCT_S)


def judging_s(n_parameters: int, samples: int) -> float:
    """Return what judging so many samples costs, in nominal seconds."""
    return samples * (ROW_S + n_parameters * PRODUCT_S / 3)


def portion_for(
    training: TrainingSpec, n_parameters: int, samples: int, budget_s: float, judged: int = 0
) -> Portion:
    """Return how many of `samples` and of the epochs fit into a budget.

    Args:
        budget_s: nominal seconds.
        judged: samples of other parts that are judged at the end.
    """
    left_s = budget_s - judging_s(n_parameters, judged)
    judging = judging_s(n_parameters, samples)
    an_epoch = training_s(training, n_parameters, samples, 1)
    epochs = math.floor((left_s - judging) / an_epoch)
    least = min(LEAST_EPOCHS, training.epochs)
    if epochs >= least:
        return Portion(samples, min(epochs, training.epochs))
    share = left_s / (judging + least * an_epoch)
    return Portion(_rounded(max(min(LEAST_SAMPLES, samples), math.floor(share * samples))), least)


def steps_for(training: TrainingSpec, n_parameters: int, samples: int, budget_s: float) -> int:
    """Return how many steps fit into a budget."""
    batch = Timetable.of(training, samples).batch_size
    return math.floor(budget_s / (STEP_S + batch * n_parameters * PRODUCT_S))


def left_out(portion: Portion, samples: int, epochs: int) -> tuple[str, ...]:
    """Return what a portion leaves out of a training, in words."""
    parts = []
    if portion.samples < samples:
        parts.append(f"{portion.samples:,} of {samples:,} training samples")
    if portion.epochs < epochs:
        parts.append(f"{portion.epochs:,} of {epochs:,} epochs")
    return (f"to keep it short: {', '.join(parts)}",) if parts else ()


def _rounded(number: int) -> int:
    """A number to two significant digits, downwards."""
    power: int = 10 ** max(0, len(str(number)) - 2)
    return number // power * power
