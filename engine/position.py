"""Where a training stands: what a checkpoint must know, beside the vectors, to go on with the same bits."""

import msgspec

from engine.schedules import ScheduleState

EXPLODED = 1e6
"""A loss this many times its first value (at least 1) is a divergence, though still a number."""


class Position(msgspec.Struct, frozen=True):
    """Where training stands, as a checkpoint keeps it. The order of an epoch's samples follows from (seed, epoch)."""

    step: int = 0
    """Updates made."""
    epoch: int = 0
    """Epochs completed."""
    cursor: int = 0
    """Samples of the current epoch already used."""
    loss_sum: float = 0.0
    """Sum over the current epoch's samples of their batch's loss."""
    correct: int = 0
    """Samples of the current epoch that were guessed right while it learned."""
    first_loss: float | None = None
    """Loss of the very first batch, by which a divergence is told."""
    best_loss: float | None = None
    """Best watched loss so far, for early stopping; None before the first."""
    bad_epochs: int = 0
    schedule: ScheduleState = ScheduleState()
    seconds: float = 0.0

    @property
    def ceiling(self) -> float:
        """A loss of this magnitude is a divergence."""
        return EXPLODED * max(1.0, abs(self.first_loss or 0.0))
