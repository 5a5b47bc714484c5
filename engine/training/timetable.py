"""The timetable of a training: steps per epoch, epochs that are evaluated, learning rate of each step."""

import math
from typing import Self

import msgspec

from engine.experiment.specs import TrainingSpec
from engine.optim.schedule import ScheduleProgress, ScheduleState

MAX_EPOCH_EVENTS = 1_000
"""With more epochs than this, only every second, third, ... epoch is evaluated and reported: an epoch of a single
full-batch step may take 30 microseconds."""


class Timetable(msgspec.Struct, frozen=True):
    """The timetable of a training, which follows from its experiment and its number of samples alone."""

    training: TrainingSpec
    n_samples: int
    """Training samples."""
    batch_size: int
    """Samples per step; the last step of an epoch may have fewer."""
    steps_per_epoch: int
    report_every: int
    """Epochs from one report to the next."""

    @classmethod
    def of(cls, training: TrainingSpec, n_samples: int) -> Self:
        """Return the timetable for `n_samples` training samples."""
        batch_size = min(training.batch_size or n_samples, n_samples)
        report_every = math.ceil(training.epochs / MAX_EPOCH_EVENTS)
        return cls(training, n_samples, batch_size, math.ceil(n_samples / batch_size), report_every)

    @property
    def total_steps(self) -> int:
        """Updates of the whole training."""
        return self.training.epochs * self.steps_per_epoch

    def reports_after(self, epoch: int) -> bool:
        """Return True if an `epoch` event follows this many epochs: about MAX_EPOCH_EVENTS per training at most."""
        return epoch % self.report_every == 0 or epoch == self.training.epochs

    def evaluates_after(self, epoch: int) -> bool:
        """Return True if the network is evaluated after this many epochs."""
        training = self.training
        return bool(training.patience) or training.schedule.moves == "loss" or self.reports_after(epoch)

    def next_evaluation(self, epoch: int) -> int:
        """Return the number of completed epochs at the next evaluation."""
        if self.evaluates_after(epoch + 1):
            return epoch + 1
        return min(self.training.epochs, (epoch // self.report_every + 1) * self.report_every)

    def rate_factor(self, step: int, state: ScheduleState) -> float:
        """Return the schedule's factor for the update after `step` updates."""
        progress = ScheduleProgress(step, self.total_steps, self.steps_per_epoch)
        return self.training.schedule.factor(progress, state)

    def has_fixed_rate(self, step: int) -> bool:
        """Return True if the schedule is constant from this step on."""
        schedule = self.training.schedule
        return schedule.is_constant and step >= schedule.warmup
