"""The part of a training that fits into a trial, by a fixed price list instead of a clock: it is reproducible."""

import math
from typing import NamedTuple

from engine.experiment.specs import TrainingSpec
from engine.training.timetable import Timetable
from engine.words import counted

STEP_S, PRODUCT_S, ROW_S = 1e-4, 1.7e-10, 5e-6
"""Cost in seconds on a slow core (measured, one thread): of a step, of a sample times a parameter in it, and of
evaluating a sample."""
LEAST_EPOCHS, LEAST_SAMPLES = 3, 500
"""Bounds of what is left out: epochs first, down to the first; then samples, down to the second."""


class Portion(NamedTuple):
    """A part of a training."""

    samples: int
    epochs: int


def training_s(training: TrainingSpec, n_parameters: int, samples: int, epochs: int) -> float:
    """Return the cost of `epochs` epochs over `samples` samples, in nominal seconds."""
    table = Timetable.of(training, samples)
    return epochs * (table.steps_per_epoch * STEP_S + samples * n_parameters * PRODUCT_S)


def evaluation_s(n_parameters: int, samples: int) -> float:
    """Return the cost of evaluating `samples` samples, in nominal seconds."""
    return samples * (ROW_S + n_parameters * PRODUCT_S / 3)


def portion_for(
    training: TrainingSpec, n_parameters: int, samples: int, budget_s: float, evaluated: int = 0
) -> Portion:
    """Return how many of `samples` and of the training's epochs fit into a budget.

    Args:
        n_parameters: of the network.
        samples: training samples available.
        budget_s: nominal seconds.
        evaluated: samples of other parts that are evaluated at the end.
    """
    left_s = budget_s - evaluation_s(n_parameters, evaluated)
    evaluation = evaluation_s(n_parameters, samples)
    one_epoch = training_s(training, n_parameters, samples, 1)
    epochs = math.floor((left_s - evaluation) / one_epoch)
    least = min(LEAST_EPOCHS, training.epochs)
    if epochs >= least:
        return Portion(samples, min(epochs, training.epochs))
    share = left_s / (evaluation + least * one_epoch)
    return Portion(_rounded_down(max(min(LEAST_SAMPLES, samples), math.floor(share * samples))), least)


def steps_for(training: TrainingSpec, n_parameters: int, samples: int, budget_s: float) -> int:
    """Return the steps that fit into a budget of nominal seconds."""
    batch = Timetable.of(training, samples).batch_size
    return math.floor(budget_s / (STEP_S + batch * n_parameters * PRODUCT_S))


def left_out(portion: Portion, samples: int, epochs: int) -> tuple[str, ...]:
    """Return what a portion leaves out of a training, in words."""
    parts = []
    if portion.samples < samples:
        parts.append(f"{portion.samples:,} of {counted(samples, 'training sample')}")
    if portion.epochs < epochs:
        parts.append(f"{portion.epochs:,} of {counted(epochs, 'epoch')}")
    return (f"to keep it short: {', '.join(parts)}",) if parts else ()


def _rounded_down(number: int) -> int:
    """Return a number rounded down to two significant digits."""
    power: int = 10 ** max(0, len(str(number)) - 2)
    return number // power * power
