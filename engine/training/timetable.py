"""How a training is divided: steps in an epoch, epochs that are looked at, the learning rate of each step."""

import math
from typing import Self

import msgspec

from engine.experiment.specs import TrainingSpec
from engine.optim.schedules import ScheduleProgress, ScheduleState

MAX_EPOCH_EVENTS = 1_000
"""With more epochs than this only every second, third, ... one is evaluated and reported: a full-batch epoch may be a
single step of 30 microseconds."""


class Timetable(msgspec.Struct, frozen=True):
    """The plan of a training, which follows from its experiment and the number of its samples alone."""

    training: TrainingSpec
    n_samples: int
    batch_size: int
    """Samples of a step; the last one of an epoch may have fewer."""
    steps_per_epoch: int
    report_every: int
    """Epochs from one report to the next."""

    @classmethod
    def of(cls, training: TrainingSpec, n_samples: int) -> Self:
        """Return the plan for so many training samples."""
        batch_size = min(training.batch_size or n_samples, n_samples)
        report_every = math.ceil(training.epochs / MAX_EPOCH_EVENTS)
        return cls(training, n_samples, batch_size, math.ceil(n_samples / batch_size), report_every)

    @property
    def total_steps(self) -> int:
        """Updates of the whole training."""
        return self.training.epochs * self.steps_per_epoch

    def reports(self, epoch: int) -> bool:
        """Whether there is an event after this many epochs: at most some MAX_EPOCH_EVENTS in a training."""
        return epoch % self.report_every == 0 or epoch == self.training.epochs

    def looks_at(self, epoch: int) -> bool:
        """Whether the network is evaluated after this many epochs."""
        return bool(self.training.patience) or self.training.schedule.moves == "loss" or self.reports(epoch)

    def next_look(self, epoch: int) -> int:
        """How many epochs will have been made when the network is evaluated next."""
        if self.looks_at(epoch + 1):
            return epoch + 1
        return min(self.training.epochs, (epoch // self.report_every + 1) * self.report_every)

    def rate_factor(self, step: int, state: ScheduleState) -> float:
        """The schedule's factor for the update after `step` updates."""
        progress = ScheduleProgress(step, self.total_steps, self.steps_per_epoch)
        return self.training.schedule.factor(progress, state)

    def has_fixed_rate(self, step: int) -> bool:
        """Whether the rate stays as it is from this step on."""
        schedule = self.training.schedule
        return schedule.is_constant and step >= schedule.warmup
