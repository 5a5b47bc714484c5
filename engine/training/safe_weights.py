"""Copies of a network's weights that a training may return to."""

import numpy as np

from engine.arrays import Array
from engine.optim.optimizer import OptimizerState
from engine.training.position import Position


class SafeWeights:
    """The newest weights confirmed as good, the newest weights, and the best; each (n_parameters + n_buffers,).

    Weights are confirmed by the loss of the next batch, one chunk later.

    Args:
        state: the network's `state`; copied.
        optimizer: the optimizer state at these weights; copied.
    """

    def __init__(self, state: Array, position: Position, optimizer: OptimizerState) -> None:
        self.good, self._newest = state.copy(), state.copy()
        self.good_optimizer, self._newest_optimizer = optimizer.copy(), optimizer.copy()
        self.good_position = position
        """Position of the training at the confirmed weights."""
        self.best: Array | None = None
        """State of the best epoch so far; None without early stopping."""

    def reset(self, state: Array, position: Position, optimizer: OptimizerState, best: Array | None) -> None:
        """Replace all weights by those of a restored training; arguments are copied."""
        np.copyto(self.good, state)
        np.copyto(self._newest, state)
        self.good_optimizer, self._newest_optimizer = optimizer.copy(), optimizer.copy()
        self.good_position = position
        self.best = None if best is None else best.copy()

    def confirm(self, position: Position) -> None:
        """Mark the newest weights, those at `position`, as good: their loss was finite."""
        self.good, self._newest = self._newest, self.good
        self.good_optimizer, self._newest_optimizer = self._newest_optimizer, self.good_optimizer
        self.good_position = position

    def store(self, state: Array, optimizer: OptimizerState) -> None:
        """Store these as the newest weights."""
        np.copyto(self._newest, state)
        self._newest_optimizer.take(optimizer)

    def store_best(self, state: Array) -> None:
        """Store `state` as the best weights."""
        self.best = state.copy()
