"""What a run's events tell of its past, as far as it still counts: for whoever takes the run up again."""

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
    """The past of a run: every list in the order of events, with what was taken back left out."""

    path: Path
    spans: list[ByteSpan] = field(default_factory=list)
    """The parts of the events that were taken back."""
    starts: list[Started] = field(default_factory=list)
    """Each time that a worker came, with the experiment as it was then."""
    epochs: list[Epoch] = field(default_factory=list)
    checkpoints: list[Checkpoint] = field(default_factory=list)
    changes: list[AppliedChange] = field(default_factory=list)
    """The changes that were applied."""
    pending: list[AppliedChange] = field(default_factory=list)
    """Changes of steps that were taken back and have not been made again."""
    ending: Finished | Failed | None = None
    """The last word, unless a worker came after it."""
    commands_read: int = 0
    """Bytes of `commands.jsonl` that were answered, also in what was taken back."""

    def end_of_kept(self, step: int) -> int:
        """Return how many bytes of the events count for a run that goes on after `step` updates."""
        try:
            return timeline.end_of_kept(self.path, step, self.spans)
        except OSError:
            return 0

    def before(self, step: int) -> list[AppliedChange]:
        """Return the changes that were applied up to `step`."""
        return [change for change in self.changes if change.step <= step]

    def after(self, step: int) -> list[AppliedChange]:
        """Return the changes that are to be made after `step` updates for the run to be what it was."""
        return [change for change in (*self.changes, *self.pending) if change.step > step]


def read_history(folder: Path) -> RunHistory:
    """Return the past of the run in `folder`; empty where it has none, and as much as can be read of it."""
    path = folder / log.FILE_NAME
    history = RunHistory(path, timeline.rolled_back_spans(path))
    for counts, event in _events(path, history.spans):
        if isinstance(event, Command) and event.read is not None:
            history.commands_read = max(history.commands_read, event.read)
        if counts:
            _add(history, event)
    return history


def _events(path: Path, spans: list[ByteSpan]) -> Iterator[tuple[bool, AnyEvent]]:
    """Yield (whether it counts, event) for all but the chunks of steps."""
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
    """Forget what was made again; a change that a person made since has the last word."""
    if not event.replayed:
        history.pending = [change for change in history.pending if change.key != event.key]
    elif history.pending:
        history.pending.pop(0)


def rate_of(changes: list[AppliedChange]) -> float | None:
    """Return the learning rate that the last of the changes set; None where none did."""
    rates = [change.value for change in changes if change.key == LEARNING_RATE]
    return float(rates[-1]) if rates and isinstance(rates[-1], int | float) else None
