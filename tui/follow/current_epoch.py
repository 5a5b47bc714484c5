"""The epoch that a training is in: one figure on every screen."""


def current_epoch(step: int, steps_per_epoch: int, epochs: int) -> int:
    """Return the epoch after `step` updates, from 1; between two epochs the previous one counts as complete.

    Returns 0 if the number of updates per epoch is not known yet.
    """
    if not steps_per_epoch:
        return 0
    return min(max(1, -(-step // steps_per_epoch)), max(1, epochs))
