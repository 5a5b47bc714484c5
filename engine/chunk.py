"""A chunk of updates, made in one go: the loop around the innermost step."""

from collections.abc import Callable
from typing import Any, NamedTuple

from engine.backends import Backend
from engine.position import Position
from engine.timetable import Timetable


class Bounds(NamedTuple):
    """Where a chunk ends at the latest."""

    steps: int
    seconds: float


class Chunk(NamedTuple):
    """What was done, and where it left the training."""

    losses: list[float]
    """Of each update's batch, before the update."""
    epoch_start: int
    """Where in `losses` the newest epoch begins; 0 too where it began in an earlier chunk."""
    epoch: int
    """Epochs completed."""
    cursor: int
    """Samples of the next epoch already used."""
    rate: float
    """Learning rate of the last update."""
    seconds: float


def run_chunk(
    backend: Backend,
    timetable: Timetable,
    position: Position,
    rate_at: Callable[[int], float],
    bounds: Bounds,
    timer: Callable[[], float],
) -> Chunk:
    """Make updates from `position` on until a bound is reached or an epoch that is looked at ends.

    Args:
        rate_at: the learning rate of the update after so many updates.
    """
    first, cursor, epoch = position.step, position.cursor, position.epoch
    next_look = timetable.next_look(epoch)
    backend.start_epoch(epoch, records=epoch + 1 == next_look)
    step_once = backend.stepper(first)
    n, m, limit = timetable.n_samples, timetable.batch_size, bounds.steps
    losses: list[Any] = []
    epoch_start = 0
    rate, rate_is_fixed = rate_at(first), timetable.has_fixed_rate(first)
    started = timer()
    deadline = started + bounds.seconds
    while True:
        if not rate_is_fixed:
            rate = rate_at(first + len(losses))
        losses.append(step_once(cursor, rate))
        cursor += m
        if cursor >= n:
            epoch, cursor = epoch + 1, 0
            if epoch == next_look:
                break
            epoch_start = len(losses)
            if timetable.steps_per_epoch > 1 or epoch + 1 == next_look:  # else nothing changes
                backend.start_epoch(epoch, records=epoch + 1 == next_look)
        if len(losses) >= limit or timer() >= deadline:
            break
    numbers = backend.fetch(losses)  # waits for what is still being computed, so that the time is true
    return Chunk(numbers, epoch_start, epoch, cursor, rate, timer() - started)
