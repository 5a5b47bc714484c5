"""Copies of a network's weights at the places that a training may come back to."""

import numpy as np

from engine.arrays import Array
from engine.optim.optimizers import OptimizerState
from engine.training.position import Position


class SafeWeights:
    """The newest weights that are proven good, the newest of all, and the best; each (n_parameters + n_buffers,).

    Weights are proven by the next batch's loss, one chunk later; until then they are only the newest.

    Args:
        state: the network's `state`; copied.
        optimizer: what belongs to it; copied.
    """

    def __init__(self, state: Array, position: Position, optimizer: OptimizerState) -> None:
        self.good, self._newest = state.copy(), state.copy()
        self.good_optimizer, self._newest_optimizer = optimizer.copy(), optimizer.copy()
        self.good_position = position
        """Where the good ones stood."""
        self.best: Array | None = None
        """With early stopping, those of the best epoch so far."""

    def reset(self, state: Array, position: Position, optimizer: OptimizerState, best: Array | None) -> None:
        """Take up a training that stands at `state`."""
        np.copyto(self.good, state)
        np.copyto(self._newest, state)
        self.good_optimizer, self._newest_optimizer = optimizer.copy(), optimizer.copy()
        self.good_position = position
        self.best = None if best is None else best.copy()

    def confirm(self, position: Position) -> None:
        """The newest, which stood at `position`, are good: their loss was."""
        self.good, self._newest = self._newest, self.good
        self.good_optimizer, self._newest_optimizer = self._newest_optimizer, self.good_optimizer
        self.good_position = position

    def store(self, state: Array, optimizer: OptimizerState) -> None:
        """Take these as the newest."""
        np.copyto(self._newest, state)
        self._newest_optimizer.take(optimizer)

    def store_best(self, state: Array) -> None:
        """Take `state` as the best."""
        self.best = state.copy()
