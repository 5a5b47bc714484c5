"""The changes that each event makes to a run's status."""

import math
from collections.abc import Callable, Iterable

import msgspec

from engine.events import Epoch, Event, Failed, Finished, Started, Steps
from engine.finite import finite
from engine.runs.status import Status
from engine.training.position import Position

SMOOTHING = 0.3
"""Weight of the newest chunk in the smoothed speed."""


def absorb(status: Status, event: Event) -> Status:
    """Return the status after `event`."""
    match event:
        case Started():
            return _started(status, event)
        case Steps():
            return _steps(status, event)
        case Epoch():
            return _epoch(status, event)
        case Finished():
            return _finished(status, event)
        case Failed():
            return msgspec.structs.replace(status, state="failed", message=event.message, hint=event.hint)
        case _:
            return status


def rolled_back(status: Status, epochs: Iterable[Epoch], position: Position) -> Status:
    """Return the status of a run that is resumed at `position`, after the epochs that are still valid."""
    blank = dict.fromkeys((*_FIGURES, "loss", "samples_per_s", "steps_per_s"))
    status = msgspec.structs.replace(status, **blank, message="", hint="")
    for epoch in epochs:
        status = _epoch(status, epoch)
    return msgspec.structs.replace(
        status, step=position.step, epoch=position.epoch, seconds=round(position.seconds, 3)
    )


_FIGURES = (
    "train_loss",
    "train_accuracy",
    "validation_loss",
    "validation_accuracy",
    "best_validation_loss",
    "best_validation_accuracy",
    "test_loss",
    "test_accuracy",
)


def _started(status: Status, event: Started) -> Status:
    return msgspec.structs.replace(
        status,
        backend=event.backend,
        n_parameters=event.n_parameters,
        epochs=event.epochs,
        steps_per_epoch=event.steps_per_epoch,
        total_steps=event.epochs * event.steps_per_epoch,
        chance=event.chance,
        threads=event.threads,
    )


def _steps(status: Status, event: Steps) -> Status:
    losses = [loss for loss in event.means if loss is not None]
    step = event.step + event.count
    speed = event.count / max(event.seconds, 1e-9)
    if status.steps_per_s is not None:
        speed = SMOOTHING * speed + (1 - SMOOTHING) * status.steps_per_s
    return msgspec.structs.replace(
        status,
        step=step,
        epoch=step // status.steps_per_epoch if status.steps_per_epoch else status.epoch,
        loss=finite(math.fsum(losses) / len(losses)) if losses else None,
        learning_rate=event.learning_rate,
        steps_per_s=round(speed, 1),
        seconds=round(status.seconds + event.seconds, 3),
    )


def _epoch(status: Status, event: Epoch) -> Status:
    return msgspec.structs.replace(
        status,
        epoch=event.epoch,
        train_loss=finite(event.train_loss),
        train_accuracy=event.train_accuracy,
        validation_loss=finite(event.validation_loss),
        validation_accuracy=event.validation_accuracy,
        best_validation_loss=_best(min, status.best_validation_loss, finite(event.validation_loss)),
        best_validation_accuracy=_best(max, status.best_validation_accuracy, event.validation_accuracy),
        samples_per_s=event.samples_per_s,
    )


def _finished(status: Status, event: Finished) -> Status:
    return msgspec.structs.replace(
        status,
        state=event.state,
        step=event.steps,
        epoch=event.epochs,
        train_loss=finite(event.train_loss),
        train_accuracy=event.train_accuracy,
        validation_loss=finite(event.validation_loss),
        validation_accuracy=event.validation_accuracy,
        best_validation_loss=_best(min, status.best_validation_loss, finite(event.validation_loss)),
        best_validation_accuracy=_best(max, status.best_validation_accuracy, event.validation_accuracy),
        test_loss=finite(event.test_loss),
        test_accuracy=event.test_accuracy,
        seconds=event.seconds,
        message=event.reason,
    )


def _best(choose: Callable[[list[float]], float], old: float | None, new: float | None) -> float | None:
    known = [value for value in (old, new) if value is not None]
    return choose(known) if known else None
