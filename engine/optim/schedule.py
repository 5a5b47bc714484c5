"""The base class of learning-rate schedules, with the progress of a training and the state between its epochs.

A schedule gives the factor f by which the optimizer's learning rate is multiplied at a step. It may be preceded by
`warmup` steps of linear increase.

A new schedule is a class, in `schedules.py` or its own file, and one entry in `SCHEDULES`.
"""

from typing import Any, ClassVar, Literal

import msgspec

from engine.named import Count, Named


class ScheduleProgress(msgspec.Struct, frozen=True):
    """Progress and length of a training, in steps."""

    step: int
    """Number of updates made so far."""
    total_steps: int
    steps_per_epoch: int


class ScheduleState(msgspec.Struct, frozen=True):
    """The state of a schedule between epochs; saved in checkpoints."""

    factor: float = 1.0
    """Current factor of `plateau`."""
    best_loss: float | None = None
    """Lowest monitored loss; None before the first epoch, because JSON, the checkpoints' format, has no infinity."""
    bad_epochs: int = 0
    """Consecutive epochs without an improvement."""


class Schedule(Named, frozen=True):
    """The learning rate's factor over a training; its fields are its options in the experiment file."""

    moves: ClassVar[Literal["step", "epoch", "loss"]] = "step"
    """The times at which the factor can change: each step, each epoch, or each epoch according to its loss."""
    is_constant: ClassVar[bool] = False
    """True if the factor is always 1 after the warm-up."""
    torch_name: ClassVar[str] = ""
    """Name of the class in `torch.optim.lr_scheduler`; empty: no equivalent."""

    warmup: Count = 0
    """Steps of linear increase from lr/warmup to lr before the schedule itself starts."""

    def torch_options(self, lr: float, steps: int) -> dict[str, Any]:
        """Return the keyword arguments of PyTorch's class for learning rate `lr` and a training of `steps` updates."""
        return {}

    def factor(self, progress: ScheduleProgress, state: ScheduleState) -> float:
        """Return the factor, in [0, 1], for the next update, the one after `progress.step` updates."""
        if progress.step < self.warmup:
            return (progress.step + 1) / self.warmup
        rest = ScheduleProgress(
            progress.step - self.warmup,
            max(1, progress.total_steps - self.warmup),
            progress.steps_per_epoch,
        )
        return self._factor(rest, state)

    def after_epoch(self, loss: float, state: ScheduleState) -> ScheduleState:
        """Return the state after an epoch whose monitored loss (validation, without one training) was `loss`."""
        return state

    def _factor(self, progress: ScheduleProgress, state: ScheduleState) -> float:
        """Return the factor at `progress`, which does not count the warm-up."""
        raise NotImplementedError
