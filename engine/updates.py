"""One update of a network: the innermost part of the training loop."""

from collections.abc import Callable

from engine.batches import BatchSource
from engine.numpy_network import Network
from engine.optimizers import OptimizerState, clip_by_norm
from engine.specs import TrainingSpec

Step = Callable[[int, float], float]
"""Makes one update from the samples at a cursor at a learning rate, and returns the batch's loss before it."""


def make_step(training: TrainingSpec, network: Network, state: OptimizerState, batch: BatchSource) -> Step:
    """Return the function that makes one update of `network`, with all that it needs at hand."""
    optimizer, clip_norm = training.optimizer, training.clip_norm
    theta, grad = network.theta, network.grad

    def step(cursor: int, rate: float) -> float:
        rows, targets = batch.take(cursor)
        scale = 1.0 if clip_norm else optimizer.gradient_scale(rate)
        loss = network.learn_from(rows, targets, scale)
        batch.record(cursor)
        if clip_norm:
            clip_by_norm(grad, clip_norm)
        optimizer.update(theta, grad, state, rate, scale)
        return loss

    return step
