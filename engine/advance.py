"""Where a chunk of updates leaves a training: the position past it, with the sums of the epoch under way."""

from collections.abc import Callable

import msgspec

from engine.chunk import Chunk
from engine.position import Position
from engine.timetable import Timetable


def past_chunk(
    position: Position, chunk: Chunk, timetable: Timetable, count_correct: Callable[[int, int], int]
) -> Position:
    """Return where `chunk`, which began at `position`, ended.

    Args:
        count_correct: how many of the epoch's samples from one place to another, in the epoch's order, were guessed
            right while it learned.
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
    """The sum of losses over the newest epoch's samples, and how many of them were guessed right."""
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
