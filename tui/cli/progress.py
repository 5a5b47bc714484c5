"""The progress of a training, gathered from its events, for every display of the command line."""

from engine.events import Command, Epoch, Event, Finished, Resumed, Started, Steps
from tui.cli.loss_curve import CompactCurve
from tui.follow.current_epoch import current_epoch
from tui.follow.throughput import Throughput


class Progress:
    """The state of a training after the events passed to `add`."""

    def __init__(self) -> None:
        self.started: Started | None = None
        self.last_epoch: Epoch | None = None
        self.finished: Finished | None = None
        self.curve = CompactCurve()
        """Training loss by step."""
        self.step = 0
        self.learning_rate: float | None = None
        self.paused = False
        self._pace = Throughput()

    def add(self, event: Event) -> None:
        """Add the next event."""
        self.step = max(self.step, event.step)
        self._pace.add(event)
        match event:
            case Started():
                self.started = event
            case Steps():
                self._add_steps(event)
            case Epoch():
                self.last_epoch = event
                self.learning_rate = event.learning_rate
            case Command(command="pause" | "resume" | "step", refused=None):
                self.paused = event.command != "resume"  # a single step ends in a pause
            case Resumed():
                self.step, self.paused = event.step, False
            case Finished():
                self.finished = event

    def _add_steps(self, event: Steps) -> None:
        self.curve.extend(event.means)
        self.learning_rate = event.learning_rate
        self.step = event.step + event.count

    @property
    def epochs(self) -> int:
        """Total number of epochs; 0 before the training has started."""
        return self.started.epochs if self.started else 0

    @property
    def steps_per_epoch(self) -> int:
        """Updates in one epoch, at least 1."""
        return max(1, self.started.steps_per_epoch) if self.started else 1

    @property
    def total_steps(self) -> int:
        """Updates in the whole training."""
        return self.epochs * self.steps_per_epoch

    @property
    def epoch(self) -> int:
        """The current epoch, counted from 1."""
        return current_epoch(self.step, self.steps_per_epoch, self.epochs)

    @property
    def batch(self) -> int:
        """Batches completed in the current epoch."""
        return self.step - (self.epoch - 1) * self.steps_per_epoch

    @property
    def steps_per_s(self) -> float:
        """Recent updates per second, evaluation included; 0 before it is known."""
        return self._pace.steps_per_s

    @property
    def samples_per_s(self) -> float:
        """Recent training samples per second; 0 before it is known."""
        samples = self.started.train_samples if self.started else 0
        return self.steps_per_s * samples / self.steps_per_epoch

    @property
    def seconds_left(self) -> float | None:
        """Seconds until the last epoch ends; None before it is known."""
        return self._pace.seconds_for(self.total_steps - self.step)
