"""One update of a network: the innermost part of the training loop."""

import itertools
from collections.abc import Callable
from typing import Any

from engine.experiment.specs import TrainingSpec
from engine.nn.network import Network
from engine.optim.optimizer import OptimizerState, clip_by_norm
from engine.training.batches import BatchSource

Step = Callable[[int, float], Any]
"""A function (cursor, learning rate) that makes one update from the samples at the cursor and returns the batch's loss
before it: a number, or an object that the back end's `fetch` turns into one."""


def make_step(
    training: TrainingSpec, network: Network, state: OptimizerState, batch: BatchSource, first: int
) -> Step:
    """Return the function that makes one update of `network`.

    Args:
        first: number of the first update, needed by layers that draw at random.
    """
    optimizer, clip_norm = training.optimizer, training.clip_norm
    theta, grad, team = network.theta, network.grad, network.team

    def step(cursor: int, rate: float) -> Any:
        rows, targets = batch.take(cursor)
        scale = 1.0 if clip_norm else optimizer.gradient_scale(rate)
        term = network.backpropagate(rows, targets, scale)
        batch.record(cursor)
        if clip_norm:
            clip_by_norm(grad, clip_norm)
        optimizer.update(theta, grad, state, rate, scale, team)
        return term

    return numbered(step, network.set_step, first) if network.needs_step else step


def numbered(step: Step, set_step: Callable[[int], None], first: int) -> Step:
    """Return `step` with a call of `set_step`, with the update's number, before each update."""
    numbers = itertools.count(first)

    def numbered_step(cursor: int, rate: float) -> Any:
        set_step(next(numbers))
        return step(cursor, rate)

    return numbered_step
