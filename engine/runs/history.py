"""The past of a run as its valid events have it, for a resume, a fork or a replay."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from engine.events import (
    AnyEvent,
    AppliedChange,
    Checkpoint,
    Command,
    Epoch,
    Failed,
    Finished,
    Resumed,
    Started,
)
from engine.runs import log, timeline
from engine.runs.commands import LEARNING_RATE
from engine.runs.log import DamagedLineError, decode_event
from engine.runs.timeline import ByteSpan

_STEPS = b'{"type":"steps"'


@dataclass
class RunHistory:
    """The past of a run: lists in the order of events, without events that are rolled back."""

    path: Path
    """The run's `events.jsonl`."""
    spans: list[ByteSpan] = field(default_factory=list)
    """The parts of the file that are rolled back."""
    starts: list[Started] = field(default_factory=list)
    """One event per worker, each with the experiment at that time."""
    epochs: list[Epoch] = field(default_factory=list)
    checkpoints: list[Checkpoint] = field(default_factory=list)
    changes: list[AppliedChange] = field(default_factory=list)
    """Changes of settings that were applied."""
    pending: list[AppliedChange] = field(default_factory=list)
    """Changes in updates that are rolled back, not yet applied again."""
    ending: Finished | Failed | None = None
    """The final event; None during training, and after a resume."""
    commands_read: int = 0
    """Bytes of `commands.jsonl` that were answered, including answers that are rolled back."""

    def end_of_kept(self, step: int) -> int:
        """Return how many bytes of the events stay valid when the run is resumed after `step` updates."""
        try:
            return timeline.end_of_kept(self.path, step, self.spans)
        except OSError:
            return 0

    def before(self, step: int) -> list[AppliedChange]:
        """Return the changes that were applied up to step `step`."""
        return [change for change in self.changes if change.step <= step]

    def after(self, step: int) -> list[AppliedChange]:
        """Return the changes after step `step` that a resumed run has to repeat."""
        return [change for change in (*self.changes, *self.pending) if change.step > step]


def read_history(folder: Path) -> RunHistory:
    """Return the past of the run in `folder`, as far as it can be read; empty if there are no events."""
    path = folder / log.FILE_NAME
    history = RunHistory(path, timeline.rolled_back_spans(path))
    for counts, event in _events(path, history.spans):
        if isinstance(event, Command) and event.read is not None:
            history.commands_read = max(history.commands_read, event.read)
        if counts:
            _add(history, event)
    return history


def _events(path: Path, spans: list[ByteSpan]) -> Iterator[tuple[bool, AnyEvent]]:
    """Yield (is valid, event) for all events except chunks of steps; not valid means rolled back."""
    try:
        size = path.stat().st_size
        for offset, line in timeline.lines_between(path, 0, size):
            if line.startswith(_STEPS):
                continue
            try:
                event = decode_event(line)
            except DamagedLineError:
                continue
            if event is not None:
                yield not any(span.start <= offset < span.end for span in spans), event
    except OSError:
        return


def _add(history: RunHistory, event: AnyEvent) -> None:
    match event:
        case Started():
            history.starts.append(event)
            history.ending = None
        case Resumed():
            history.pending = list(event.commands)
            history.ending = None
        case Epoch():
            history.epochs.append(event)
        case Checkpoint():
            history.checkpoints.append(event)
        case Command(command="set", key=str(key), refused=None):
            history.changes.append(AppliedChange(event.step, key, event.value))
            _settle_pending(history, event)
        case Finished() | Failed():
            history.ending = event


def _settle_pending(history: RunHistory, event: Command) -> None:
    """Remove pending changes that were applied again; a new change by a user supersedes those of its key."""
    if not event.replayed:
        history.pending = [change for change in history.pending if change.key != event.key]
    elif history.pending:
        history.pending.pop(0)


def rate_of(changes: list[AppliedChange]) -> float | None:
    """Return the learning rate that the last of the changes set; None if none did."""
    rates = [change.value for change in changes if change.key == LEARNING_RATE]
    return float(rates[-1]) if rates and isinstance(rates[-1], int | float) else None
