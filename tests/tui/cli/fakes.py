"""A run without a worker: the test scripts its events and states."""

from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from engine.events import Epoch, Event, Failed, Finished, Started, Steps


def started(
    epochs: int = 2, steps_per_epoch: int = 10, chance: float | None = 0.5, time: float = 0.0
) -> Started:
    """Return the event that starts a training of `epochs` epochs."""
    return Started(
        time=time,
        step=0,
        run="r-1",
        experiment={},
        n_parameters=9,
        train_samples=32 * steps_per_epoch,
        validation_samples=10,
        test_samples=10,
        steps_per_epoch=steps_per_epoch,
        epochs=epochs,
        chance=chance,
    )


def steps(first: int, losses: Sequence[float | None], time: float, seconds: float = 1.0) -> Steps:
    """Return the event of a chunk of updates that ended at `time`."""
    return Steps(time=time, step=first, losses=list(losses), seconds=seconds, epoch=1, learning_rate=0.1)


def epoch(number: int, accuracy: float | None = 0.75, step: int = 10) -> Epoch:
    """Return the event of epoch `number`."""
    return Epoch(
        time=float(number),
        step=step,
        epoch=number,
        train_loss=0.5,
        train_accuracy=accuracy,
        validation_loss=0.25,
        validation_accuracy=accuracy,
        learning_rate=0.1,
        samples_per_s=1000.0,
        seconds=1.0,
    )


def finished(state: Any = "finished", step: int = 20) -> Finished:
    """Return the last event of a training."""
    return Finished(
        time=9.0,
        step=step,
        state=state,
        train_loss=0.5,
        train_accuracy=0.75,
        validation_loss=0.25,
        validation_accuracy=0.875,
        test_loss=0.125,
        test_accuracy=1.0,
        epochs=2,
        steps=step,
        seconds=2.0,
    )


def failed(message: str, traceback: str = "") -> Failed:
    """Return the event of a worker that crashed, or of bad input if there is no traceback."""
    return Failed(time=1.0, step=0, message=message, hint="mend it", traceback=traceback)


class FakeRun:
    """Returns one batch of events per poll; the state is `running` until all are returned, then `end`.

    A callable in a batch is called when the batch is polled, for example to press Ctrl-C.
    """

    def __init__(self, folder: Path, batches: Sequence[Sequence[Any]], end: str = "finished") -> None:
        self.name, self.path, self.end = "r-1", folder, end
        self.address = self.name
        self.commands: list[str] = []
        self.offset = 0
        self._batches = [list(batch) for batch in batches]

    def follow(self, offset: int = 0) -> "FakeRun":
        """Return itself: there is only one reader."""
        return self

    def poll(self) -> list[Event]:
        """Return the events of the next batch; empty after the last one."""
        if not self._batches:
            return []
        batch = self._batches.pop(0)
        events = [item for item in batch if not callable(item)]
        for item in batch:
            if callable(item):
                item()
        self.offset += len(events)
        return events

    def status(self) -> SimpleNamespace:
        """Return the state, over once all events are returned."""
        over = not self._batches
        return SimpleNamespace(state=self.end if over else "running", is_over=over)

    def command(self, command: str) -> None:
        """Record the command."""
        self.commands.append(command)
