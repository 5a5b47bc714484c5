"""Early stopping: which epoch was the best so far, and when it was too long ago."""

import msgspec

from engine.position import Position


def after_epoch(position: Position, loss: float) -> Position:
    """Return the position once an epoch was judged.

    Args:
        loss: over the validation split, or the training split where there is none; smaller is better, equal is not.
    """
    if position.best_loss is None or loss < position.best_loss:
        return msgspec.structs.replace(position, best_loss=loss, bad_epochs=0)
    return msgspec.structs.replace(position, bad_epochs=position.bad_epochs + 1)


def has_run_out(position: Position, patience: int) -> bool:
    """Whether the last `patience` epochs brought nothing better; never with a patience of 0, which is none at all."""
    return position.bad_epochs >= patience > 0
