"""Downsampling of the `steps` events of a long run: losses in groups, short chunks merged."""

import msgspec

from engine.events import Steps

EXACT_STEPS = 200_000
"""Updates at the start of a run whose losses are recorded one by one; later ones in groups that grow with the run."""
HOLD_S = ((86_400.0, 2.0), (3_600.0, 1.0))
"""(seconds of training, seconds): after so much training, chunks are merged until they have this duration."""


def bucket_size(step: int) -> int:
    """Return the number of updates per group at `step`: a power of two, such that each doubling of the steps adds the
    same number of groups.
    """
    return 1 if step < EXACT_STEPS else 4 << (step // EXACT_STEPS).bit_length()


def in_buckets(event: Steps, size: int) -> Steps:
    """Return a chunk with its losses in groups of `size`; unchanged if `size` is 1 or it is grouped already."""
    if size <= 1 or event.buckets is not None or not event.losses:
        return event
    from engine.runs.loss_groups import (
        LossGroups,  # here: a worker writes its first status before it loads NumPy
    )

    groups = LossGroups(size)
    groups.extend(0, event.losses)
    return msgspec.structs.replace(event, losses=[], buckets=groups.buckets())


class Downsampler:
    """Merges the chunks of a long run; owns the chunk that is held back."""

    def __init__(self) -> None:
        self._held: Steps | None = None

    def add(self, event: Steps, trained_s: float) -> Steps | None:
        """Add a chunk; return the chunk to record now, None if it is held back.

        Args:
            trained_s: seconds of training so far, on which the duration of merged chunks depends.
        """
        hold_s = next((hold for after, hold in HOLD_S if trained_s >= after), 0.0)
        held = event if self._held is None else joined(self._held, event)
        self._held = held
        return None if held.seconds < hold_s else self.release()

    def release(self) -> Steps | None:
        """Return the chunk that was held back; None: no chunk."""
        held, self._held = self._held, None
        return None if held is None else in_buckets(held, bucket_size(held.step))


def joined(first: Steps, second: Steps) -> Steps:
    """Return two consecutive chunks as one; both have their losses one by one."""
    return msgspec.structs.replace(
        second,
        step=first.step,
        losses=[*first.losses, *second.losses],
        seconds=round(first.seconds + second.seconds, 6),
    )
