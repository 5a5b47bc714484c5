"""The events of a run in words, for the event log."""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from engine.events import AnyEvent, Checkpoint, Command, Epoch, Failed, Finding, Finished, Resumed, Started
from engine.words import counted
from engine.words import listed as listed_all
from tui.words.figures import figure, percent

Kind = Literal["info", "good", "warning", "error", "you"]
_SEVERITIES: dict[str, Kind] = {"info": "info", "warning": "warning", "error": "error"}


MILESTONES = 10
"""Epochs, at most, whose lines stay in the log of a long training; the line of the newest epoch is renewed."""


@dataclass(frozen=True)
class EventLine:
    """A line of the event log."""

    text: str
    kind: Kind
    at: float
    """Unix seconds."""
    topic: str = ""
    """Of the lines with the same topic only the newest stays; empty: the line stays."""


def line_of(
    event: AnyEvent, rate: float | None, *, epochs: int = 0, diverged_at: int | None = None
) -> EventLine | None:
    """Return the line for an event, None if it has none.

    Args:
        rate: the learning rate before the event.
        epochs: of the whole training; of more than `MILESTONES` not every one has a line that stays.
        diverged_at: the update in which the training diverged; None: not known.
    """
    found = _finished(event, diverged_at) if isinstance(event, Finished) else _text_and_kind(event, rate)
    return EventLine(*found, event.time, _topic(event, epochs)) if found else None


def repeats(event: AnyEvent, logged: str) -> bool:
    """Return whether an event reports the checkpoint at path `logged` again, after it was reported as the best."""
    return isinstance(event, Checkpoint) and event.path == logged and event.reason in ("epoch", "time")


def is_divergence(finding: Finding) -> bool:
    """Return True for the report on a divergence: it names the phase of the update that failed."""
    return "phase" in finding.evidence


def _topic(event: AnyEvent, epochs: int) -> str:
    match event:
        case Epoch(epoch=epoch):
            every = math.ceil(epochs / MILESTONES) or 1
            return "" if epoch % every == 0 or epoch == epochs else "epoch"
        case Checkpoint(reason="best" | "epoch" | "time" as reason):
            return f"checkpoint {reason}"
        case Command(command="step", refused=None):
            return "step"
    return ""


def listed(names: Sequence[str], most: int = 4) -> str:
    """Return names as `a, b and c`; names beyond the first `most` are counted."""
    if len(names) > most:
        return f"{', '.join(names[:most])} and {len(names) - most} more"
    return listed_all(names)


def _text_and_kind(event: AnyEvent, rate: float | None) -> tuple[str, Kind] | None:
    match event:
        case Started():
            return f"started: {counted(event.train_samples, 'training sample')}", "info"
        case Epoch():
            return f"epoch {event.epoch:,}: {_epoch_figures(event)}", "info"
        case Command():
            return _command(event, rate)
        case Checkpoint():
            return f"{_CHECKPOINTS.get(event.reason, event.reason)}, step {saved_step(event):,}", "good"
        case Resumed():
            return f"resumed at step {event.step:,}", "info"
        case Finding():  # a divergence is told by the end of the training
            return None if is_divergence(event) else (event.message, _SEVERITIES[event.severity])
        case Failed():
            return event.message, "error"
    return None


_CHECKPOINTS = {
    "best": "checkpoint (best)",
    "last": "checkpoint (last)",
    "diverged": "checkpoint: last finite weights",
    "command": "checkpoint",
    "epoch": "checkpoint",
    "time": "checkpoint",
}
"""The text of a checkpoint's line, by its reason."""
_STEP = re.compile(r"step-(\d+)\.")


def saved_step(event: Checkpoint) -> int:
    """Return the update whose weights a checkpoint holds, which may be older than the event."""
    found = _STEP.search(event.path)
    return int(found[1]) if found else event.step


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
        return f"layer stats {'on' if event.value else 'off'}", "you"
    if event.command == "pace":
        return pace_words(event.value), "you"
    words = {"pause": "paused", "resume": "resumed", "step": "single step", "stop": "stop requested"}
    word = words.get(event.command)
    return (f"{word}, step {event.step:,}", "you") if word else None


def pace_words(steps_per_s: object) -> str:
    """Return `slow motion: 20 steps/s`, or `full speed` for None."""
    if not isinstance(steps_per_s, int | float) or isinstance(steps_per_s, bool):
        return "full speed"
    return f"slow motion: {steps_per_s:g} step{'' if steps_per_s == 1 else 's'}/s"


def _finished(event: Finished, diverged_at: int | None) -> tuple[str, Kind]:
    if event.state == "diverged":
        where = f"by step {event.step:,}" if diverged_at is None else f"at step {diverged_at:,}"
        return f"diverged {where}", "error"
    if event.test_accuracy is not None:
        return f"{event.state}: test {percent(event.test_accuracy)}", "good"
    if event.test_loss is not None:
        return f"{event.state}: test loss {figure(event.test_loss)}", "good"
    return f"{event.state}, step {event.step:,}", "good"
