"""The marks of a run for its plot: checkpoints, and changes of the learning rate."""

from engine.events import AnyEvent, Checkpoint, Command, Resumed
from engine.runs.commands import LEARNING_RATE
from tui.charts.marks import Mark

MOST = 256
"""Maximum marks of a kind; beyond it the oldest are dropped."""


class RunMarks:
    """Gathers marks from the events of a run."""

    def __init__(self) -> None:
        self._checkpoints: dict[str, int] = {}
        """The step of each file: one that is written again has only its newest mark."""
        self._rates: list[int] = []

    def absorb(self, event: AnyEvent) -> None:
        """Process the next event."""
        match event:
            case Checkpoint():
                self._checkpoints.pop(event.path, None)
                self._checkpoints[event.path] = event.step
                if len(self._checkpoints) > MOST:
                    del self._checkpoints[next(iter(self._checkpoints))]
            case Command(command="set", key=key, refused=None) if key == LEARNING_RATE:
                self._rates = [*self._rates, event.step][-MOST:]
            case Resumed():
                self._checkpoints = {
                    path: step for path, step in self._checkpoints.items() if step <= event.step
                }
                self._rates = [step for step in self._rates if step <= event.step]

    def marks(self) -> tuple[Mark, ...]:
        """Return the marks so far."""
        checkpoints = (Mark(step, "checkpoint") for step in self._checkpoints.values())
        return (*checkpoints, *(Mark(step, "rate") for step in self._rates))
