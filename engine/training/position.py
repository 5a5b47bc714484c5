"""Where a training stands: what a checkpoint must know, beside the vectors, to go on with the same bits."""

import msgspec

from engine.optim.schedules import ScheduleState

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


def track_improvement(position: Position, loss: float) -> Position:
    """Return the position once an epoch was judged.

    Args:
        loss: over the validation split, or the training split where there is none; smaller is better, equal is not.
    """
    if position.best_loss is None or loss < position.best_loss:
        return msgspec.structs.replace(position, best_loss=loss, bad_epochs=0)
    return msgspec.structs.replace(position, bad_epochs=position.bad_epochs + 1)


def is_patience_exhausted(position: Position, patience: int) -> bool:
    """Whether the last `patience` epochs brought nothing better; never with a patience of 0, which is none at all."""
    return position.bad_epochs >= patience > 0
