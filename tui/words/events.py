"""The events of a run in words, for the event log."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from engine.events import AnyEvent, Checkpoint, Command, Epoch, Failed, Finding, Finished, Resumed, Started
from engine.words import listed as listed_all
from tui.words.figures import figure, percent

Kind = Literal["info", "good", "warning", "error", "you"]
_SEVERITIES: dict[str, Kind] = {"info": "info", "warning": "warning", "error": "error"}


@dataclass(frozen=True)
class EventLine:
    """A line of the event log."""

    text: str
    kind: Kind
    at: float
    """Unix seconds."""


def line_of(event: AnyEvent, rate: float | None) -> EventLine | None:
    """Return the line for an event, None if it has none.

    Args:
        rate: the learning rate before the event.
    """
    found = _text_and_kind(event, rate)
    return EventLine(found[0], found[1], event.time) if found else None


def repeats(event: AnyEvent, logged: str) -> bool:
    """Return whether an event reports the checkpoint at path `logged` again, after it was reported as the best."""
    return isinstance(event, Checkpoint) and event.path == logged and event.reason in ("epoch", "time")


def listed(names: Sequence[str], most: int = 4) -> str:
    """Return names as `a, b and c`; names beyond the first `most` are counted."""
    if len(names) > most:
        return f"{', '.join(names[:most])} and {len(names) - most} more"
    return listed_all(names)


def _text_and_kind(event: AnyEvent, rate: float | None) -> tuple[str, Kind] | None:
    match event:
        case Started():
            return f"begins: {event.train_samples:,} samples", "info"
        case Epoch():
            return f"epoch {event.epoch}: {_epoch_figures(event)}", "info"
        case Command():
            return _command(event, rate)
        case Checkpoint():
            return f"{_CHECKPOINTS.get(event.reason, event.reason)}, step {event.step:,}", "good"
        case Resumed():
            return f"taken up again at step {event.step:,}", "info"
        case Finding():
            return event.message, _SEVERITIES[event.severity]
        case Finished():
            return _finished(event)
        case Failed():
            return event.message, "error"
    return None


_CHECKPOINTS = {
    "best": "kept: best",
    "last": "kept: last",
    "diverged": "kept: last good",
    "command": "kept",
    "epoch": "kept",
}
"""The text of a checkpoint's line, by its reason."""


def _epoch_figures(event: Epoch) -> str:
    if event.validation_accuracy is not None:
        return f"validation {percent(event.validation_accuracy)}"
    if event.validation_loss is not None:
        return f"validation {figure(event.validation_loss)}"
    if event.train_accuracy is not None:
        return f"train {percent(event.train_accuracy)}"
    return f"train loss {figure(event.train_loss)}"


def _command(event: Command, rate: float | None) -> tuple[str, Kind] | None:
    if event.refused:
        return f"{event.command or 'a command'} refused: {event.refused}", "warning"
    if event.command == "set":
        if isinstance(event.value, int | float) and math.isfinite(event.value):
            return f"learning rate {figure(rate)} → {figure(event.value)}", "you"
        return f"{event.key} = {event.value}", "you"
    if event.command == "measure":
        return "looks inside" if event.value else "looks inside no longer", "you"
    words = {"pause": "paused", "resume": "resumed", "step": "a single step", "stop": "asked to stop"}
    word = words.get(event.command)
    return (f"{word}, step {event.step:,}", "you") if word else None


def _finished(event: Finished) -> tuple[str, Kind]:
    if event.state == "diverged":
        return f"diverged, step {event.step:,}", "error"
    if event.test_accuracy is not None:
        return f"{event.state}: test {percent(event.test_accuracy)}", "good"
    if event.test_loss is not None:
        return f"{event.state}: test loss {figure(event.test_loss)}", "good"
    return f"{event.state}, step {event.step:,}", "good"
