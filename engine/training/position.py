"""The position of a training: the scalars that a checkpoint needs for a resume with the same bits."""

import msgspec

from engine.optim.schedule import ScheduleState

EXPLODED = 1e6
"""A finite loss counts as a divergence from this multiple of its first value (or of 1, if that is larger)."""


class Position(msgspec.Struct, frozen=True):
    """The position of a training, as stored in a checkpoint.

    The order of an epoch's samples is not part of it: it follows from the seed and `epoch`.
    """

    step: int = 0
    """Updates made."""
    epoch: int = 0
    """Epochs completed."""
    cursor: int = 0
    """Samples of the current epoch already used."""
    loss_sum: float = 0.0
    """Sum over the used samples of the current epoch of the mean loss of their batch."""
    correct: int = 0
    """Samples of the current epoch that were classified correctly, each before its update."""
    first_loss: float | None = None
    """Loss of the first batch, the reference for a divergence."""
    best_loss: float | None = None
    """Lowest monitored loss so far, for early stopping; None before the first."""
    bad_epochs: int = 0
    """Epochs since the lowest monitored loss."""
    schedule: ScheduleState = ScheduleState()
    seconds: float = 0.0
    """Duration of training and evaluation."""

    @property
    def ceiling(self) -> float:
        """Magnitude from which a loss counts as a divergence."""
        return EXPLODED * max(1.0, abs(self.first_loss or 0.0))


def track_improvement(position: Position, loss: float) -> Position:
    """Return the position with the monitored loss of an epoch taken into account.

    Args:
        loss: loss over the validation split, else over the training split; no improvement if equal to the best.
    """
    if position.best_loss is None or loss < position.best_loss:
        return msgspec.structs.replace(position, best_loss=loss, bad_epochs=0)
    return msgspec.structs.replace(position, bad_epochs=position.bad_epochs + 1)


def is_patience_exhausted(position: Position, patience: int) -> bool:
    """Return True if the last `patience` epochs brought no improvement; always False for 0, no early stopping."""
    return position.bad_epochs >= patience > 0
