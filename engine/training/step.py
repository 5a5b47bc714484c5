"""One update of a network: the innermost part of the training loop."""

import itertools
from collections.abc import Callable
from typing import Any

from engine.experiment.specs import TrainingSpec
from engine.nn.network import Network
from engine.optim.optimizers import OptimizerState, clip_by_norm
from engine.training.batches import BatchSource

Step = Callable[[int, float], Any]
"""Makes one update from the samples at a cursor at a learning rate, and returns the batch's loss before it: a number,
or what a back end can `fetch` one from."""


def make_step(
    training: TrainingSpec, network: Network, state: OptimizerState, batch: BatchSource, first: int
) -> Step:
    """Return the function that makes one update of `network`, with all that it needs at hand.

    Args:
        first: number of the first update, which layers that draw at random want to know.
    """
    optimizer, clip_norm = training.optimizer, training.clip_norm
    theta, grad = network.theta, network.grad

    def step(cursor: int, rate: float) -> Any:
        rows, targets = batch.take(cursor)
        scale = 1.0 if clip_norm else optimizer.gradient_scale(rate)
        term = network.backpropagate(rows, targets, scale)
        batch.record(cursor)
        if clip_norm:
            clip_by_norm(grad, clip_norm)
        optimizer.update(theta, grad, state, rate, scale)
        return term

    return numbered(step, network.set_step, first) if network.needs_step else step


def numbered(step: Step, set_step: Callable[[int], None], first: int) -> Step:
    """Return `step` with each update's number told to `set_step` before it."""
    numbers = itertools.count(first)

    def numbered_step(cursor: int, rate: float) -> Any:
        set_step(next(numbers))
        return step(cursor, rate)

    return numbered_step
