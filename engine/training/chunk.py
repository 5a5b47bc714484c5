"""A chunk of updates: the loop around the innermost step."""

from collections.abc import Callable
from typing import Any, NamedTuple

import msgspec

from engine.events import Steps
from engine.finite import significant
from engine.training.backends import Backend
from engine.training.position import Position
from engine.training.timetable import Timetable


class ChunkBounds(NamedTuple):
    """Upper bounds of a chunk."""

    steps: int
    """Updates."""
    seconds: float


class Chunk(NamedTuple):
    """The result of a chunk of updates."""

    losses: list[float]
    """Loss of each update's batch, before the update."""
    epoch_start: int
    """Index in `losses` of the first update of the newest epoch; 0 if that epoch started in an earlier chunk."""
    epoch: int
    """Epochs completed."""
    cursor: int
    """Samples of the current epoch already used."""
    rate: float
    """Learning rate of the last update."""
    seconds: float
    """Duration."""


def steps_event(before: Position, chunk: Chunk, *, time: float) -> Steps:
    """Return the event of a chunk that was made from the position `before` on."""
    return Steps(
        time=time,
        step=before.step,
        losses=significant(chunk.losses),
        seconds=round(chunk.seconds, 6),
        epoch=before.epoch + 1,
        learning_rate=chunk.rate,
    )


def run_chunk(
    backend: Backend,
    timetable: Timetable,
    position: Position,
    rate_at: Callable[[int], float],
    bounds: ChunkBounds,
    timer: Callable[[], float],
) -> Chunk:
    """Make updates from `position` on, until a bound is reached or an epoch ends that is evaluated.

    Args:
        rate_at: returns the learning rate of an update, given the number of updates before it.
        timer: returns seconds.
    """
    first, cursor, epoch = position.step, position.cursor, position.epoch
    next_evaluation = timetable.next_evaluation(epoch)
    backend.start_epoch(epoch, records=epoch + 1 == next_evaluation)
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
            if epoch == next_evaluation:
                break
            epoch_start = len(losses)
            if timetable.steps_per_epoch > 1 or epoch + 1 == next_evaluation:  # else nothing changes
                backend.start_epoch(epoch, records=epoch + 1 == next_evaluation)
        if len(losses) >= limit or timer() >= deadline:
            break
    numbers = backend.fetch(losses)  # waits for the device to finish, so that the measured time is complete
    return Chunk(numbers, epoch_start, epoch, cursor, rate, timer() - started)


def past_chunk(
    position: Position, chunk: Chunk, timetable: Timetable, count_correct: Callable[[int, int], int]
) -> Position:
    """Return the position after `chunk`, which started at `position`.

    Args:
        count_correct: `Backend.count_correct`.
    """
    loss_sum, correct = _sums(position, chunk, timetable, count_correct)
    return msgspec.structs.replace(
        position,
        step=position.step + len(chunk.losses),
        epoch=chunk.epoch,
        cursor=chunk.cursor,
        loss_sum=loss_sum,
        correct=correct,
        first_loss=chunk.losses[0] if position.first_loss is None else position.first_loss,
        seconds=position.seconds + chunk.seconds,
    )


def _sums(
    position: Position, chunk: Chunk, timetable: Timetable, count_correct: Callable[[int, int], int]
) -> tuple[float, int]:
    """Return the sum of losses over the newest epoch's samples, and the number of correct predictions."""
    losses, n, m = chunk.losses, timetable.n_samples, timetable.batch_size
    same_epoch = chunk.epoch_start == 0
    loss_sum, correct = (position.loss_sum, position.correct) if same_epoch else (0.0, 0)
    for loss in losses[chunk.epoch_start :]:  # one by one: the same bits wherever a chunk ends
        loss_sum += m * loss
    ended = chunk.cursor == 0 and chunk.epoch_start < len(losses)
    correct += count_correct(position.cursor if same_epoch else 0, n if ended else chunk.cursor)
    if ended:  # the epoch's last batch may be smaller
        loss_sum -= (timetable.steps_per_epoch * m - n) * losses[-1]
    return loss_sum, correct
